// Package cache keeps the outputs of actions. An action is named by the hash
// of printable lines that say everything it depends on; its record names the
// objects it put out; an object is named by the hash of its bytes.
//
// Its stance: nothing on disk is trusted. Whatever is read is compared with a
// hash, and a record or object that differs is as good as absent.
//
// Start reading at Hash, how an action is named, then Cache.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"runexp/internal/atomicfile"
)

// ErrDamaged is wrapped by errors about a file whose bytes are not those that
// were written.
var ErrDamaged = errors.New("damaged")

// Cache is a folder of records and objects. Several processes may use one.
type Cache struct{ dir string }

// New returns the cache in dir, which need not exist.
func New(dir string) *Cache { return &Cache{dir: dir} }

// Enter takes note of a user of the cache until it leaves.
func (c *Cache) Enter() (leave func(), err error) { return atomicfile.Share(c.dir) }

// Alone keeps others from entering until the caller leaves. If there are users
// it does not wait: the error wraps atomicfile.ErrLocked.
func (c *Cache) Alone() (leave func(), err error) { return atomicfile.TryLock(c.dir) }

// ObjectPath returns where the object called id is kept.
func (c *Cache) ObjectPath(id string) string { return filepath.Join(c.dir, "objects", id) }

// ActionPath returns where the record of the action called id is kept.
func (c *Cache) ActionPath(id string) string { return filepath.Join(c.dir, "actions", id) }

// Sum returns the name of an object that holds data.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// SumFile returns the name of an object that holds what is in the file at path.
func SumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Put keeps data as an object and returns its name.
func (c *Cache) Put(data []byte) (id string, err error) {
	id = Sum(data)
	if c.Check(id) == nil {
		return id, nil
	}
	return id, atomicfile.WriteBytes(c.ObjectPath(id), data)
}

// Check reports whether the object called id is there and sound: nil, or an
// error that wraps fs.ErrNotExist or ErrDamaged.
func (c *Cache) Check(id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	got, err := SumFile(c.ObjectPath(id))
	if err == nil && got != id {
		err = fmt.Errorf("%s: %w", c.ObjectPath(id), ErrDamaged)
	}
	return err
}

// Get returns the object called id, with the errors of Check.
func (c *Cache) Get(id string) ([]byte, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(c.ObjectPath(id))
	if err == nil && Sum(data) != id {
		err = fmt.Errorf("%s: %w", c.ObjectPath(id), ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// Record keeps the record of an action, replacing an older one.
func (c *Cache) Record(action string, record []byte) error {
	head := header(action, record)
	return atomicfile.Write(c.ActionPath(action), func(w io.Writer) error {
		if _, err := w.Write(head); err != nil {
			return err
		}
		_, err := w.Write(record)
		return err
	})
}

// Lookup returns the record of an action, or an error that wraps
// fs.ErrNotExist or ErrDamaged.
func (c *Cache) Lookup(action string) ([]byte, error) {
	if err := checkID(action); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(c.ActionPath(action))
	if err != nil {
		return nil, err
	}
	record, ok := unseal(action, data)
	if !ok {
		return nil, fmt.Errorf("%s: %w", c.ActionPath(action), ErrDamaged)
	}
	return record, nil
}

// header is the first line of a record's file. It names the action too, so
// that a file copied to another name is noticed.
func header(action string, record []byte) []byte {
	return fmt.Appendf(nil, "runexp action %s record %s\n", action, Sum(record))
}

// unseal returns the record in a file and whether it is the one written.
func unseal(action string, data []byte) ([]byte, bool) {
	i := bytes.IndexByte(data, '\n') + 1
	record := data[i:]
	return record, bytes.Equal(data[:i], header(action, record))
}

// checkID refuses a name that is no hash, which a damaged sidecar may hold: it
// must not become a path.
func checkID(id string) error {
	if b, err := hex.DecodeString(id); err != nil || len(b) != sha256.Size {
		return fmt.Errorf("name %q: %w", id, ErrDamaged)
	}
	return nil
}
