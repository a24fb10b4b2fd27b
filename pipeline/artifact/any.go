package artifact

import "errors"

// Rows is a table whose row type is not known. Values[i][j] is column j of row
// i: nil, bool, int64, uint64, float64 or string.
type Rows struct {
	Columns []Column
	Values  [][]any
}

// Cond keeps the rows whose Column equals Value: a number, true, false, null
// or text, read according to the column's type.
type Cond struct{ Column, Value string }

// ReadAny returns the columns named (nil: all, in file order) of the rows that
// meet every condition, at most limit of them (0: no limit).
func ReadAny(path string, columns []string, where []Cond, limit int) (Rows, error) {
	return Rows{}, errors.ErrUnsupported
}
