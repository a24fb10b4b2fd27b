package kernel

import (
	"math"
	"testing"
)

// tiny is denormal; so is its product with any number up to 1e2.
var tiny = float32(1e-40)

func fill(n int, v float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// The vector loops that multiply take denormals as zero, since they are slow
// otherwise: a hundredfold, where Go's own arithmetic meets one.
func TestDenormalsCountAsZero(t *testing.T) {
	const n, rows = 40, 5
	x, dst := fill(n*rows, tiny), make([]float32, n*rows)
	each(t, func(t *testing.T, l *loops) {
		if l == &portable {
			t.Skip("Go keeps denormals")
		}
		half := fill(n*rows, 0.5)
		for reason, f := range map[string]func(){
			"mul":             func() { l.mul(dst, x, half) },
			"addTanh":         func() { l.addTanh(dst, x, x) },
			"layer":           func() { l.pack(half[:n*n/10], n/10, n).fc(dst, n, x, n, rows, nil, None) },
			"wide layer":      func() { l.pack(fill(n*n, 0.5), n, n).fc(dst, n, x, n, rows, nil, None) },
			"at batch 1":      func() { l.pack(fill(n*2*n, 0.5), 2*n, n).fc(dst, 2*n, x, n, 1, nil, None) },
			"layer's weights": func() { l.pack(fill(n*n, tiny), n, n).fc(dst, n, half, n, rows, nil, None) },
			"dots":            func() { l.dotLower(dst, x, rows, n, 1) },
		} {
			copy(dst, half)
			f()
			if dst[0] != 0 || dst[1] != 0 {
				t.Errorf("%s: %g, %g", reason, dst[0], dst[1])
			}
			if tiny*half[0] == 0 {
				t.Fatalf("%s: left the processor flushing denormals", reason)
			}
		}
	})
}

// The loops that only add keep them: it costs nothing.
func TestSumsKeepDenormals(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		dst := make([]float32, 32)
		if err := l.sparseLengthsSum(dst, 32, fill(32, tiny), 32, []int32{0, 0}, []int32{2}); err != nil {
			t.Fatal(err)
		}
		if want := 2 * tiny; dst[0] != want || math.Float32bits(want) == 0 {
			t.Errorf("%g, want %g", dst[0], want)
		}
	})
}
