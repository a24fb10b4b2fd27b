package sample

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Batches is how many contiguous batches an interval rests on. With 24, the
// coverage measured on M/M/1 delays and AR(1) series is best over the widest
// range of correlation; fewer make wider intervals, more make batches that
// are not independent.
const Batches = 24

// Interval is a confidence interval. An end that the series is too short to
// know is infinite; Batches is zero where neither end is known.
type Interval struct {
	Lo, Hi  float64
	Batches int
}

// Known reports whether both ends are known.
func (i Interval) Known() bool {
	return i.Batches > 0 && !math.IsInf(i.Lo, 0) && !math.IsInf(i.Hi, 0)
}

// Contains reports whether x lies in the interval, ends included.
func (i Interval) Contains(x float64) bool { return i.Lo <= x && x <= i.Hi }

func unknown() Interval { return Interval{Lo: math.Inf(-1), Hi: math.Inf(1)} }

// QuantileInterval returns an interval for the q-quantile of a stationary
// series, in the order it was observed. The series may be correlated.
//
// Method: the share of values above the sample quantile is taken in each of 24
// contiguous batches. Their spread, widened for the correlation left between
// neighbouring batches (see Halfwidth), says how uncertain the rank q is, and
// the interval runs between the sample quantiles of ranks q-h and q+h. Unlike
// batch means of quantiles it is not biased by the shape of short batches, and
// it is wider upwards where the tail is long.
//
// Both ends are unknown where fewer than one value per batch is expected
// beyond the quantile: below 480 values for p95, 2400 for p99. One end is
// unknown where h reaches past the last rank: the correlation leaves too few
// independent excursions into the tail to bound it.
//
// Coverage of nominal 95 % intervals, measured over 500 runs of M/M/1 delays:
// p95 at load 0.5 / 0.8 / 0.9 / 0.95 from 57,344 queries: 96 / 96 / 93 / 93 %,
// the upper end being unknown in 0 / 0 / 5 / 56 % of them.
func QuantileInterval[T Number](series []T, q, confidence float64) Interval {
	if float64(len(series))*min(q, 1-q) < Batches {
		return unknown()
	}
	sorted := slices.Clone(series)
	at := Select(sorted, q)[0]
	shares := make([]float64, Batches)
	for i := range shares {
		batch := Batch(series, i)
		above := 0
		for _, x := range batch {
			if float64(x) > at {
				above++
			}
		}
		shares[i] = float64(above) / float64(len(batch))
	}
	lo, hi := Ranks(shares, q, confidence)
	return between(lo, hi, func(rank float64) float64 { return Select(sorted, rank)[0] })
}

// Ranks returns the ends of the interval of a quantile as ranks, given the
// share of values above the quantile in each batch. A rank outside (0, 1)
// means that this end is not known.
func Ranks(shares []float64, q, confidence float64) (lo, hi float64) {
	h := Halfwidth(shares, confidence)
	return q - h, q + h
}

// between inverts an interval of ranks.
func between(lo, hi float64, quantile func(rank float64) float64) Interval {
	i := unknown()
	i.Batches = Batches
	if lo > 0 {
		i.Lo = quantile(lo)
	}
	if hi < 1 {
		i.Hi = quantile(hi)
	}
	return i
}

// MeanInterval returns an interval for the mean of a stationary series, which
// may be correlated, from the means of contiguous batches. It is unknown below
// two values per batch.
func MeanInterval[T Number](series []T, confidence float64) Interval {
	if len(series) < 2*Batches {
		return unknown()
	}
	means := make([]float64, Batches)
	for i := range means {
		means[i] = Mean(Batch(series, i))
	}
	mean, h := Mean(series), Halfwidth(means, confidence)
	return Interval{Lo: mean - h, Hi: mean + h, Batches: Batches}
}

// Batch returns the i-th of Batches contiguous parts of a series, which differ
// in length by one at most.
func Batch[T any](series []T, i int) []T {
	n := len(series)
	return series[i*n/Batches : (i+1)*n/Batches]
}

// Halfwidth returns half the width of an interval for the mean of a statistic,
// given its value in each of a few contiguous batches: Student's t times the
// standard error. If neighbouring batches correlate by phi, as in an AR(1)
// series, the variance of their mean grows by a = (1+phi)/(1-phi) and the
// batches are worth len/a independent ones (the correction of Skart: Tafazzoli
// and Wilson 2011). The usual estimate of phi is 1/len too low on average,
// which is added; a negative one is taken as zero.
func Halfwidth(batches []float64, confidence float64) float64 {
	n := float64(len(batches))
	variance := Variance(batches)
	if variance == 0 {
		return 0
	}
	phi := lag1(batches) + 1/n
	phi = min(max(phi, 0), 0.9)
	a := (1 + phi) / (1 - phi)
	return StudentT((1+confidence)/2, max(1, n/a-1)) * math.Sqrt(variance*a/n)
}

// lag1 returns the correlation between neighbours, for a positive variance.
func lag1(xs []float64) float64 {
	mean := Mean(xs)
	var with, self float64
	for i, x := range xs {
		self += (x - mean) * (x - mean)
		if i > 0 {
			with += (x - mean) * (xs[i-1] - mean)
		}
	}
	return with / self
}

// StudentT returns the p-quantile of Student's t distribution.
func StudentT(p, degrees float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: degrees}.Quantile(p)
}
