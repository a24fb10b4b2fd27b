package kernel

import (
	"math"
	"testing"
)

// softmax64 is the softmax of the differences to the largest value as float32
// has them: rounding these is not the exponential's fault.
func softmax64(src []float32) []float64 {
	top := src[0]
	for _, x := range src {
		top = max(top, x)
	}
	want, sum := make([]float64, len(src)), 0.0
	for i, x := range src {
		want[i] = math.Exp(float64(x - top))
		sum += want[i]
	}
	for i := range want {
		want[i] /= sum
	}
	return want
}

func TestSoftmaxRows(t *testing.T) {
	rng := newRand()
	each(t, func(t *testing.T, l *loops) {
		for cols := 1; cols <= 70; cols++ {
			const rows, gap = 3, 2
			ldd, lds := cols+gap, cols+gap+1
			src := noise(rng, rows*lds)
			for i := range src {
				src[i] *= 20
			}
			dst, check := guarded(rows*ldd-gap, cols%5)
			l.softmax(dst, ldd, src, lds, rows, cols)
			check(t)
			for r := range rows {
				want := softmax64(src[r*lds:][:cols])
				var sum float64
				for j, w := range want {
					got := dst[r*ldd+j]
					sum += float64(got)
					if !near(got, w, 1e-6*w+2e-38) {
						t.Fatalf("%d columns: row %d, value %d = %g, want %g", cols, r, j, got, w)
					}
				}
				if math.Abs(sum-1) > 1e-6 {
					t.Fatalf("%d columns: row %d sums to %g", cols, r, sum)
				}
				if r+1 < rows && dst[r*ldd+cols] != guard {
					t.Fatalf("%d columns: wrote between rows", cols)
				}
			}
		}
	})
}

func TestSoftmaxEdges(t *testing.T) {
	cases := []struct {
		reason string
		row    []float32
	}{
		{"huge values", []float32{1e30, 1e30, -1e30}},
		{"far apart", []float32{0, -87.5, -200}},
		{"minus infinity is probability 0", []float32{0, -inf, 1}},
		{"NaN spoils its row", []float32{0, nan, 1}},
		{"NaN first", []float32{nan, 0, 1}},
		{"infinity is undefined", []float32{0, inf, 1}},
		{"nothing but minus infinity", []float32{-inf, -inf}},
	}
	each(t, func(t *testing.T, l *loops) {
		for _, c := range cases {
			t.Run(c.reason, func(t *testing.T) {
				dst := make([]float32, len(c.row))
				l.softmax(dst, len(dst), c.row, len(dst), 1, len(dst))
				for i, w := range softmax64(c.row) {
					if !near(dst[i], w, 1e-6) {
						t.Errorf("%v, want %v", dst, softmax64(c.row))
						break
					}
				}
			})
		}
	})
}

func TestDotLower(t *testing.T) {
	rng := newRand()
	each(t, func(t *testing.T, l *loops) {
		for diagonal := range 2 {
			for f := 1; f <= 10; f++ {
				for _, dim := range []int{1, 7, 16, 32, 37, 64} {
					x := noise(rng, f*dim)
					pairs := f*(f-1)/2 + f*diagonal
					dst, check := guarded(pairs, f)
					l.dotLower(dst, x, f, dim, diagonal)
					check(t)
					n := 0
					for i := range f {
						for j := range i + diagonal {
							var want float64
							for k := range dim {
								want += float64(x[i*dim+k]) * float64(x[j*dim+k])
							}
							if !near(dst[n], want, 1e-5) {
								t.Fatalf("f %d, dim %d: pair %d,%d = %g, want %g", f, dim, i, j, dst[n], want)
							}
							n++
						}
					}
				}
			}
		}
	})
}

func TestRowsAPI(t *testing.T) {
	src := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	dst := make([]float32, 8)
	DotLower(dst, 2, src, 4, 2, 2, 2, false) // (1,2).(3,4) and (5,6).(7,8)
	if dst[0] != 11 || dst[2] != 83 {
		t.Errorf("DotLower: %v", dst)
	}
	SoftmaxRows(dst, 4, src, 4, 2, 1)
	if dst[0] != 1 || dst[4] != 1 {
		t.Errorf("SoftmaxRows: %v", dst)
	}
	SoftmaxRows(dst, 4, src, 4, 0, 4) // nothing to do
	for reason, f := range map[string]func(){
		"softmax of a short row":    func() { SoftmaxRows(dst, 4, src, 4, 3, 4) },
		"softmax to a short row":    func() { SoftmaxRows(dst[:7], 4, src, 4, 2, 4) },
		"dots of too few vectors":   func() { DotLower(dst, 3, src, 4, 2, 3, 2, false) },
		"dots to too short a row":   func() { DotLower(dst[:2], 3, src, 8, 1, 4, 2, false) },
		"dots to rows that overlap": func() { DotLower(dst, 1, src, 4, 2, 2, 2, true) },
	} {
		t.Run(reason, func(t *testing.T) { mustPanic(t, f) })
	}
}
