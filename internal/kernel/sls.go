package kernel

import (
	"fmt"
	"math"
)

// SparseLengthsSum sums rows of an embedding table: item b gets the sum of the
// next lengths[b] rows named by indices,
//
//	dst[b*ldd+j] = sum_{i in item b} table[indices[i]*dim+j],  j < dim
//
// in the order of the indices, and zeros where its length is 0. Everything is
// checked before anything is written: a bad index or length, lengths that do not
// add up to len(indices), or a dst too short is an error that names it.
func SparseLengthsSum(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32) error {
	return active.sparseLengthsSum(dst, ldd, table, dim, indices, lengths)
}

func (l *loops) sparseLengthsSum(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32) error {
	return l.look(&Lookup{dst, ldd, table, dim, indices, lengths}, &Lookup{})
}

// look does one lookup and fetches the first rows of the next.
func (l *loops) look(x, next *Lookup) error {
	if err := l.check(x.Table, x.Dim, x.Indices, x.Lengths); err != nil {
		return err
	}
	if !fits(len(x.Dst), x.Stride, len(x.Lengths), x.Dim) {
		return fmt.Errorf("dst: %d values for %d rows of %d, %d apart", len(x.Dst), len(x.Lengths), x.Dim, x.Stride)
	}
	l.gather(x.Dst, x.Stride, x.Table, x.Dim, x.Indices, x.Lengths, next.Table, next.Indices)
	return nil
}

// check reports indices and lengths that do not fit each other or the table.
func (l *loops) check(table []float32, dim int, indices, lengths []int32) error {
	if dim < 1 || len(table)%dim != 0 {
		return fmt.Errorf("table: %d values are not rows of %d", len(table), dim)
	}
	if err := checkLengths(lengths, len(indices)); err != nil {
		return err
	}
	rows := len(table) / dim
	// As unsigned a negative index is above MaxInt32, whatever the table's size.
	if len(indices) > 0 && int64(l.highest(indices)) >= min(int64(rows), math.MaxInt32+1) {
		return indexError(indices, rows)
	}
	return nil
}

// checkLengths reports a negative length or a sum that is not total.
func checkLengths(lengths []int32, total int) error {
	sum, sign := 0, int32(0)
	for _, n := range lengths {
		sum += int(n)
		sign |= n
	}
	if sign >= 0 && sum == total {
		return nil
	}
	for b, n := range lengths {
		if n < 0 {
			return fmt.Errorf("length %d: negative: %d", b, n)
		}
	}
	return fmt.Errorf("lengths: sum %d for %d indices", sum, total)
}

// indexError names the first index outside a table of so many rows.
func indexError(indices []int32, rows int) error {
	for i, x := range indices {
		if x < 0 || int(x) >= rows {
			return fmt.Errorf("index %d: %d is outside a table of %d rows", i, x, rows)
		}
	}
	return nil
}
