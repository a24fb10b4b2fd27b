package sample

import (
	"math"
	"slices"
)

// Quantile returns the q-quantile of an ascending sample by definition 7 of
// Hyndman and Fan (1996): linear interpolation at position q*(n-1) counted
// from zero, the default of NumPy, R and spreadsheets. It is NaN of nothing,
// and q is taken into [0, 1].
func Quantile[T Number](sorted []T, q float64) float64 {
	if len(sorted) == 0 || math.IsNaN(q) {
		return math.NaN()
	}
	lo, frac := position(len(sorted), q)
	if frac == 0 {
		return float64(sorted[lo])
	}
	return between(float64(sorted[lo]), float64(sorted[lo+1]), frac)
}

// Select returns the same quantiles as Quantile would after sorting.
// It reorders xs.
func Select[T Number](xs []T, qs ...float64) []float64 {
	slices.Sort(xs)
	out := make([]float64, len(qs))
	for i, q := range qs {
		out[i] = Quantile(xs, q)
	}
	return out
}

// position returns the rank below the q-quantile of n numbers, and how far
// the quantile lies towards the next rank.
func position(n int, q float64) (rank int, frac float64) {
	h := math.Min(math.Max(q, 0), 1) * float64(n-1)
	below := math.Floor(h)
	return int(below), h - below
}

// between interpolates so that equal ends give exactly that value.
func between(a, b, frac float64) float64 { return a + (b-a)*frac }
