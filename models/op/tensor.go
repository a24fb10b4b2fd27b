package op

import "runexp/internal/kernel"

// Tensor is row-major. Rows are Stride values apart, or adjacent if Stride is
// 0: a tensor may be some columns of a wider one.
type Tensor struct {
	Data   []float32
	Stride int
}

// stride returns the distance of rows of so many values.
func (t Tensor) stride(cols int) int {
	if t.Stride == 0 {
		return cols
	}
	return t.Stride
}

// rows returns the rows from this one on.
func (t Tensor) rows(from, cols int) Tensor {
	return Tensor{t.Data[from*t.stride(cols):], t.Stride}
}

// copyRows copies rows of cols values.
func copyRows(dst, src Tensor, rows, cols int) {
	kernel.CopyRows(dst.Data, dst.stride(cols), src.Data, src.stride(cols), rows, cols)
}

// unary applies f to rows of cols values, all at once if they are adjacent.
func unary(f func(dst, src []float32), dst, src Tensor, rows, cols int) {
	d, s := dst.stride(cols), src.stride(cols)
	if d == cols && s == cols {
		rows, cols = 1, rows*cols
	}
	for r := range rows {
		f(dst.Data[r*d:][:cols], src.Data[r*s:][:cols])
	}
}

// binary applies f in the same way.
func binary(f func(dst, a, b []float32), dst, a, b Tensor, rows, cols int) {
	d, s, t := dst.stride(cols), a.stride(cols), b.stride(cols)
	if d == cols && s == cols && t == cols {
		rows, cols = 1, rows*cols
	}
	for r := range rows {
		f(dst.Data[r*d:][:cols], a.Data[r*s:][:cols], b.Data[r*t:][:cols])
	}
}
