package kernel

import (
	"math"
	"testing"
)

func tanh64(x float64) float64    { return math.Tanh(x) }
func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
func relu64(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

// loopsUnderTest gives every loop over plain slices as one of two arguments,
// with its value in float64 and its error relative to that value.
func loopsUnderTest(l *loops) map[string]struct {
	f    func(dst, a, b []float32)
	want func(a, b float64) float64
	tol  float64
} {
	unary := func(f func(dst, src []float32)) func(dst, a, b []float32) {
		return func(dst, a, _ []float32) { f(dst, a) }
	}
	return map[string]struct {
		f    func(dst, a, b []float32)
		want func(a, b float64) float64
		tol  float64
	}{
		"add":     {l.add, func(a, b float64) float64 { return a + b }, 1e-7},
		"mul":     {l.mul, func(a, b float64) float64 { return a * b }, 1e-7},
		"addTanh": {l.addTanh, func(a, b float64) float64 { return tanh64(float64(float32(a + b))) }, 3e-7},
		"relu":    {unary(l.relu), func(a, _ float64) float64 { return relu64(a) }, 0},
		"sigmoid": {unary(l.sigmoid), func(a, _ float64) float64 { return sigmoid64(a) }, 3e-7},
	}
}

func TestElementwise(t *testing.T) {
	rng := newRand()
	each(t, func(t *testing.T, l *loops) {
		for name, c := range loopsUnderTest(l) {
			for n := range 150 { // every tail of every unrolling
				a, b := noise(rng, n), noise(rng, n)
				for i := range a {
					a[i] *= 4
				}
				dst, check := guarded(n, n%7)
				c.f(dst, a, b)
				check(t)
				for i := range dst {
					want := c.want(float64(a[i]), float64(b[i]))
					if !near(dst[i], want, c.tol*math.Abs(want)) {
						t.Fatalf("%s: length %d: f(%g, %g) = %g, want %g", name, n, a[i], b[i], dst[i], want)
					}
				}
			}
		}
	})
}

func TestElementwiseInPlace(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for name, c := range loopsUnderTest(l) {
			a, b := noise(newRand(), 77), noise(newRand(), 77)
			want := make([]float32, 77)
			c.f(want, a, b)
			c.f(a, a, b)
			for i := range a {
				if a[i] != want[i] {
					t.Fatalf("%s: in place, value %d = %g, want %g", name, i, a[i], want[i])
				}
			}
		}
	})
}

// edges are arguments at which approximations break: infinities, NaN, zeros,
// denormals, and both sides of every cut.
var edges = []float32{
	inf, -inf, nan, 0, float32(math.Copysign(0, -1)), 1e-45, -1e-45, 1e-40, 1e-38, 1e-30, -1e-20, 1e-8, 1e-4,
	0.17, 0.18, 0.346, 0.347, 1, -1, 8.99, 9, 9.01, 9.02, -9.02, 16, 17, -17, 86.9, 87, 87.1, 88, 89, 104, 1e10, math.MaxFloat32,
	-86.9, -87, -87.1, -88, -104, -1e10, -math.MaxFloat32,
}

func TestActivationEdges(t *testing.T) {
	zeros := make([]float32, len(edges))
	each(t, func(t *testing.T, l *loops) {
		for name, c := range loopsUnderTest(l) {
			if name == "mul" {
				continue
			}
			dst := make([]float32, len(edges))
			c.f(dst, edges, zeros)
			for i, x := range edges {
				want := c.want(float64(x), 0)
				if !near(dst[i], want, c.tol*math.Abs(want)+2e-38) {
					t.Errorf("%s(%g) = %g, want %g", name, x, dst[i], want)
				}
			}
		}
	})
}

// The activations stay within their bounds and never fall, over a sweep of the
// floats in order.
func TestActivationsAreMonotoneInBounds(t *testing.T) {
	const step = 40961 // of 2^32 patterns
	var x []float32
	for b := uint32(math.Float32bits(100)); b >= step; b -= step {
		x = append(x, -math.Float32frombits(b))
	}
	for b := uint32(0); b <= math.Float32bits(100); b += step {
		x = append(x, math.Float32frombits(b))
	}
	each(t, func(t *testing.T, l *loops) {
		dst := make([]float32, len(x))
		tanh := func(dst, src []float32) { l.addTanh(dst, src, make([]float32, len(src))) }
		for name, f := range map[string]func(dst, src []float32){"tanh": tanh, "sigmoid": l.sigmoid} {
			oracle, lo := tanh64, float32(-1)
			if name == "sigmoid" {
				oracle, lo = sigmoid64, 0
			}
			f(dst, x)
			for i, y := range dst {
				want := oracle(float64(x[i]))
				if y < lo || y > 1 || !near(y, want, 3e-7*math.Abs(want)+2e-38) {
					t.Fatalf("%s(%g) = %g, want %g", name, x[i], y, want)
				}
				if i > 0 && float64(y) < float64(dst[i-1])*(1-3e-7) && y > 0 {
					t.Fatalf("%s falls from %g to %g at %g", name, dst[i-1], y, x[i])
				}
			}
		}
	})
}

func TestElementwiseAPI(t *testing.T) {
	a, b, dst := []float32{1, -2, 3}, []float32{4, 5, -6}, make([]float32, 3)
	check := func(reason string, want ...float32) {
		t.Helper()
		for i := range want {
			if !near(dst[i], float64(want[i]), 1e-6) {
				t.Errorf("%s: %v, want %v", reason, dst, want)
				return
			}
		}
	}
	Add(dst, a, b)
	check("Add", 5, 3, -3)
	Mul(dst, a, b)
	check("Mul", 4, -10, -18)
	ReluTo(dst, a)
	check("ReluTo", 1, 0, 3)
	SigmoidTo(dst, a)
	check("SigmoidTo", 0.7310586, 0.1192029, 0.9525741)
	CopyRows(dst, 2, a, 3, 1, 2)
	check("CopyRows", 1, -2, 0.9525741)

	for reason, f := range map[string]func(){
		"Add":       func() { Add(dst, a, b[:2]) },
		"Mul":       func() { Mul(dst[:2], a, b) },
		"ReluTo":    func() { ReluTo(dst, a[:1]) },
		"SigmoidTo": func() { SigmoidTo(dst, nil) },
		"CopyRows":  func() { CopyRows(dst, 2, a, 2, 2, 2) },
	} {
		t.Run(reason+" with lengths that differ", func(t *testing.T) { mustPanic(t, f) })
	}
}
