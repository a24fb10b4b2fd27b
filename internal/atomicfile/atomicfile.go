// Package atomicfile is the only creator of files. A file appears under its
// name whole or not at all: it is written beside its destination, synced,
// renamed over it, and the folder is synced. It also keeps processes apart: see
// Lock for folders and TryLockFile for the whole machine.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// TempPrefix starts the name of every file that is not finished yet.
const TempPrefix = ".tmp-"

// ErrLocked says that another holder has what was to be locked.
var ErrLocked = errors.New("in use by another process")

// Write creates or replaces path with what write puts out, creating the folder
// if needed; a folder of that name is an error. On any error path is left as it was and nothing else remains.
func Write(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() { // before the work; the rename would name the temporary file
		return fmt.Errorf("%s: is a directory", path)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, TempPrefix+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := f.Chmod(0o644); err != nil { // CreateTemp leaves 0600
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// WriteBytes is Write of a slice.
func WriteBytes(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
