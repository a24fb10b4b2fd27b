// Package npz reads and writes NumPy's .npz archives: a zip file with one
// array, in NumPy's .npy format, per entry.
//
// The stance: a file is foreign until checked. Every size that a header states
// is compared with the bytes that are really there before memory is asked for,
// so a file of a few kilobytes cannot ask for gigabytes, and every error names
// the file and the array. Kept small on purpose: the four element types that
// models exchange (float32, float64, int32, int64), nothing else.
//
// Start with Read; header.go holds the .npy format.
package npz

import (
	"fmt"
	"math"
)

// Array is one array. Exactly one of the slices is set (an array without
// elements has an empty one, not nil), in row-major order.
type Array struct {
	Shape []int // empty for a scalar
	F32   []float32
	F64   []float64
	I32   []int32
	I64   []int64
}

// Len returns the number of elements held.
func (a Array) Len() int {
	return len(a.F32) + len(a.F64) + len(a.I32) + len(a.I64)
}

// Floats returns the values as float32. It fails on integers and on doubles
// beyond float32's range; the result may share memory with a.
func (a Array) Floats() ([]float32, error) {
	if a.F32 != nil {
		return a.F32, nil
	}
	if a.F64 == nil {
		return nil, fmt.Errorf("integers where floating-point numbers are wanted")
	}
	out := make([]float32, len(a.F64))
	for i, v := range a.F64 {
		out[i] = float32(v)
		if math.IsInf(float64(out[i]), 0) && !math.IsInf(v, 0) {
			return nil, fmt.Errorf("element %d: %g does not fit a float32", i, v)
		}
	}
	return out, nil
}

// Ints returns the values as int32. It fails on floating-point numbers and on
// integers beyond int32's range; the result may share memory with a.
func (a Array) Ints() ([]int32, error) {
	if a.I32 != nil {
		return a.I32, nil
	}
	if a.I64 == nil {
		return nil, fmt.Errorf("floating-point numbers where integers are wanted")
	}
	out := make([]int32, len(a.I64))
	for i, v := range a.I64 {
		if v < math.MinInt32 || v > math.MaxInt32 {
			return nil, fmt.Errorf("element %d: %d does not fit an int32", i, v)
		}
		out[i] = int32(v)
	}
	return out, nil
}

// elements returns the product of the dimensions, or false when one is
// negative or the product is beyond limit.
func elements(shape []int, limit int64) (int64, bool) {
	n := int64(1)
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d == 0 {
			return 0, true
		}
		if n > limit/int64(d) {
			return 0, false
		}
		n *= int64(d)
	}
	return n, n <= limit
}
