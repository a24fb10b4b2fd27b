package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"runexp/internal/atomicfile"
)

// Kind is what a file of the cache is.
type Kind int

// The kinds of files in a cache.
const (
	Action Kind = iota // the record of an action
	Object             // an output
	Part               // of the output of an action that has not ended
	Temp               // unfinished: its writer was killed, unless the cache is in use
)

// Entry is one file of the cache.
type Entry struct {
	Kind   Kind
	ID     string // of the action or object; of a part, its action's
	Path   string
	Bytes  int64
	Stored time.Time
}

// List returns the files of the cache. Whatever is not the cache's own is left
// out.
func (c *Cache) List() ([]Entry, error) {
	var list []Entry
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		e, ours := c.entry(path)
		if !ours {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		e.Bytes, e.Stored = info.Size(), info.ModTime()
		list = append(list, e)
		return nil
	})
	return list, err
}

// entry says what the file at path is, by its place alone.
func (c *Cache) entry(path string) (e Entry, ours bool) {
	rel, err := filepath.Rel(c.dir, path)
	if err != nil {
		return Entry{}, false
	}
	names := strings.Split(filepath.ToSlash(rel), "/")
	last := names[len(names)-1]
	switch {
	case strings.HasPrefix(last, atomicfile.TempPrefix):
		return Entry{Kind: Temp, Path: path}, true
	case checkID(last) != nil:
		return Entry{}, false
	case len(names) == 2 && names[0] == "actions":
		return Entry{Kind: Action, ID: last, Path: path}, true
	case len(names) == 2 && names[0] == "objects":
		return Entry{Kind: Object, ID: last, Path: path}, true
	case len(names) == 3 && names[0] == "parts" && checkID(names[1]) == nil:
		return Entry{Kind: Part, ID: names[1], Path: path}, true
	}
	return Entry{}, false
}

// Remove removes a file of List, and the folder of an action's last part.
func (c *Cache) Remove(e Entry) error {
	if err := os.Remove(e.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if e.Kind == Part {
		os.Remove(filepath.Dir(e.Path)) // fails while there are others
	}
	return nil
}
