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

// Estimate is a quantile with its interval.
type Estimate struct {
	Value float64
	Interval
}

// QuantileInterval returns an interval for the q-quantile of a stationary
// series, in the order it was observed. The series may be correlated. See
// Estimates for the method.
func QuantileInterval[T Number](series []T, q, confidence float64) Interval {
	return Estimates(series, confidence, q)[0].Interval
}

// Estimates returns quantiles of a stationary series, in the order it was
// observed, with their intervals. The series may be correlated.
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
// p95 at load 0.5 / 0.8 / 0.9 / 0.95 from 57,344 queries: 96 / 96 / 93 / 91 %,
// the upper end being unknown in 0 / 0 / 5 / 56 % of them.
func Estimates[T Number](series []T, confidence float64, qs ...float64) []Estimate {
	sorted := slices.Clone(series)
	values := Select(sorted, qs...)
	estimates := make([]Estimate, len(qs))
	var ends []float64 // pairs of ranks, taken into [0, 1] by Select
	for i, q := range qs {
		estimates[i] = Estimate{Value: values[i], Interval: unknown()}
		lo, hi := 0.0, 1.0
		if enough(len(series), q) {
			lo, hi = Ranks(sharesAbove(series, values[i]), q, confidence)
			estimates[i].Batches = Batches
		}
		ends = append(ends, lo, hi)
	}
	at := Select(sorted, ends...)
	for i := range estimates {
		estimates[i].cut(ends[2*i], ends[2*i+1], at[2*i], at[2*i+1])
	}
	return estimates
}

// Between returns the interval between two ranks of a sample. A rank outside
// (0, 1) means that this end is not known.
func Between(lo, hi float64, quantile func(rank float64) float64) Interval {
	i := unknown()
	i.Batches = Batches
	i.cut(lo, hi, quantile(lo), quantile(hi))
	return i
}

// cut sets the ends whose ranks are known to the values at those ranks.
func (i *Interval) cut(lo, hi, atLo, atHi float64) {
	if lo > 0 {
		i.Lo = atLo
	}
	if hi < 1 {
		i.Hi = atHi
	}
}

// enough reports whether every batch can expect a value beyond the quantile.
func enough(n int, q float64) bool { return float64(n)*min(q, 1-q) >= Batches*(1-1e-9) }

func sharesAbove[T Number](series []T, x float64) []float64 {
	limit := T(x) // cut off where T is whole numbers: v > x is v > the floor of x
	if float64(limit) > x {
		limit--
	}
	shares := make([]float64, Batches)
	for i := range shares {
		batch := Batch(series, i)
		above := 0
		for _, v := range batch {
			if v > limit {
				above++
			}
		}
		shares[i] = float64(above) / float64(len(batch))
	}
	return shares
}

// Ranks returns the ends of the interval of a quantile as ranks, given the
// share of values above the quantile in each batch.
func Ranks(shares []float64, q, confidence float64) (lo, hi float64) {
	h := Halfwidth(shares, confidence)
	return q - h, q + h
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
// standard error.
func Halfwidth(batches []float64, confidence float64) float64 {
	e, degrees := standardError(batches)
	if e == 0 {
		return 0
	}
	return StudentT((1+confidence)/2, degrees) * e
}

// Positive returns the probability that the mean of a statistic is above zero,
// given its value in each of a few contiguous batches, with nothing known
// beforehand: where Student's t distribution puts zero. For the differences of
// two systems under common random numbers it says how sure it is which of them
// is larger. It is a half for batches that are all zero.
func Positive(batches []float64) float64 {
	mean := Mean(batches)
	e, degrees := standardError(batches)
	switch {
	case e > 0:
		return distuv.StudentsT{Sigma: 1, Nu: degrees}.CDF(mean / e)
	case mean > 0:
		return 1
	case mean < 0:
		return 0
	}
	return 0.5
}

// standardError returns that of the mean of batches and its degrees of freedom.
// If neighbouring batches correlate by phi, as in an AR(1) series, the variance
// of their mean grows by a = (1+phi)/(1-phi) and the batches are worth len/a
// independent ones (the correction of Skart: Tafazzoli and Wilson 2011). The
// usual estimate of phi is 1/len too low on average, which is added; a negative
// one is taken as zero.
func standardError(batches []float64) (e, degrees float64) {
	n := float64(len(batches))
	variance := Variance(batches)
	if variance == 0 {
		return 0, n - 1
	}
	phi := lag1(batches) + 1/n
	phi = min(max(phi, 0), 0.9)
	a := (1 + phi) / (1 - phi)
	return math.Sqrt(variance * a / n), max(1, n/a-1)
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
