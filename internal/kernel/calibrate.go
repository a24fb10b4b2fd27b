package kernel

import "runtime"

// StreamSum returns the sum of buf, read once, front to back, with the widest
// loads: the time it takes is the memory's.
func StreamSum(buf []float32) float32 { return active.sum(buf) }

// FMALoop runs n rounds of independent multiply-add chains at the widest
// instruction set, touching no memory, and returns the floating-point
// operations done: the time it takes is the arithmetic's.
func FMALoop(n int) (flops int64) { return active.fma(n) }

// GatherLoop brings in the rows of a table named by indices, which must be good,
// from wherever they are, and does nothing with them: the time it takes is the
// memory's for random rows, and what SparseLengthsSum is to be measured against.
func GatherLoop(table []float32, dim int, indices []int32) { active.touch(table, dim, indices) }

// touchGo reads a value of each cache line.
func touchGo(table []float32, dim int, indices []int32) {
	var sum float32
	for _, x := range indices {
		row := table[int(x)*dim:][:dim]
		for c := 0; c < dim; c += cacheLine / 4 {
			sum += row[c]
		}
	}
	runtime.KeepAlive(sum)
}

func sumGo(buf []float32) float32 {
	var a, b, c, d float32
	for ; len(buf) >= 4; buf = buf[4:] {
		a += buf[0]
		b += buf[1]
		c += buf[2]
		d += buf[3]
	}
	for _, x := range buf {
		a += x
	}
	return a + b + (c + d)
}

// fmaGo sees to it that the chains are needed: their values, which tend to 2,
// decide about the result.
func fmaGo(n int) (flops int64) {
	var a, b, c, d, e, f, g, h float32
	for range n {
		a = a*0.5 + 1
		b = b*0.5 + 1
		c = c*0.5 + 1
		d = d*0.5 + 1
		e = e*0.5 + 1
		f = f*0.5 + 1
		g = g*0.5 + 1
		h = h*0.5 + 1
	}
	if a+b+c+d+e+f+g+h > 16 {
		return 0
	}
	return int64(n) * 16
}
