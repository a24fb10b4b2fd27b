package kernel

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// slsCase sums random rows and compares with float64.
func slsCase(t *testing.T, l *loops, rows, dim, gap, misalign int, lengths []int32) {
	t.Helper()
	rng := newRand()
	table, _ := guarded(rows*dim, misalign)
	copy(table, noise(rng, rows*dim))
	var indices []int32
	for _, n := range lengths {
		for range n {
			indices = append(indices, int32(rng.IntN(rows)))
		}
	}
	ldd := dim + gap
	dst, check := guarded(max(0, len(lengths)*ldd-gap), misalign)
	if err := l.sparseLengthsSum(dst, ldd, table, dim, indices, lengths); err != nil {
		t.Fatal(err)
	}
	check(t)
	for b, n := range lengths {
		for j := range ldd {
			if b*ldd+j >= len(dst) {
				break
			}
			got := dst[b*ldd+j]
			if j >= dim {
				if got != guard {
					t.Fatalf("dim %d: wrote between rows, item %d, at %d", dim, b, j)
				}
				continue
			}
			var want float64
			for _, x := range indices[:n] {
				want += float64(table[int(x)*dim+j])
			}
			if !near(got, want, 1e-6*math.Sqrt(float64(n)+1)) {
				t.Fatalf("dim %d, lengths %v: item %d, value %d = %g, want %g", dim, lengths, b, j, got, want)
			}
		}
		indices = indices[n:]
	}
}

func TestSparseLengthsSum(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for dim := 1; dim <= 130; dim++ { // every tail, and the special sizes
			slsCase(t, l, 50, dim, dim%3, dim%5, []int32{3, 0, 1, 7})
		}
		for n := range int32(100) { // around the distance of the prefetch
			slsCase(t, l, 1000, 32, 0, 0, []int32{n})
			slsCase(t, l, 1000, 64, 0, 0, []int32{0, n, 1})
		}
		slsCase(t, l, 10, 32, 0, 0, nil)
		slsCase(t, l, 10, 32, 0, 0, []int32{0, 0})
		slsCase(t, l, 1, 64, 0, 0, []int32{5})
	})
}

func TestSparseLengthsSumErrors(t *testing.T) {
	const rows, dim = 10, 4
	cases := []struct {
		reason           string
		table            int
		dim              int
		indices, lengths []int32
		want             string
	}{
		{"index past the end", rows * dim, dim, []int32{1, 10}, []int32{2}, "index 1: 10 is outside a table of 10 rows"},
		{"negative index", rows * dim, dim, []int32{-1}, []int32{1}, "index 0: -1 is outside"},
		{"smallest index", rows * dim, dim, []int32{0, 0, math.MinInt32}, []int32{3}, "index 2: -2147483648 is outside"},
		{"empty table", 0, dim, []int32{0}, []int32{1}, "index 0: 0 is outside a table of 0 rows"},
		{"too few indices", rows * dim, dim, []int32{1}, []int32{1, 1}, "lengths: sum 2 for 1 indices"},
		{"too many indices", rows * dim, dim, []int32{1, 2}, []int32{1}, "lengths: sum 1 for 2 indices"},
		{"indices and no items", rows * dim, dim, []int32{1}, nil, "lengths: sum 0 for 1 indices"},
		{"negative length that sums up", rows * dim, dim, []int32{1}, []int32{2, -1}, "length 1: negative: -1"},
		{"lengths that overflow 32 bits", rows * dim, dim, nil, []int32{math.MaxInt32, math.MaxInt32, 2}, "lengths: sum 4294967296 for 0 indices"},
		{"ragged table", rows*dim + 1, dim, nil, nil, "table: 41 values are not rows of 4"},
		{"no dimension", 0, 0, nil, nil, "table: 0 values are not rows of 0"},
		{"dst too short", rows * dim, dim, []int32{1, 1, 1, 1}, []int32{1, 1, 1, 1}, "dst: 12 values for 4 rows of 4, 4 apart"},
	}
	each(t, func(t *testing.T, l *loops) {
		for _, c := range cases {
			t.Run(c.reason, func(t *testing.T) {
				dst, _ := guarded(3*dim, 0)
				err := l.sparseLengthsSum(dst, dim, make([]float32, c.table), c.dim, c.indices, c.lengths)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				for _, v := range dst {
					if v != guard {
						t.Fatal("wrote to dst")
					}
				}
			})
		}
	})
}

func FuzzSparseLengthsSum(f *testing.F) {
	f.Add([]byte{1, 2, 3}, []byte{2, 1}, uint8(32))
	f.Add([]byte{255}, []byte{1}, uint8(64))
	f.Add([]byte{}, []byte{0, 200}, uint8(7))
	f.Fuzz(func(t *testing.T, ix, ls []byte, dim uint8) {
		const rows = 100
		d := int(dim)%80 + 1
		table := make([]float32, rows*d)
		for i := range table {
			table[i] = float32(i % 97)
		}
		want := make([]float32, len(ls)*d)
		wantErr := portable.sparseLengthsSum(want, d, table, d, signed(ix), signed(ls))
		for _, l := range supported() {
			dst, check := guarded(len(ls)*d, 0)
			err := l.sparseLengthsSum(dst, d, table, d, signed(ix), signed(ls))
			check(t)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%s: error %v, portable %v", l.isa, err, wantErr)
			}
			for i := range dst {
				if err == nil && dst[i] != want[i] { // small integers add up exactly
					t.Fatalf("%s: dst[%d] = %g, portable %g", l.isa, i, dst[i], want[i])
				}
			}
		}
	})
}

// signed takes bytes as small integers, some of them negative.
func signed(b []byte) []int32 {
	x := make([]int32, len(b))
	for i, v := range b {
		x[i] = int32(v)
		if v > 250 {
			x[i] = -x[i]
		}
	}
	return x
}

func TestSparseLengthsSumPropagatesNaNAndInf(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for _, dim := range []int{5, 32, 64} {
			table := make([]float32, 4*dim)
			table[1*dim] = nan
			table[2*dim+dim-1] = inf
			table[3*dim+dim-1] = -inf
			dst := make([]float32, 2*dim)
			if err := l.sparseLengthsSum(dst, dim, table, dim, []int32{1, 0, 2, 2, 3}, []int32{3, 2}); err != nil {
				t.Fatal(err)
			}
			if !near(dst[0], math.NaN(), 0) || dst[dim-1] != inf || !near(dst[2*dim-1], math.NaN(), 0) {
				t.Errorf("dim %d: %v", dim, dst)
			}
		}
	})
}

func ExampleSparseLengthsSum() {
	table := []float32{
		1, 10,
		2, 20,
		3, 30,
	}
	dst := make([]float32, 4)
	fmt.Println(SparseLengthsSum(dst, 2, table, 2, []int32{0, 2, 1}, []int32{2, 1}), dst)
	fmt.Println(SparseLengthsSum(dst, 2, table, 2, []int32{0, 3, 1}, []int32{2, 1}))
	// Output:
	// <nil> [4 40 2 20]
	// index 1: 3 is outside a table of 3 rows
}
