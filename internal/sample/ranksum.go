package sample

import (
	"math"
	"slices"
)

// RankSum returns the two-sided p-value of the Mann-Whitney U test: how likely
// it is, if xs and ys are draws from one distribution, that their ranks differ
// as much as they do. It is exact for small samples without ties, and otherwise
// the normal approximation with corrections for ties and continuity (Mann and
// Whitney 1947; Lehmann, Nonparametrics, 1975). It is 1 if either is empty.
func RankSum[T Number](xs, ys []T) float64 {
	n, m := len(xs), len(ys)
	if n == 0 || m == 0 {
		return 1
	}
	u, ties := mannWhitney(xs, ys)
	u = min(u, float64(n*m)-u)
	if ties == 0 && n*m <= 400 {
		return min(1, 2*cumulativeU(n, m, int(u)))
	}
	total := float64(n + m)
	variance := float64(n*m) / 12 * (total + 1 - ties/(total*(total-1)))
	if variance <= 0 { // all values are one
		return 1
	}
	z := (float64(n*m)/2 - u - 0.5) / math.Sqrt(variance)
	return min(1, math.Erfc(max(z, 0)/math.Sqrt2))
}

// mannWhitney returns U of xs, the number of pairs in which x is larger, and the
// sum of t^3 - t over the groups of t equal values.
func mannWhitney[T Number](xs, ys []T) (u, ties float64) {
	xs, ys = slices.Clone(xs), slices.Clone(ys)
	slices.Sort(xs)
	slices.Sort(ys)
	for i, j := 0, 0; i < len(xs) || j < len(ys); {
		v := least(xs[i:], ys[j:])
		a, b := run(xs[i:], v), run(ys[j:], v)
		u += float64(a)*float64(j) + float64(a*b)/2
		t := float64(a + b)
		ties += t*t*t - t
		i, j = i+a, j+b
	}
	return u, ties
}

// least returns the smaller of the first values.
func least[T Number](xs, ys []T) T {
	if len(ys) == 0 || len(xs) > 0 && xs[0] < ys[0] {
		return xs[0]
	}
	return ys[0]
}

// run returns how many values at the start equal v.
func run[T Number](xs []T, v T) (n int) {
	for n < len(xs) && xs[n] == v {
		n++
	}
	return n
}

// cumulativeU returns the probability of U <= u for samples of n and m without
// ties, by the recurrence of the number of orders: the largest value is an x,
// which is larger than m values, or a y.
func cumulativeU(n, m, u int) float64 {
	counts := make([][]float64, m+1) // for i xs so far: counts[j][u]
	for j := range counts {
		counts[j] = make([]float64, n*m+1)
		counts[j][0] = 1
	}
	for range n {
		next := make([][]float64, m+1)
		for j := range next {
			next[j] = make([]float64, n*m+1)
			for k := range next[j] {
				if k >= j {
					next[j][k] = counts[j][k-j]
				}
				if j > 0 {
					next[j][k] += next[j-1][k]
				}
			}
		}
		counts = next
	}
	var at, all float64
	for k, c := range counts[m] {
		all += c
		if k <= u {
			at += c
		}
	}
	return at / all
}
