package op

import (
	"fmt"

	"runexp/internal/kernel"
)

// SparseLengthsSum looks up a table: for every item, the sum of the rows that
// its indices name. The output is [batch, Dim].
type SparseLengthsSum struct {
	Label string
	Rows  int // of the table
	Dim   int // values per row
	// Lookups is the number of indices per item; Ragged says that it is only
	// the largest number, the items of a batch having from none to that many.
	Lookups int
	Ragged  bool
	// Table is [Rows, Dim]; nil in a graph that is only described.
	Table []float32
}

func (s *SparseLengthsSum) Kind() Kind   { return KindSparseLengthsSum }
func (s *SparseLengthsSum) Name() string { return s.Label }

// TableBytes is the size of the table.
func (s *SparseLengthsSum) TableBytes() int64 {
	return float * int64(s.Rows) * int64(s.Dim)
}

// Cost: one addition per gathered value. Ragged lookups count at their mean,
// half the largest number.
func (s *SparseLengthsSum) Cost(batch int) Cost {
	rows := int64(batch) * int64(s.Lookups)
	if s.Ragged {
		rows /= 2
	}
	items, row := int64(batch), float*int64(s.Dim)
	return Cost{
		FLOPs:      rows * int64(s.Dim),
		Bytes:      rows*(row+index) + items*(row+index),
		Rows:       rows,
		RowBytes:   row,
		TableBytes: s.TableBytes(),
		Launches:   1,
	}
}

func (s *SparseLengthsSum) Run(a *Args) error {
	x := &a.Lookups[0]
	if err := kernel.SparseLengthsSum(x.Dst, x.Stride, x.Table, x.Dim, x.Indices, x.Lengths); err != nil {
		return fmt.Errorf("%s: %w", s.Label, err)
	}
	return nil
}
