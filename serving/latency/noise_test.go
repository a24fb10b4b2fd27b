package latency_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"runexp/internal/sample"
	"runexp/serving/latency"
)

func residual(t *testing.T, knots ...latency.RatioKnot) *latency.Residual {
	t.Helper()
	r, err := latency.NewResidual("test", knots)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ratios(n latency.Noise, batch, count int) []float64 {
	rng := rand.New(rand.NewPCG(8, 8))
	xs := make([]float64, count)
	for i := range xs {
		xs[i] = n.Ratio(rng, batch)
	}
	return xs
}

// Drawn ratios have the quantiles, and the mean, that were put in.
func TestResidualReproducesQuantiles(t *testing.T) {
	type law struct{ qs, ratios []float64 }
	for name, l := range map[string]law{
		"skewed":         {[]float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 1}, []float64{0.9, 0.95, 1, 1.1, 1.5, 3, 8}},
		"ends not known": {[]float64{0.05, 0.5, 0.95}, []float64{0.9, 1, 1.3}},
		"one value":      {[]float64{0.5}, []float64{1.2}},
		"fine":           {grid(1000), grid(1000)},
	} {
		var knots []latency.RatioKnot
		for i := range l.qs {
			knots = append(knots, latency.RatioKnot{Batch: 16, Quantile: l.qs[i], Ratio: 0.5 + l.ratios[i]})
		}
		r := residual(t, knots...)
		const n = 400_000
		xs := ratios(r, 16, n)
		slices.Sort(xs)
		for i, q := range l.qs {
			// Where the value lies among the draws, rather than what the draws
			// have at q: in steep tails a small error of rank is a large one of value.
			rank, _ := slices.BinarySearch(xs, 0.5+l.ratios[i])
			if i == 0 || i == len(l.qs)-1 {
				continue // the ends hold what lies outside
			}
			if got := float64(rank) / n; math.Abs(got-q) > 4*math.Sqrt(q*(1-q)/n) {
				t.Errorf("%s: ratio %v is at quantile %v, want %v", name, 0.5+l.ratios[i], got, q)
			}
		}
		if lo, hi := 0.5+l.ratios[0], 0.5+l.ratios[len(l.ratios)-1]; xs[0] < lo || xs[n-1] > hi {
			t.Errorf("%s: draws in [%v, %v] leave what was observed, [%v, %v]", name, xs[0], xs[n-1], lo, hi)
		}
		if got, want := sample.Mean(xs), r.Mean(16); math.Abs(got-want) > 5*math.Sqrt(sample.Variance(xs)/n)+1e-9 {
			t.Errorf("%s: mean of draws %v, of the law %v", name, got, want)
		}
	}
}

func grid(n int) []float64 {
	xs := make([]float64, n+1)
	for i := range xs {
		xs[i] = float64(i) / float64(n)
	}
	return xs
}

// Between batch sizes quantiles are interpolated in log batch; outside, the
// nearest one holds.
func TestResidualBetweenBatches(t *testing.T) {
	r := residual(t,
		latency.RatioKnot{Batch: 4, Quantile: 0, Ratio: 1}, latency.RatioKnot{Batch: 4, Quantile: 1, Ratio: 3},
		latency.RatioKnot{Batch: 64, Quantile: 0, Ratio: 1}, latency.RatioKnot{Batch: 64, Quantile: 1, Ratio: 1})
	for batch, want := range map[int]float64{1: 2, 4: 2, 16: 1.5, 64: 1, 5000: 1} {
		if got := r.Mean(batch); math.Abs(got-want) > 1e-12 {
			t.Errorf("mean at batch %d is %v, want %v", batch, got, want)
		}
		if got := sample.Mean(ratios(r, batch, 100_000)); math.Abs(got-want) > 0.01 {
			t.Errorf("mean of draws at batch %d is %v, want %v", batch, got, want)
		}
	}
}

func TestResidualRefuses(t *testing.T) {
	k := func(batch int, q, ratio float64) latency.RatioKnot {
		return latency.RatioKnot{Batch: batch, Quantile: q, Ratio: ratio}
	}
	for want, knots := range map[string][]latency.RatioKnot{
		"residual rm1: no quantile":                           nil,
		"batch 0: it does not ascend":                         {k(0, 0.5, 1)},
		"batch 4: it does not ascend":                         {k(4, 0.5, 1), k(8, 0.5, 1), k(4, 0.5, 1)},
		"batch 4: quantile 1.5 is outside [0, 1]":             {k(4, 1.5, 1)},
		"batch 4: quantile NaN is outside [0, 1]":             {k(4, math.NaN(), 1)},
		"batch 4: quantile 0.5 does not ascend":               {k(4, 0.5, 1), k(4, 0.5, 1)},
		"batch 4: ratio 0 is not a positive number":           {k(4, 0.5, 0)},
		"batch 4: ratio +Inf is not a positive number":        {k(4, 0.5, math.Inf(1))},
		"batch 4: ratio 0.9 at quantile 0.6 is below":         {k(4, 0.5, 1), k(4, 0.6, 0.9)},
		"batch 8: its quantiles differ from those of batch 4": {k(4, 0.5, 1), k(8, 0.6, 1)},
	} {
		if _, err := latency.NewResidual("rm1", knots); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", knots, err, want)
		}
	}
}
