package kernel

// SoftmaxRows sets each row of cols values of dst to the softmax of that row of
// src: exp(x-max) over the sum of these. dst may be src. A row with a NaN or
// an infinity that makes the answer undefined is NaN throughout.
func SoftmaxRows(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	checkRows("SoftmaxRows: dst", dst, ldd, rows, cols)
	checkRows("SoftmaxRows: src", src, lds, rows, cols)
	if cols == 0 {
		return
	}
	for r := range rows {
		active.softmax(dst[r*ldd:][:cols], src[r*lds:][:cols])
	}
}

func softmaxGo(dst, src []float32) {
	top := src[0]
	for _, x := range src {
		top = max(top, x)
	}
	var sum float32
	for i, x := range src {
		e := exp(x - top)
		dst[i] = e
		sum += e
	}
	scale := 1 / sum
	for i := range dst {
		dst[i] *= scale
	}
}
