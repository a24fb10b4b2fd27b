package kernel

import "fmt"

// RecurrentStep computes a step of a vanilla recurrent network for rows of
// m.Out() units,
//
//	h = tanh(x + previous W^T + bias)
//
// where x is the projected input; ldh, ldx and ldp are the strides of the rows. A
// nil bias is zero. Like FC's, an item's result does not depend on its
// neighbours, and h must not overlap previous. It allocates nothing, and panics if
// a slice is too short or m is not square.
func RecurrentStep(h []float32, ldh int, x []float32, ldx int, previous []float32, ldp, rows int, m *Matrix, bias []float32) {
	n := m.out
	if m.in != n || bias != nil && len(bias) != n {
		panic(fmt.Sprintf("kernel: RecurrentStep: %d by %d weights, bias of %d", n, m.in, len(bias)))
	}
	checkRows("RecurrentStep: h", h, ldh, rows, n)
	checkRows("RecurrentStep: x", x, ldx, rows, n)
	checkRows("RecurrentStep: previous", previous, ldp, rows, n)
	if rows > 0 {
		m.loops.recurrent(h, ldh, x, ldx, previous, ldp, rows, m, bias)
	}
}

// recurrentGo is a layer, to which x is added under tanh.
func recurrentGo(h []float32, ldh int, x []float32, ldx int, previous []float32, ldp, rows int, m *Matrix, bias []float32) {
	m.fc(h, ldh, previous, ldp, rows, bias, None)
	n := m.out
	if ldh == n && ldx == n {
		rows, n = 1, rows*n
	}
	for r := range rows {
		row := h[r*ldh:][:n]
		m.loops.addTanh(row, row, x[r*ldx:][:n])
	}
}
