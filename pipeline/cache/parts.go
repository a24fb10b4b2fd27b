package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"runexp/internal/atomicfile"
)

// PartPath returns where a part of the output of an action is kept until the
// action has ended. A part is named by a hash, as an action is.
func (c *Cache) PartPath(action, part string) string {
	return filepath.Join(c.dir, "parts", action, part)
}

// KeepPart keeps a part of the output of an action.
func (c *Cache) KeepPart(action, part string, data []byte) error {
	if err := errors.Join(checkID(action), checkID(part)); err != nil {
		return err
	}
	return atomicfile.WriteBytes(c.PartPath(action, part), append(header(part, data), data...))
}

// Part returns a part that was kept, or an error that wraps fs.ErrNotExist or
// ErrDamaged.
func (c *Cache) Part(action, part string) ([]byte, error) {
	if err := errors.Join(checkID(action), checkID(part)); err != nil {
		return nil, err
	}
	path := c.PartPath(action, part)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	kept, ok := unseal(part, data)
	if !ok {
		return nil, fmt.Errorf("%s: %w", path, ErrDamaged)
	}
	return kept, nil
}

// DropParts forgets the parts of an action.
func (c *Cache) DropParts(action string) error {
	if err := checkID(action); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(c.dir, "parts", action))
}
