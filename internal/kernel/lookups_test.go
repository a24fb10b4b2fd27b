package kernel

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// lookups makes count lookups of random tables, with numbers of rows on both
// sides of what is fetched in advance.
func lookups(count int) []Lookup {
	rng := newRand()
	list := make([]Lookup, count)
	for i := range list {
		const rows = 300
		x := Lookup{Dim: 1 + rng.IntN(70), Lengths: []int32{int32(rng.IntN(90)), 0, int32(rng.IntN(5))}}
		x.Stride = x.Dim + rng.IntN(3)
		x.Table = noise(rng, rows*x.Dim)
		for range x.Lengths[0] + x.Lengths[2] {
			x.Indices = append(x.Indices, int32(rng.IntN(rows)))
		}
		x.Dst = make([]float32, 3*x.Stride)
		list[i] = x
	}
	return list
}

func TestSparseLengthsSums(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for count := range 40 {
			list := lookups(count)
			if _, err := l.sparseLengthsSums(list); err != nil {
				t.Fatal(err)
			}
			for i, x := range list {
				want := make([]float32, len(x.Dst))
				if err := l.sparseLengthsSum(want, x.Stride, x.Table, x.Dim, x.Indices, x.Lengths); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(x.Dst, want) {
					t.Fatalf("lookup %d of %d differs from SparseLengthsSum", i, count)
				}
			}
		}
	})
}

func TestSparseLengthsSumsErrors(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		list := lookups(5)
		list[3].Lengths = []int32{1}
		list[3].Indices = []int32{math.MaxInt32} // fetched in advance, which must do no harm
		list[4].Table = nil
		list[4].Indices[0] = math.MinInt32
		i, err := l.sparseLengthsSums(list)
		if i != 3 || err == nil || !strings.HasPrefix(err.Error(), "index 0: 2147483647 is outside") {
			t.Error(i, err)
		}
	})
}

func TestSparseLengthsSumsAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		list := lookups(10)
		n := testing.AllocsPerRun(10, func() {
			if _, err := l.sparseLengthsSums(list); err != nil {
				t.Error(err)
			}
		})
		if n != 0 {
			t.Errorf("%g allocations", n)
		}
	})
}
