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
	return interpolate(sorted, q)
}

// Select returns what Quantile would of the sorted sample, in time linear in
// its length. It reorders xs.
func Select[T Number](xs []T, qs ...float64) []float64 {
	ranks := make([]int, 0, 2*len(qs))
	for _, q := range qs {
		if len(xs) == 0 || math.IsNaN(q) {
			continue
		}
		rank, frac := position(len(xs), q)
		ranks = append(ranks, rank)
		if frac > 0 {
			ranks = append(ranks, rank+1)
		}
	}
	slices.Sort(ranks)
	place(xs, 0, slices.Compact(ranks))
	out := make([]float64, len(qs))
	for i, q := range qs {
		out[i] = Quantile(xs, q)
	}
	return out
}

// interpolate needs only the two ranks around q to be in their places.
func interpolate[T Number](xs []T, q float64) float64 {
	rank, frac := position(len(xs), q)
	if frac == 0 {
		return float64(xs[rank])
	}
	lo, hi := float64(xs[rank]), float64(xs[rank+1])
	return lo + (hi-lo)*frac // equal ends give exactly that value
}

// position returns the rank below the q-quantile of n numbers, and how far
// the quantile lies towards the next rank.
func position(n int, q float64) (rank int, frac float64) {
	h := math.Min(math.Max(q, 0), 1) * float64(n-1)
	below := math.Floor(h)
	return int(below), h - below
}

// fewToSort is where sorting a run beats partitioning it further.
const fewToSort = 24

// place puts into position every rank asked for (ascending; counted from
// offset, the rank of xs[0]): quickselect for several ranks at once. Runs of
// equal values, common in latencies of an idle system, are split off whole.
func place[T Number](xs []T, offset int, ranks []int) {
	for len(ranks) > 0 {
		if len(xs) <= fewToSort {
			slices.Sort(xs)
			return
		}
		lt, gt := partition(xs, pivot(xs))
		left, _ := slices.BinarySearch(ranks, offset+lt)
		right, _ := slices.BinarySearch(ranks, offset+gt)
		place(xs[:lt], offset, ranks[:left])
		xs, offset, ranks = xs[gt:], offset+gt, ranks[right:]
	}
}

// partition moves what is below the pivot to the front and what is above it to
// the back; xs[lt:gt] equals it.
func partition[T Number](xs []T, pivot T) (lt, gt int) {
	gt = len(xs)
	for i := 0; i < gt; {
		switch x := xs[i]; {
		case x < pivot:
			xs[i], xs[lt] = xs[lt], x
			lt++
			i++
		case x > pivot:
			gt--
			xs[i], xs[gt] = xs[gt], x
		default:
			i++
		}
	}
	return lt, gt
}

// pivot returns the median of three medians of three, spread over xs: good
// for sorted, reversed and periodic series alike.
func pivot[T Number](xs []T) T {
	step := len(xs) / 9
	at := func(i int) T { return median3(xs[i*step], xs[(i+3)*step], xs[(i+6)*step]) }
	return median3(at(0), at(1), at(2))
}

func median3[T Number](a, b, c T) T {
	return max(min(a, b), min(max(a, b), c))
}
