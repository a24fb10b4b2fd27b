package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// each runs f once for every instruction set that this processor supports.
func each(t *testing.T, f func(t *testing.T, l *loops)) {
	t.Helper()
	for _, l := range supported() {
		t.Run(l.isa, func(t *testing.T) { f(t, l) })
	}
}

// guard is a value that no loop computes; guarded slices are fenced with it.
const guard = -12345.678

// guarded returns n values within a fence, all set to the guard value, and a
// check that the fence still stands. misalign moves the values off their cache
// line by so many floats.
func guarded(n, misalign int) (x []float32, check func(t *testing.T)) {
	const fence = 32
	buf := aligned(n + 2*fence + misalign)
	for i := range buf {
		buf[i] = guard
	}
	x = buf[fence+misalign:][:n:n]
	return x, func(t *testing.T) {
		t.Helper()
		for i, v := range buf {
			if j := i - fence - misalign; (j < 0 || j >= n) && v != guard {
				t.Fatalf("wrote outside %d values, at %d", n, j)
			}
		}
	}
}

// noise returns n values uniform on [-1, 1].
func noise(rng *rand.Rand, n int) []float32 {
	x, _ := guarded(n, 0)
	for i := range x {
		x[i] = float32(rng.Float64()*2 - 1)
	}
	return x
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// near reports whether got is within tol of want, or is the same infinity or a
// NaN like it.
func near(got float32, want, tol float64) bool {
	g := float64(got)
	if math.IsNaN(want) || math.IsNaN(g) {
		return math.IsNaN(want) && math.IsNaN(g)
	}
	return g == want || math.Abs(g-want) <= tol
}

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

func mustPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	f()
}
