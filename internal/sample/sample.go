// Package sample turns samples into numbers worth printing: quantiles, means,
// spreads, and intervals that say how far the numbers can be trusted. It is
// the only place in the project that computes a quantile.
//
// Its stance: a sample of queueing delays is a correlated series, not a bag of
// independent draws, so an interval is made from contiguous batches, and where
// the series is too short to say anything the answer is "not known" and never
// a narrow interval.
//
// Start reading at Quantile, then Interval.
package sample

import (
	"math"
	"slices"
)

// Number is what can be sampled: float64, and int64 counts or durations.
type Number interface{ ~int64 | ~float64 }

// Mean returns the arithmetic mean, NaN of nothing.
func Mean[T Number](xs []T) float64 {
	var sum float64
	for _, x := range xs {
		sum += float64(x)
	}
	return sum / float64(len(xs))
}

// Variance returns the unbiased variance (divisor n-1), NaN of fewer than two.
func Variance[T Number](xs []T) float64 {
	if len(xs) < 2 {
		return math.NaN()
	}
	mean := Mean(xs)
	var sum float64
	for _, x := range xs {
		d := float64(x) - mean
		sum += d * d
	}
	return sum / float64(len(xs)-1)
}

// CV returns the coefficient of variation: standard deviation over mean.
func CV[T Number](xs []T) float64 { return math.Sqrt(Variance(xs)) / Mean(xs) }

// GeoMean returns the geometric mean of positive numbers, NaN of nothing or of
// a number that is not positive.
func GeoMean(xs []float64) float64 {
	var sum float64
	for _, x := range xs {
		if !(x > 0) {
			return math.NaN()
		}
		sum += math.Log(x)
	}
	return math.Exp(sum / float64(len(xs)))
}

// Median returns the type-7 median, NaN of nothing; xs is left as it is.
func Median[T Number](xs []T) float64 {
	return Select(slices.Clone(xs), 0.5)[0]
}
