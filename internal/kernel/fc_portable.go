package kernel

// panelGo takes two rows of src at a time through a panel four columns wide,
// with the eight sums in registers.
func panelGo(dst []float32, ldd int, src []float32, lds, rows, k int, p panel, bias []float32, floor float32) {
	var b, out0, out1 [4]float32
	copy(b[:], bias)
	r := 0
	for ; r+2 <= rows; r += 2 {
		out0, out1 = tile2x4(src[r*lds:][:k], src[(r+1)*lds:][:k], p.w, b)
		finish(dst[r*ldd:][:p.cols], &out0, floor)
		finish(dst[(r+1)*ldd:][:p.cols], &out1, floor)
	}
	if r < rows {
		out0 = tile1x4(src[r*lds:][:k], p.w, b)
		finish(dst[r*ldd:][:p.cols], &out0, floor)
	}
}

func tile2x4(x, y, w []float32, b [4]float32) (u, v [4]float32) {
	x0, x1, x2, x3 := b[0], b[1], b[2], b[3]
	y0, y1, y2, y3 := b[0], b[1], b[2], b[3]
	y = y[:len(x)]
	w = w[:4*len(x)]
	for k, xk := range x {
		yk := y[k]
		p := (*[4]float32)(w[4*k:])
		x0 += xk * p[0]
		y0 += yk * p[0]
		x1 += xk * p[1]
		y1 += yk * p[1]
		x2 += xk * p[2]
		y2 += yk * p[2]
		x3 += xk * p[3]
		y3 += yk * p[3]
	}
	return [4]float32{x0, x1, x2, x3}, [4]float32{y0, y1, y2, y3}
}

func tile1x4(x, w []float32, b [4]float32) [4]float32 {
	x0, x1, x2, x3 := b[0], b[1], b[2], b[3]
	w = w[:4*len(x)]
	for k, xk := range x {
		p := (*[4]float32)(w[4*k:])
		x0 += xk * p[0]
		x1 += xk * p[1]
		x2 += xk * p[2]
		x3 += xk * p[3]
	}
	return [4]float32{x0, x1, x2, x3}
}

func finish(dst []float32, sums *[4]float32, floor float32) {
	for c := range dst {
		dst[c] = max(floor, sums[c])
	}
}
