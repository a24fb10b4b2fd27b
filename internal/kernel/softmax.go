package kernel

// SoftmaxRows sets each row of cols values of dst to the softmax of that row of
// src: exp(x-max) over the sum of these. dst may be src. A row with a NaN or
// an infinity that makes the answer undefined is NaN throughout.
func SoftmaxRows(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	checkRows("SoftmaxRows: dst", dst, ldd, rows, cols)
	checkRows("SoftmaxRows: src", src, lds, rows, cols)
	if rows > 0 && cols > 0 {
		active.softmax(dst, ldd, src, lds, rows, cols)
	}
}

func softmaxGo(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	for r := range rows {
		softmaxRow(dst[r*ldd:][:cols], src[r*lds:][:cols])
	}
}

func softmaxRow(dst, src []float32) {
	top := src[0]
	for _, x := range src {
		top = max(top, x)
	}
	var sum float32
	for i, x := range src {
		y := x - top
		scale, e := expParts(max(y, expMin))
		e = scale + scale*e
		if y < expMin {
			e = 0
		}
		dst[i] = e
		sum += e
	}
	scale := 1 / sum
	for i := range dst {
		dst[i] *= scale
	}
}
