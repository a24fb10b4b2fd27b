// Package npz reads and writes NumPy's .npz archives.
package npz

import (
	"errors"
	"io"
)

// Array is one array: exactly one of the slices is set, in row-major order.
type Array struct {
	Shape []int
	F32   []float32
	F64   []float64
	I32   []int32
	I64   []int64
}

// Read reads every array of the file, keyed by name without ".npy".
func Read(path string) (map[string]Array, error) { return nil, errors.New("npz: under construction") }

// Write writes the arrays sorted by name; equal arrays give equal bytes.
func Write(w io.Writer, arrays map[string]Array) error { return errors.New("npz: under construction") }

// Floats returns the values as float32.
func (a Array) Floats() ([]float32, error) { return a.F32, nil }

// Ints returns the values as int32.
func (a Array) Ints() ([]int32, error) { return a.I32, nil }
