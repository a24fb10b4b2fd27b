package kernel

import (
	"fmt"
	"math"
	"testing"
)

// unitsOracle is AttentionUnits in float64.
func unitsOracle(x, p []float32, ldp, batch int, u Units) []float64 {
	sums := make([]float64, batch*u.Dim)
	for i := range len(u.In) / u.Dim {
		for b := range batch {
			s := float64(p[b*ldp+i])
			for d := range u.Dim {
				s += float64(u.In[i*u.Dim+d]) * float64(x[(i*batch+b)*u.Dim+d])
			}
			s = math.Max(0, s)
			for d := range u.Dim {
				sums[b*u.Dim+d] += math.Max(0, s*float64(u.Out[i*u.Dim+d])+float64(u.Bias[i*u.Dim+d]))
			}
		}
	}
	return sums
}

func TestAttentionUnits(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		rng := newRand()
		for dim := 1; dim <= 70; dim++ {
			for _, s := range []struct{ batch, units int }{{1, 1}, {1, 7}, {5, 1}, {4, 3}, {3, 0}} {
				u := Units{Dim: dim, In: noise(rng, s.units*dim), Out: noise(rng, s.units*dim), Bias: noise(rng, s.units*dim)}
				ldd, ldp := dim+rng.IntN(3), s.units+rng.IntN(3)
				x, p := noise(rng, s.units*s.batch*dim), noise(rng, s.batch*ldp)
				dst, check := guarded((s.batch-1)*ldd+dim, dim%5)
				l.attentionUnits(dst, ldd, x, p, ldp, s.batch, u)
				check(t)
				want := unitsOracle(x, p, ldp, s.batch, u)
				for i, w := range want {
					if got := dst[i/dim*ldd+i%dim]; !near(got, w, 1e-5*(1+float64(s.units))) {
						t.Fatalf("dim %d, %+v: value %d: %g, want %g", dim, s, i, got, w)
					}
				}
				for i, v := range dst {
					if i%ldd >= dim && v != guard {
						t.Fatalf("dim %d, %+v: wrote between rows", dim, s)
					}
				}
			}
		}
	})
}

// An item's sum does not depend on its neighbours, and NaN and infinity of one
// do not reach another.
func TestAttentionUnitsByItem(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for _, dim := range []int{5, 32} {
			rng := newRand()
			const units, batch = 3, 4
			u := Units{Dim: dim, In: noise(rng, units*dim), Out: noise(rng, units*dim), Bias: noise(rng, units*dim)}
			x, p := noise(rng, units*batch*dim), noise(rng, batch*units)
			together, alone := make([]float32, batch*dim), make([]float32, dim)
			x[1*dim] = nan
			p[2*units] = inf
			l.attentionUnits(together, dim, x, p, units, batch, u)
			for b := range batch {
				var own []float32
				for i := range units {
					own = append(own, x[(i*batch+b)*dim:][:dim]...)
				}
				l.attentionUnits(alone, dim, own, p[b*units:], units, 1, u)
				for d, v := range alone {
					if got := together[b*dim+d]; math.Float32bits(got) != math.Float32bits(v) && (got == got || v == v) {
						t.Errorf("dim %d: item %d: %g among others, %g alone", dim, b, got, v)
					}
				}
				if bad := math.IsNaN(float64(alone[0])); bad != (b == 1) {
					t.Errorf("dim %d: item %d: NaN is %v", dim, b, bad)
				}
			}
		}
	})
}

func TestAttentionUnitsPanics(t *testing.T) {
	u := Units{Dim: 2, In: make([]float32, 6), Out: make([]float32, 6), Bias: make([]float32, 6)}
	good := func(n int) []float32 { return make([]float32, n) }
	for _, f := range []func(){
		func() { AttentionUnits(good(3), 2, good(12), good(6), 3, 2, u) },
		func() { AttentionUnits(good(4), 2, good(11), good(6), 3, 2, u) },
		func() { AttentionUnits(good(4), 2, good(12), good(5), 3, 2, u) },
		func() { AttentionUnits(good(4), 2, good(12), good(6), 3, 2, Units{2, u.In, u.Out[:5], u.Bias}) },
		func() { AttentionUnits(good(4), 2, good(12), good(6), 3, 2, Units{2, u.In, u.Out, u.Bias[:5]}) },
	} {
		mustPanic(t, f)
	}
}

// At gives back what was packed.
func TestMatrixAt(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for _, s := range []struct{ out, in int }{{1, 3}, {3, 5}, {16, 2}, {33, 4}, {70, 1}} {
			w := noise(newRand(), s.out*s.in)
			m := l.pack(w, s.out, s.in)
			for i, v := range w {
				if got := m.At(i/s.in, i%s.in); got != v {
					t.Errorf("%d by %d: weight %d: %g, want %g", s.out, s.in, i, got, v)
				}
			}
		}
	})
}

func BenchmarkAttentionUnits(b *testing.B) {
	for _, batch := range []int{1, 32} {
		const dim, units = 32, 250
		u := Units{Dim: dim, In: table(b, units*dim), Out: table(b, units*dim), Bias: table(b, units*dim)}
		x, p, dst := table(b, units*batch*dim), table(b, units*batch), table(b, batch*dim)
		benchEach(b, fmt.Sprintf("units=%d/batch=%d", units, batch), units*batch*dim*4, func(b *testing.B, l *loops) {
			for b.Loop() {
				l.attentionUnits(dst, dim, x, p, units, batch, u)
			}
		})
	}
}
