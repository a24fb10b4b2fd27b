package kernel

import "fmt"

// Matrix is the weights of a fully connected layer, repacked once so that FC
// reads them front to back: panels of up to width columns (outputs), each with
// the values of one input k side by side, padded with zeros. A narrow matrix,
// which would be mostly padding, keeps its rows instead.
type Matrix struct {
	out, in int
	loops   *loops
	data    []float32
}

// Pack copies w, row-major [out,in], into panels. It panics if w is not
// out*in long.
func Pack(w []float32, out, in int) *Matrix { return active.pack(w, out, in) }

func (l *loops) pack(w []float32, out, in int) *Matrix {
	if out < 1 || in < 1 || len(w) != out*in {
		panic(fmt.Sprintf("kernel: Pack: %d values for %d outputs of %d inputs", len(w), out, in))
	}
	if out <= l.narrow {
		m := &Matrix{out: out, in: in, loops: l, data: aligned(out * in)}
		copy(m.data, w)
		return m
	}
	last := out / l.width * l.width
	size := (last + roundUp(out-last, l.lane)) * in
	m := &Matrix{out: out, in: in, loops: l, data: aligned(size)}
	for c := 0; c < out; c += l.width {
		p := m.panel(c)
		for j := c; j < min(c+l.width, out); j++ {
			row := w[j*in : (j+1)*in]
			for k, v := range row {
				p.w[k*p.width+j-c] = v
			}
		}
	}
	return m
}

// Out returns the number of outputs.
func (m *Matrix) Out() int { return m.out }

// In returns the number of inputs.
func (m *Matrix) In() int { return m.in }

// Bytes returns the size of the packed weights, padding included: what one
// pass reads.
func (m *Matrix) Bytes() int { return 4 * len(m.data) }

// At returns the weight of output j for input k.
func (m *Matrix) At(j, k int) float32 {
	if m.out <= m.loops.narrow {
		return m.data[j*m.in+k]
	}
	c := j / m.loops.width * m.loops.width
	p := m.panel(c)
	return p.w[k*p.width+j-c]
}

// panel is a group of adjacent columns: w holds in rows of width values, of
// which the first cols are weights and the rest zeros. Where width is a
// multiple of that of the matrix's panels, w is as many of them.
type panel struct {
	w           []float32
	width, cols int
	next        []float32 // the panel after this one, or the first
}

// panel returns the panel that starts at column c, a multiple of the panel
// width.
func (m *Matrix) panel(c int) panel {
	cols := min(m.loops.width, m.out-c)
	return m.columns(c, cols, roundUp(cols, m.loops.lane))
}

// panels returns n panels from column c on, or half as many until all of them are
// full ones.
func (m *Matrix) panels(c, n int) panel {
	for ; n > 1; n /= 2 {
		if cols := n * m.loops.width; m.out-c >= cols {
			return m.columns(c, cols, cols)
		}
	}
	return m.panel(c)
}

func (m *Matrix) columns(c, cols, width int) panel {
	next := m.data
	if c+cols < m.out {
		next = m.data[(c+cols)*m.in:]
	}
	next = next[:min(len(next), m.loops.width*m.in)]
	return panel{m.data[c*m.in:][:width*m.in], width, cols, next}
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
