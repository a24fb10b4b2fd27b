package kernel

// loops is what one instruction set brings. The exported functions check
// lengths and cut work into blocks; a loop may trust its arguments.
type loops struct {
	isa string

	width int // columns of a panel
	lane  int // the last panel is as wide as the columns left, rounded up to this

	// panel computes rows x len(bias-wide) outputs of one panel: for r < rows, c < cols
	// dst[r*ldd+c] = bias[c] + sum_k src[r*lds+k]*w[k*width+c], and max(0, .)
	// of that if relu. A nil bias is zero.
	panel func(dst []float32, ldd int, src []float32, lds, rows, k int, w []float32, width, cols int, bias []float32, relu bool)

	// gather is SparseLengthsSum with indices and lengths known to be good.
	gather  func(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32)
	inRange func(indices []int32, rows int) bool

	add, mul, addTanh   func(dst, a, b []float32)
	relu, sigmoid, tanh func(dst, src []float32)

	softmax func(dst, src []float32) // one row
	dot     func(a, b []float32) float32

	// uniform fills dst[i] from the counter first+i under key.
	uniform func(dst []float32, key, first uint32, lo, span float32)
	sum     func(buf []float32) float32
	fma     func(n int) (flops int64)
}

var portable = loops{
	isa:   "portable",
	width: 4, lane: 4,
	panel:   panelGo,
	gather:  gatherGo,
	inRange: inRangeGo,
	add:     addGo, mul: mulGo, addTanh: addTanhGo,
	relu: reluGo, sigmoid: sigmoidGo, tanh: tanhGo,
	softmax: softmaxGo, dot: dotGo,
	uniform: uniformGo, sum: sumGo, fma: fmaGo,
}

// active is what runs: the best of what this processor supports.
var active = supported()[0]
