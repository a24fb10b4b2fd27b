package kernel

// loops is what one instruction set brings. The exported functions check
// lengths and cut work into blocks; a loop may trust its arguments.
type loops struct {
	isa string

	width int // columns of a panel
	lane  int // the last panel is as wide as the columns left, rounded up to this

	pairs  int // up to this many rows take panels two at a time,
	fours  int // up to this many four
	narrow int // matrices of up to this many columns are not packed: dots does them

	// panel computes one panel for some rows: for r < rows and c < cols,
	// dst[r*ldd+c] = max(floor, bias[c] + sum_k src[r*lds+k]*w[k*width+c]).
	// A nil bias is zero.
	panel func(dst []float32, ldd int, src []float32, lds, rows, k int, p panel, bias []float32, floor float32)

	// gather is SparseLengthsSum with indices and lengths known to be good. Rows
	// are fetched warmRows indices ahead, towards the end those of the next table,
	// whose rows are as long and whose indices need not be good.
	gather func(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32, next []float32, nextIndices []int32)
	// warm fetches the named rows into the cache.
	warm func(table []float32, dim int, indices []int32)
	// highest returns the largest of x taken as unsigned, 0 if there is none.
	highest func(x []int32) uint32

	add, mul, addTanh func(dst, a, b []float32)
	relu, sigmoid     func(dst, src []float32)

	// recurrent is RecurrentStep, rows >= 1.
	recurrent func(h []float32, ldh int, x []float32, ldx int, previous []float32, ldp, rows int, m *Matrix, bias []float32)

	softmax func(dst []float32, ldd int, src []float32, lds, rows, cols int) // rows, cols >= 1

	// dots sets dst[r*ldd] = max(floor, bias + x . row r of y), for rows >= 1.
	dots func(dst []float32, ldd int, x, y []float32, ldy, rows int, bias, floor float32)
	// dotLower is DotLower for one item, f >= 1, diagonal 0 or 1.
	dotLower func(dst, x []float32, f, dim, diagonal int)

	// attend adds the units of AttentionUnits to dst, batch, units, dim >= 1.
	attend func(dst []float32, ldd int, x, p []float32, ldp, batch, units, dim int, in, out, bias []float32)

	// uniform fills dst from the counters 0, 1, ... under key.
	uniform func(dst []float32, key uint64, lo, span float32)
	sum     func(buf []float32) float32
	touch   func(table []float32, dim int, indices []int32)
	fma     func(n int) (flops int64)
}

// together is how many panels so many rows take at a time.
func (l *loops) together(rows int) int {
	switch {
	case rows <= l.fours:
		return 4
	case rows <= l.pairs:
		return 2
	}
	return 1
}

var portable = loops{
	isa:   "portable",
	width: 4, lane: 4,
	panel:   panelGo,
	gather:  gatherGo,
	warm:    warmGo,
	highest: highestGo,
	add:     addGo, mul: mulGo, addTanh: addTanhGo,
	relu: reluGo, sigmoid: sigmoidGo,
	recurrent: recurrentGo,
	softmax:   softmaxGo, dots: dotsGo, dotLower: dotLowerGo, attend: attendGo,
	uniform: uniformGo, sum: sumGo, touch: touchGo, fma: fmaGo,
}

// active is what runs: the best of what this processor supports.
var active = supported()[0]
