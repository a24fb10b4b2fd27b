package kernel

import "math"

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
	if f < 1 {
		return
	}
	self := 0
	if diagonal {
		self = 1
	}
	for b := range batch {
		active.dotLower(dst[b*ldd:][:pairs], src[b*lds:][:f*dim], f, dim, self)
	}
}

func dotLowerGo(dst, x []float32, f, dim, diagonal int) {
	for i := range f {
		n := i + diagonal
		dotsGo(dst, 1, x[i*dim:][:dim], x, dim, n, 0, lowest)
		dst = dst[n:]
	}
}

// lowest is a floor that nothing is below.
var lowest = float32(math.Inf(-1))

func dotsGo(dst []float32, ldd int, x, y []float32, ldy, rows int, bias, floor float32) {
	for r := range rows {
		sum := bias
		row := y[r*ldy:][:len(x)]
		for i, v := range x {
			sum += v * row[i]
		}
		dst[r*ldd] = max(floor, sum)
	}
}
