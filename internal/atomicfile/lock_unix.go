//go:build unix

package atomicfile

import (
	"os"
	"syscall"
)

// Lock waits until no other holder, in this process or another, has dir, and
// returns the function that gives it back. The lock dies with its process, so
// it is never stale. On a file system without locks it does nothing.
func Lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	return func() { d.Close() }, nil // closing gives the lock back
}
