package artifact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unsafe"

	"github.com/parquet-go/parquet-go/format"

	"runexp/pipeline/cache"
)

// ReadFile returns the rows of the table at path. If a sidecar stands beside
// it, the file's bytes must be those the sidecar names.
func ReadFile[T any](path string) ([]T, error) {
	data, err := readChecked(path)
	if err != nil {
		return nil, err
	}
	rows, err := ReadBytes[T](data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

// readChecked reads a file and compares it with its sidecar, if it has one.
func readChecked(path string) ([]byte, error) {
	data, err := readBounded(path, maxFile)
	if err != nil {
		return nil, err
	}
	m, err := ReadMeta(path)
	if errors.Is(err, fs.ErrNotExist) {
		return data, nil
	}
	if err != nil {
		return nil, err
	}
	if cache.Sum(data) != m.OutputID {
		return nil, fmt.Errorf("%s: its bytes are not those named in %s: damaged or replaced", path, path+SidecarSuffix)
	}
	return data, nil
}

// maxFile bounds a table: forty million trials.
const maxFile = 4 << 30

// readBounded reads a file of most bytes or less, and no device: /dev/zero has
// no end.
func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeDevice != 0 {
		return nil, fmt.Errorf("%s: a device is no table", path)
	}
	var b bytes.Buffer
	b.Grow(int(min(info.Size(), most)) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(f, most+1))
	if n > most {
		err = fmt.Errorf("%s: more than the %d bytes of any table", path, most)
	}
	return b.Bytes(), err
}

// ReadBytes returns the rows of a table held in memory. Its columns must be
// exactly those of T.
func ReadBytes[T any](data []byte) (rows []T, err error) {
	fields, err := fieldsOf[T]()
	if err != nil {
		return nil, err
	}
	f, err := openSafely(data)
	if err != nil {
		return nil, err
	}
	if err := sameColumns(f.columns, columnsIn(fields)); err != nil {
		return nil, err
	}
	var row T
	size := unsafe.Sizeof(row)
	const perValue = 24 // the longest value behind a pointer, its level and its index in a dictionary
	if err := f.checkRows(int64(size) + perValue*int64(len(fields))); err != nil {
		return nil, err
	}
	rows = make([]T, f.meta.NumRows)
	starts := f.starts()
	err = parallel(len(starts), func(i int) error {
		g := &f.meta.RowGroups[i]
		if g.NumRows == 0 {
			return nil
		}
		return f.readGroup(g, fields, unsafe.Pointer(&rows[starts[i]]), size)
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func openSafely(data []byte) (f *file, err error) {
	err = safely(func() error { f, err = open(data); return err })
	return f, err
}

// starts returns the index of the first row of each group.
func (f *file) starts() []int64 {
	starts := make([]int64, len(f.meta.RowGroups))
	var n int64
	for i, g := range f.meta.RowGroups {
		starts[i] = n
		n += g.NumRows
	}
	return starts
}

func sameColumns(got, want []Column) error {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Errorf("foreign schema: column %s is missing", want[i].Name)
		case i >= len(want):
			return fmt.Errorf("foreign schema: column %s is not expected", got[i].Name)
		case got[i] != want[i]:
			return fmt.Errorf("foreign schema: column %d is %q, want %q", i+1, got[i], want[i])
		}
	}
	return nil
}

// blockRows rows are filled at a time, column by column: few enough to stay in
// the processor's cache until the last column.
const blockRows = 1024

// readGroup reads a row group into the rows from base on, which are size bytes
// apart.
func (f *file) readGroup(g *format.RowGroup, fields []field, base unsafe.Pointer, size uintptr) error {
	u, err := f.newUnpacker()
	if err != nil {
		return err
	}
	defer u.zstd.Close()
	columns := make([]anyColumn, len(fields))
	for i := range fields {
		c, err := f.chunk(g, i, u)
		if err != nil {
			return err
		}
		columns[i] = newColumn(c)
	}
	for done := 0; done < int(g.NumRows); done += blockRows {
		block := unsafe.Add(base, uintptr(done)*size)
		for i, c := range columns {
			if err := c.fill(unsafe.Add(block, fields[i].offset), size, min(blockRows, int(g.NumRows)-done)); err != nil {
				return fmt.Errorf("column %s: %w", fields[i].Name, err)
			}
		}
	}
	return nil
}

// fill stores the next values at base, base+size, ...: as they are, or where
// the column may be null as pointers into the slice decoded from the page.
func (c *column[V]) fill(base unsafe.Pointer, size uintptr, rows int) error {
	for i := 0; i < rows; {
		if err := c.more(c.Nullable); err != nil {
			return err
		}
		if c.Nullable {
			n := min(rows-i, len(c.levels))
			for k, level := range c.levels[:n] {
				if level == 1 {
					*(**V)(unsafe.Add(base, uintptr(i+k)*size)) = &c.values[0]
					c.values = c.values[1:]
				}
			}
			c.levels = c.levels[n:]
			i += n
			continue
		}
		n := min(rows-i, len(c.values))
		for k, v := range c.values[:n] {
			*(*V)(unsafe.Add(base, uintptr(i+k)*size)) = v
		}
		c.values = c.values[n:]
		i += n
	}
	return nil
}
