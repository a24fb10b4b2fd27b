package npz

// rowMajor returns a with column-major data put in row-major order.
func rowMajor(a Array, h header) Array {
	if !h.fortran || len(a.Shape) < 2 {
		return a
	}
	a.F32 = transpose(a.F32, a.Shape)
	a.F64 = transpose(a.F64, a.Shape)
	a.I32 = transpose(a.I32, a.Shape)
	a.I64 = transpose(a.I64, a.Shape)
	return a
}

// transpose reorders src from column-major to row-major; nil stays nil.
func transpose[T any](src []T, shape []int) []T {
	if src == nil {
		return nil
	}
	dst := make([]T, len(src))
	index := make([]int, len(shape)) // of the element at hand, in row-major order
	for i := range dst {
		from, stride := 0, 1
		for d, n := range shape {
			from += index[d] * stride
			stride *= n
		}
		dst[i] = src[from]
		for d := len(shape) - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return dst
}
