package load

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile bounds a law in a file: a trace of about fifty million queries.
const maxFile = 1 << 30

// ReadFile reads a file that a law names, of a sane size.
func ReadFile(path string) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// file is a user's file whose size cannot be trusted: a pipe has none, and what
// lies below /proc says 0.
type file struct {
	f    *os.File // not embedded: its WriteTo would pass the bound by
	left int64    // bytes that may still come
}

// open opens a file for reading. A device such as /dev/zero, which may never
// end, is refused.
func open(path string) (*file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode()&fs.ModeDevice != 0 {
		err = fmt.Errorf("%s: a device is no file of a law", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &file{f, maxFile}, nil
}

// Read implements io.Reader.
func (f *file) Read(p []byte) (int, error) {
	n, err := f.f.Read(p)
	if f.left -= int64(n); f.left < 0 {
		return 0, fmt.Errorf("%s: more than %d bytes", f.f.Name(), maxFile)
	}
	return n, err
}

// Close implements io.Closer.
func (f *file) Close() error { return f.f.Close() }
