package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// fcOracle computes FC in float64, and the sum of the terms' magnitudes that
// its rounding error is proportional to.
func fcOracle(src []float32, lds, batch int, w []float32, out, in int, bias []float32, act Activation) (want, scale []float64) {
	for b := range batch {
		for j := range out {
			var s, m float64
			if bias != nil {
				s = float64(bias[j])
				m = math.Abs(s)
			}
			for k := range in {
				p := float64(src[b*lds+k]) * float64(w[j*in+k])
				s += p
				m += math.Abs(p)
			}
			switch {
			case act == Relu && s < 0:
				s = 0
			case act == Sigmoid:
				s = 1 / (1 + math.Exp(-s))
			}
			want = append(want, s)
			scale = append(scale, m)
		}
	}
	return want, scale
}

// fcCase compares one shape with the oracle and checks that only the outputs
// are written.
func fcCase(t *testing.T, l *loops, batch, in, out, gap int, act Activation, biased bool) {
	t.Helper()
	rng := newRand()
	ldd, lds := out+gap, in+gap
	w, src := noise(rng, out*in), noise(rng, (batch-1)*lds+in)
	var bias []float32
	if biased {
		bias = noise(rng, out)
	}
	dst, check := guarded((batch-1)*ldd+out, gap)
	l.pack(w, out, in).fc(dst, ldd, src, lds, batch, bias, act)
	check(t)
	want, scale := fcOracle(src, lds, batch, w, out, in, bias, act)
	for i, v := range dst {
		b, j := i/ldd, i%ldd
		if j >= out {
			if v != guard {
				t.Fatalf("batch %d, %d to %d: wrote between rows, item %d, at %d", batch, in, out, b, j)
			}
			continue
		}
		tol := 1e-7 * (scale[b*out+j] + 3) * math.Sqrt(float64(in)+4)
		if !near(v, want[b*out+j], tol) {
			t.Fatalf("batch %d, %d to %d, act %d: item %d, output %d = %g, want %g", batch, in, out, act, b, j, v, want[b*out+j])
		}
	}
}

func TestFCEveryTile(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for batch := 1; batch <= 26; batch++ { // two full tiles and every remainder
			for out := 1; out <= 2*l.width+1; out++ {
				fcCase(t, l, batch, 7, out, batch%3, Relu, out%2 == 0)
			}
			for _, out := range []int{4 * l.width, 7*l.width + 1} { // four panels; four, two, one and a column
				fcCase(t, l, batch, 7, out, batch%3, Relu, batch%2 == 0)
			}
		}
		for in := 1; in <= 70; in++ { // every remainder of the unrolled loop
			for _, out := range []int{1, 3, l.width, l.width + l.lane, 6 * l.width} {
				fcCase(t, l, 3, in, out, 1, None, true)
			}
		}
	})
}

func TestFCShapes(t *testing.T) {
	cases := []struct {
		reason         string
		batch, in, out int
	}{
		{"one value", 1, 1, 1},
		{"a unit's second attention layer", 30, 1, 32},
		{"last layer", 64, 256, 1},
		{"two outputs", 33, 80, 2},
		{"a wide layer at batch 1", 1, 512, 300},
		{"more rows than a block", 2100, 257, 3},
		{"odd everywhere", 37, 129, 131},
	}
	each(t, func(t *testing.T, l *loops) {
		for _, c := range cases {
			t.Run(c.reason, func(t *testing.T) {
				for _, act := range []Activation{None, Relu, Sigmoid} {
					fcCase(t, l, c.batch, c.in, c.out, 5, act, true)
				}
			})
		}
	})
}

// An item's result must not depend on its neighbours, so that cutting a query
// into requests changes no score.
func TestFCItemsAreIndependent(t *testing.T) {
	rng := newRand()
	const batch, in = 40, 67
	each(t, func(t *testing.T, l *loops) {
		for _, out := range []int{1, 2, 4, 5, 16, 33, 80, 160} {
			m := l.pack(noise(rng, out*in), out, in)
			src, bias := noise(rng, batch*in), noise(rng, out)
			all := make([]float32, batch*out)
			m.fc(all, out, src, in, batch, bias, Sigmoid)
			one := make([]float32, out)
			for b := range batch {
				m.fc(one, out, src[b*in:], in, 1, bias, Sigmoid)
				if !slices.Equal(one, all[b*out:][:out]) {
					t.Fatalf("%d outputs: item %d alone differs", out, b)
				}
			}
		}
	})
}

func TestFCPropagatesNaNAndInf(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for _, bad := range []float32{nan, inf, -inf} {
			for _, act := range []Activation{None, Relu, Sigmoid} {
				for _, out := range []int{1, 3, 40} {
					const batch, in = 5, 19
					rng := newRand()
					w, src := noise(rng, out*in), noise(rng, batch*in)
					src[2*in+18] = bad
					dst := make([]float32, batch*out)
					l.pack(w, out, in).fc(dst, out, src, in, batch, nil, act)
					want, _ := fcOracle(src, in, batch, w, out, in, nil, act)
					for i := range dst {
						if !near(dst[i], want[i], 1e-5) {
							t.Fatalf("%g, act %d, %d outputs: dst[%d] = %g, want %g", bad, act, out, i, dst[i], want[i])
						}
					}
				}
			}
		}
	})
}

func TestFCPanicsOnMisuse(t *testing.T) {
	m := Pack(make([]float32, 6), 2, 3)
	buf := make([]float32, 12)
	for reason, f := range map[string]func(){
		"weights of the wrong length": func() { Pack(buf, 5, 2) },
		"no outputs":                  func() { Pack(nil, 0, 2) },
		"short src":                   func() { FC(buf, 2, buf[:5], 3, 2, m, nil, None) },
		"short dst":                   func() { FC(buf[:3], 2, buf, 3, 2, m, nil, None) },
		"rows of dst overlap":         func() { FC(buf, 1, buf, 3, 2, m, nil, None) },
		"rows of src overlap":         func() { FC(buf, 2, buf, 2, 2, m, nil, None) },
		"bias of the wrong length":    func() { FC(buf, 2, buf, 3, 2, m, buf[:3], None) },
	} {
		t.Run(reason, func(t *testing.T) { mustPanic(t, f) })
	}
}

func TestFCAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for _, out := range []int{1, 50} {
			m := l.pack(make([]float32, out*20), out, 20)
			src, dst, bias := make([]float32, 20*20), make([]float32, 20*out), make([]float32, out)
			if n := testing.AllocsPerRun(10, func() { m.fc(dst, out, src, 20, 20, bias, Sigmoid) }); n != 0 {
				t.Errorf("%d outputs: %g allocations", out, n)
			}
		}
	})
}

func ExampleFC() {
	m := Pack([]float32{
		1, 2,
		3, 4,
		5, -6,
	}, 3, 2)
	row := make([]float32, 4) // the layer writes its part of a wider row
	FC(row[1:], 3, []float32{1, 1}, 2, 1, m, []float32{0.5, 0.5, 0.5}, Relu)
	fmt.Println(row)
	// Output: [0 3.5 7.5 0]
}
