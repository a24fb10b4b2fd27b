package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestRecurrentStep(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		rng := newRand()
		for _, n := range []int{1, 5, 32, 63, 64, 65, 100} {
			m := l.pack(noise(rng, n*n), n, n)
			for rows := 0; rows <= 10; rows++ { // every number of rows left after threes
				var bias []float32
				if rows%2 == 0 {
					bias = noise(rng, n)
				}
				ldh, ldx, ldp := n+rng.IntN(3), n+rng.IntN(3), n+rng.IntN(3)
				x, previous := noise(rng, rows*ldx), noise(rng, rows*ldp)
				h, check := guarded(rows*ldh, rows%5)
				RecurrentStep(h, ldh, x, ldx, previous, ldp, rows, m, bias)
				check(t)
				for i, got := range h {
					b, j := i/ldh, i%ldh
					if j >= n {
						if got != guard {
							t.Fatalf("%d units, row %d of %d: wrote between rows", n, b, rows)
						}
						continue
					}
					want := float64(x[b*ldx+j])
					if bias != nil {
						want += float64(bias[j])
					}
					for k := range n {
						want += float64(previous[b*ldp+k]) * float64(m.At(j, k))
					}
					if want = math.Tanh(want); !near(got, want, 2e-6) {
						t.Fatalf("%d units, row %d of %d: unit %d is %g, want %g", n, b, rows, j, got, want)
					}
				}
				for b := range rows {
					alone := make([]float32, n)
					RecurrentStep(alone, n, x[b*ldx:], ldx, previous[b*ldp:], ldp, 1, m, bias)
					if !slices.Equal(alone, h[b*ldh:][:n]) {
						t.Fatalf("%d units: row %d of %d alone differs", n, b, rows)
					}
				}
			}
		}
	})
}

// NaN and infinity of a row stay in it, and nothing is allocated.
func TestRecurrentStepByRow(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		const n, rows = 64, 5
		m := l.pack(noise(newRand(), n*n), n, n)
		x, previous, h := noise(newRand(), rows*n), noise(newRand(), rows*n), make([]float32, rows*n)
		previous[2*n+40], x[3*n] = nan, -inf
		if allocs := testing.AllocsPerRun(10, func() { RecurrentStep(h, n, x, n, previous, n, rows, m, nil) }); allocs != 0 {
			t.Errorf("%g allocations", allocs)
		}
		for i, v := range h {
			if bad := v != v; bad != (i/n == 2) {
				t.Fatalf("row %d, unit %d: %g", i/n, i%n, v)
			}
		}
		if h[3*n] != -1 {
			t.Errorf("tanh of minus infinity: %g", h[3*n])
		}
	})
}

func TestRecurrentStepPanics(t *testing.T) {
	m, good := Pack(make([]float32, 9), 3, 3), make([]float32, 6)
	for reason, f := range map[string]func(){
		"short h":                  func() { RecurrentStep(good[:5], 3, good, 3, good, 3, 2, m, nil) },
		"short x":                  func() { RecurrentStep(good, 3, good[:5], 3, good, 3, 2, m, nil) },
		"short previous":           func() { RecurrentStep(good, 3, good, 3, good[:5], 3, 2, m, nil) },
		"bias of the wrong length": func() { RecurrentStep(good, 3, good, 3, good, 3, 2, m, good[:2]) },
		"not square":               func() { RecurrentStep(good, 3, good, 3, good, 3, 2, Pack(good, 2, 3), nil) },
	} {
		t.Run(reason, func(t *testing.T) { mustPanic(t, f) })
	}
}

func BenchmarkRecurrentStep(b *testing.B) {
	const n = 64
	for _, batch := range []int{1, 4, 16, 64} {
		w, x, previous, h := table(b, n*n), table(b, batch*n), table(b, batch*n), table(b, batch*n)
		benchEach(b, fmt.Sprintf("batch=%d/hidden=%d", batch, n), 2*batch*n*n, func(b *testing.B, l *loops) {
			m := l.pack(w, n, n)
			for b.Loop() {
				RecurrentStep(h, n, x, n, previous, n, batch, m, nil)
			}
		})
	}
}
