package kernel

// Units are the weights of many small attention units, row-major [units, Dim]:
// unit u maps a vector x of Dim values, and a value p from elsewhere, to
//
//	max(0, max(0, p + In_u . x) * Out_u + Bias_u)
type Units struct {
	Dim           int
	In, Out, Bias []float32
}

// AttentionUnits sets each of batch rows of dst, ldd apart, to the sum over all
// units: x is [units, batch, Dim], a vector for each unit and item, and p holds a
// row of a value per unit for each item, ldp apart. It adds unit by unit,
// whatever the batch, and panics if a slice is too short.
func AttentionUnits(dst []float32, ldd int, x, p []float32, ldp, batch int, u Units) {
	active.attentionUnits(dst, ldd, x, p, ldp, batch, u)
}

func (l *loops) attentionUnits(dst []float32, ldd int, x, p []float32, ldp, batch int, u Units) {
	units := len(u.In) / u.Dim
	checkRows("AttentionUnits: dst", dst, ldd, batch, u.Dim)
	checkRows("AttentionUnits: x", x, u.Dim, units*batch, u.Dim)
	checkRows("AttentionUnits: p", p, ldp, batch, units)
	checkRows("AttentionUnits: Out", u.Out, u.Dim, units, u.Dim)
	checkRows("AttentionUnits: Bias", u.Bias, u.Dim, units, u.Dim)
	for b := range batch {
		clear(dst[b*ldd:][:u.Dim])
	}
	if batch > 0 && units > 0 {
		l.attend(dst, ldd, x, p, ldp, batch, units, u.Dim, u.In, u.Out, u.Bias)
	}
}

func attendGo(dst []float32, ldd int, x, p []float32, ldp, batch, units, dim int, in, out, bias []float32) {
	for u := range units {
		w, v, c := in[u*dim:][:dim], out[u*dim:][:dim], bias[u*dim:][:dim]
		for b := range batch {
			s := p[b*ldp+u]
			for d, y := range x[(u*batch+b)*dim:][:dim] {
				s += w[d] * y
			}
			s = max(0, s)
			sums := dst[b*ldd:][:dim]
			for d := range sums {
				sums[d] += max(0, s*v[d]+c[d])
			}
		}
	}
}
