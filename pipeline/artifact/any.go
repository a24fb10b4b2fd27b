package artifact

import (
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// Rows is a table whose row type is not known. Values[i][j] is column j of row
// i: nil, bool, int64, uint64, float64 or string.
type Rows struct {
	Columns []Column
	Values  [][]any
}

// ReadAny returns the columns named (nil: all, in file order) of the rows that
// meet every condition, at most limit of them (0: no limit).
func ReadAny(path string, columns []string, where []Cond, limit int) (Rows, error) {
	s, err := openAny(path, columns, where)
	if err != nil {
		return Rows{}, err
	}
	return s.rows(limit)
}

// Decode returns the rows of a table held in memory. Name is what errors call
// it.
func Decode(name string, data []byte) (Rows, error) {
	s, err := newScanner(name, data, nil, nil)
	if err != nil {
		return Rows{}, err
	}
	return s.rows(0)
}

func (s *scanner) rows(limit int) (Rows, error) {
	rows := Rows{Columns: s.columns}
	if len(s.where) == 0 && limit == 0 {
		rows.Values = make([][]any, 0, s.file.meta.NumRows)
	}
	err := s.each(func(row []any) bool {
		rows.Values = append(rows.Values, row)
		return len(rows.Values) != limit
	})
	return rows, err
}

// scanner goes through a table whose row type is not known.
type scanner struct {
	columns []Column // of the rows given to each
	path    string
	file    *file
	chosen  []int // index of each of columns in the file
	where   []filter
}

// filter is a condition on a column of the file.
type filter struct {
	column int
	keep   func(v any) bool
}

// openAny opens the table at path for reading the columns named (nil: all) of
// the rows that meet every condition. Like ReadFile it compares the file with
// its sidecar, if there is one.
func openAny(path string, columns []string, where []Cond) (*scanner, error) {
	data, err := readChecked(path)
	if err != nil {
		return nil, err
	}
	return newScanner(path, data, columns, where)
}

func newScanner(path string, data []byte, columns []string, where []Cond) (s *scanner, err error) {
	s = &scanner{path: path}
	if s.file, err = openSafely(data); err == nil {
		err = s.choose(columns, where)
	}
	if err == nil {
		err = s.file.checkRows(s.cost())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// cost is what a row takes: its slice, in a list that grows, and for each value
// its interface in the column and in the row, what they point to, and itself,
// its level and its index as decoded, with what the allocator rounds up.
func (s *scanner) cost() int64 {
	const perRow, perValue = 100, 80
	values := 0
	for i := range s.file.columns {
		if s.needs(i) {
			values++
		}
	}
	return perRow + perValue*int64(values)
}

func (s *scanner) choose(columns []string, where []Cond) error {
	if columns == nil {
		for _, c := range s.file.columns {
			columns = append(columns, c.Name)
		}
	}
	for _, name := range columns {
		i, err := s.index(name)
		if err != nil {
			return err
		}
		s.chosen = append(s.chosen, i)
		s.columns = append(s.columns, s.file.columns[i])
	}
	for _, c := range where {
		i, err := s.index(c.Column)
		if err != nil {
			return err
		}
		keep, err := c.keep(s.file.columns[i])
		if err != nil {
			return err
		}
		s.where = append(s.where, filter{i, keep})
	}
	return nil
}

func (s *scanner) index(name string) (int, error) {
	i := slices.IndexFunc(s.file.columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return 0, fmt.Errorf("no column %s", name)
	}
	return i, nil
}

// each calls yield with each row, until it returns false. The row is the
// caller's.
func (s *scanner) each(yield func(row []any) bool) error {
	u, err := s.file.newUnpacker()
	if err != nil {
		return err
	}
	defer u.zstd.Close()
	for i := range s.file.meta.RowGroups {
		more := true
		err := safely(func() (err error) {
			more, err = s.group(&s.file.meta.RowGroups[i], u, yield)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
		if !more {
			break
		}
	}
	return nil
}

// group yields the rows of one row group and reports whether to go on.
func (s *scanner) group(g *format.RowGroup, u *unpacker, yield func(row []any) bool) (bool, error) {
	values := make([][]any, len(s.file.columns))
	for i := range values {
		if !s.needs(i) {
			continue
		}
		c, err := s.file.chunk(g, i, u)
		if err == nil {
			values[i], err = newColumn(c).boxed()
		}
		if err != nil {
			return false, fmt.Errorf("column %s: %w", s.file.columns[i].Name, err)
		}
	}
	for r := range int(g.NumRows) {
		if !s.keeps(values, r) {
			continue
		}
		row := make([]any, len(s.chosen))
		for j, i := range s.chosen {
			row[j] = values[i][r]
		}
		if !yield(row) {
			return false, nil
		}
	}
	return true, nil
}

func (s *scanner) needs(column int) bool {
	return slices.Contains(s.chosen, column) ||
		slices.ContainsFunc(s.where, func(f filter) bool { return f.column == column })
}

func (s *scanner) keeps(values [][]any, row int) bool {
	for _, f := range s.where {
		if !f.keep(values[f.column][row]) {
			return false
		}
	}
	return true
}

// boxed decodes what is left of the chunk, one value or nil for each row.
func (c *column[V]) boxed() ([]any, error) {
	out := make([]any, 0, c.rows)
	for c.rows > 0 {
		if err := c.more(false); err != nil {
			return nil, err
		}
		if !c.Nullable {
			for _, v := range c.values {
				out = append(out, widen(v))
			}
		}
		for _, level := range c.levels {
			if level == 0 {
				out = append(out, nil)
				continue
			}
			out = append(out, widen(c.values[0]))
			c.values = c.values[1:]
		}
		c.values, c.levels = nil, nil
	}
	return out, nil
}

// widen turns the numbers of a table into the three types of Rows.
func widen(v any) any {
	switch v := v.(type) {
	case int32:
		return int64(v)
	case uint32:
		return uint64(v)
	case float32:
		return float64(v)
	}
	return v
}
