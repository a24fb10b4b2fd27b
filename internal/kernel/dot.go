package kernel

// DotLower computes the pairwise dot products of the f vectors of each item:
// item b of src has f vectors of dim values side by side, and
//
//	dst[b*ldd+n] = x_i . x_j
//
// where n runs over the pairs j < i, row by row, with j = i too if diagonal. A
// row of dst holds f*(f-1)/2 values, or f*(f+1)/2.
func DotLower(dst []float32, ldd int, src []float32, lds, batch, f, dim int, diagonal bool) {
	pairs := f * (f - 1) / 2
	if diagonal {
		pairs += f
	}
	checkRows("DotLower: dst", dst, ldd, batch, pairs)
	checkRows("DotLower: src", src, lds, batch, f*dim)
	for b := range batch {
		active.dotLower(dst[b*ldd:][:pairs], src[b*lds:][:f*dim], f, dim, diagonal)
	}
}

func (l *loops) dotLower(dst, x []float32, f, dim int, diagonal bool) {
	n := 0
	for i := range f {
		end := i
		if diagonal {
			end++
		}
		for j := range end {
			dst[n] = l.dot(x[i*dim:][:dim], x[j*dim:][:dim])
			n++
		}
	}
}

func dotGo(a, b []float32) float32 {
	var s float32
	b = b[:len(a)]
	for i, x := range a {
		s += x * b[i]
	}
	return s
}
