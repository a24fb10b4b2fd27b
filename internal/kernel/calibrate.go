package kernel

// StreamSum returns the sum of buf, read once, front to back, with the widest
// loads: the time it takes is the memory's.
func StreamSum(buf []float32) float32 { return active.sum(buf) }

// FMALoop runs n rounds of independent multiply-add chains at the widest
// instruction set, touching no memory, and returns the floating-point
// operations done: the time it takes is the arithmetic's.
func FMALoop(n int) (flops int64) { return active.fma(n) }

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

// sink keeps the compiler from removing the chains.
var sink float32

func fmaGo(n int) (flops int64) {
	var x [8]float32
	for range n {
		for i := range x {
			x[i] = x[i]*0.5 + 1
		}
	}
	for _, v := range x {
		sink += v
	}
	return int64(n) * 16
}
