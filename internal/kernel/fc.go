package kernel

import "fmt"

// blockBytes bounds the rows of src that FC takes through all panels before it
// goes on: a quarter of a 2 MiB second-level cache, which panels pass through too.
const blockBytes = 512 << 10

// FC computes a fully connected layer with bias and activation: for b < batch
// and j < m.Out(),
//
//	dst[b*ldd+j] = act(bias[j] + sum_k src[b*lds+k] * W[j,k])
//
// A nil bias is zero. ldd and lds are row strides, so a layer can write straight
// into its part of a wider row. The sum runs over k in the same order whatever
// the batch, so an item's result does not depend on its neighbours. FC
// allocates nothing, panics if a slice is too short, and must not be given
// overlapping dst and src.
func FC(dst []float32, ldd int, src []float32, lds int, batch int, m *Matrix, bias []float32, act Activation) {
	m.fc(dst, ldd, src, lds, batch, bias, act)
}

func (m *Matrix) fc(dst []float32, ldd int, src []float32, lds int, batch int, bias []float32, act Activation) {
	checkRows("FC: dst", dst, ldd, batch, m.out)
	checkRows("FC: src", src, lds, batch, m.in)
	if bias != nil && len(bias) != m.out {
		panic(fmt.Sprintf("kernel: FC: bias of %d for %d outputs", len(bias), m.out))
	}
	most := max(1, blockBytes/4/m.in)
	for b, blocks := 0, (batch+most-1)/most; blocks > 0; blocks-- {
		rows := (batch - b) / blocks
		m.multiply(dst[b*ldd:], ldd, src[b*lds:], lds, rows, bias, act == Relu)
		b += rows
	}
	if act == Sigmoid {
		mapRows(m.loops.sigmoid, dst, ldd, batch, m.out)
	}
}

// multiply takes rows of src through every panel.
func (m *Matrix) multiply(dst []float32, ldd int, src []float32, lds, rows int, bias []float32, relu bool) {
	floor := lowest
	if relu {
		floor = 0
	}
	if m.out <= m.loops.narrow {
		m.multiplyNarrow(dst, ldd, src, lds, rows, bias, floor)
		return
	}
	for c := 0; c < m.out; {
		p := m.panels(c, m.loops.together(rows))
		var b []float32
		if bias != nil {
			b = bias[c : c+p.cols]
		}
		m.loops.panel(dst[c:], ldd, src, lds, rows, m.in, p, b, floor)
		c += p.cols
	}
}

func (m *Matrix) multiplyNarrow(dst []float32, ldd int, src []float32, lds, rows int, bias []float32, floor float32) {
	var b float32
	for j := range m.out {
		if bias != nil {
			b = bias[j]
		}
		m.loops.dots(dst[j:], ldd, m.data[j*m.in:][:m.in], src, lds, rows, b, floor)
	}
}

// mapRows applies f in place to rows of cols values.
func mapRows(f func(dst, src []float32), x []float32, ld, rows, cols int) {
	if ld == cols {
		rows, cols = 1, rows*cols
	}
	for r := range rows {
		row := x[r*ld:][:cols]
		f(row, row)
	}
}

// checkRows panics unless x holds rows of cols values, ld apart.
func checkRows(what string, x []float32, ld, rows, cols int) {
	if !fits(len(x), ld, rows, cols) {
		panic(fmt.Sprintf("kernel: %s: %d values for %d rows of %d, %d apart", what, len(x), rows, cols, ld))
	}
}

// fits reports whether n values hold rows of cols values, ld apart.
func fits(n, ld, rows, cols int) bool {
	return rows <= 0 || (cols <= ld || rows == 1) && cols >= 0 && (rows-1)*ld+cols <= n
}
