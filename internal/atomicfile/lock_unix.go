//go:build unix

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// Lock waits until no other holder, in this process or another, has dir, and
// returns the function that gives it back. The lock dies with its process, so
// it is never stale. On a file system without locks it does nothing.
func Lock(dir string) (unlock func(), err error) { return lockDir(dir, syscall.LOCK_EX) }

// Share is Lock for holders that do not mind each other: it waits for those who
// hold dir by Lock or TryLock, and they for it.
func Share(dir string) (unlock func(), err error) { return lockDir(dir, syscall.LOCK_SH) }

// TryLock is Lock that returns ErrLocked instead of waiting.
func TryLock(dir string) (unlock func(), err error) {
	return lockDir(dir, syscall.LOCK_EX|syscall.LOCK_NB)
}

func lockDir(dir string, how int) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := flock(d, how); err != nil {
		d.Close()
		return nil, err
	}
	return func() { d.Close() }, nil // closing gives the lock back
}

// flock locks a file or folder. A file system without locks is no error.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err == syscall.EWOULDBLOCK {
			return ErrLocked
		}
		if err != syscall.EINTR {
			return nil
		}
	}
}

// TryLockFile locks the file at path, creating it if need be, and writes into
// it who holds it; or, if somebody does already, returns ErrLocked and who. The
// lock dies with its process: what a dead holder wrote is written over. The
// file may be used by all users of a machine and is never removed.
func TryLockFile(path, who string) (unlock func(), holder string, err error) {
	f, err := openShared(path)
	if err != nil {
		return nil, "", err
	}
	if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		text := make([]byte, 1024)
		n, _ := f.ReadAt(text, 0) // whoever holds it may not have written yet
		return nil, strings.TrimSpace(string(text[:n])), err
	}
	f.Truncate(0) // what is written is for people: the lock holds without it
	f.WriteAt([]byte(who+"\n"), 0)
	return func() {
		f.Truncate(0)
		f.Close()
	}, "", nil
}

// openShared opens a file that others may own.
func openShared(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0) // nobody's link leads the writer elsewhere
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err == nil {
			f.Chmod(0o666) // whatever the umask
		}
	}
	if errors.Is(err, fs.ErrPermission) { // locking needs no more than this
		f, err = os.Open(path)
	}
	return f, err
}
