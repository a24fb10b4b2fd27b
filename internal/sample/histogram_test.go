package sample_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"runexp/internal/sample"
)

// Every value is within 2^-(precision+1) of the middle of its bucket, small
// ones are exact, and buckets follow each other without a gap.
func TestBuckets(t *testing.T) {
	for _, precision := range []uint{0, 6, 10} {
		last := -1
		for x := int64(0); x >= 0 && x < math.MaxInt64/3*2; x += 1 + x/3000 {
			b := sample.Bucket(x, precision)
			if b < last || x < 100_000>>precision && b > last+1 {
				t.Fatalf("precision %d: %d is in bucket %d after %d", precision, x, b, last)
			}
			last = b
			middle := sample.Middle(b, precision)
			if sample.Bucket(middle, precision) != b {
				t.Fatalf("precision %d: the middle of bucket %d is in another", precision, b)
			}
			bound := math.Pow(2, -float64(precision+1))
			if off := math.Abs(float64(middle-x)) / float64(max(x, 1)); off > bound || x < 1<<precision && off != 0 {
				t.Fatalf("precision %d: %d reads as %d", precision, x, middle)
			}
		}
	}
	if sample.Bucket(-5, 10) != 0 {
		t.Error("a negative value is not counted as zero")
	}
}

func TestHistogramQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for name, law := range map[string]func() int64{
		"exponential": func() int64 { return int64(rng.ExpFloat64() * 1e7) },
		"wide":        func() int64 { return int64(math.Exp(rng.Float64() * 40)) },
		"small":       func() int64 { return int64(rng.IntN(500)) },
		"constant":    func() int64 { return 123_456_789 },
	} {
		h := sample.NewHistogram(10)
		xs := make([]int64, 50_000)
		for i := range xs {
			xs[i] = law()
			h.Add(xs[i])
		}
		slices.Sort(xs)
		for _, q := range []float64{0, 0.01, 0.5, 0.95, 0.99, 0.999, 1} {
			got, want := h.Quantile(q), sample.Quantile(xs, q)
			if math.Abs(got-want) > want*math.Pow(2, -11)+1e-9 {
				t.Errorf("%s: quantile %v is %v, want %v", name, q, got, want)
			}
			rank, _ := slices.BinarySearch(xs, int64(want)+1)
			if share := float64(len(xs)-rank) / float64(len(xs)); math.Abs(h.Above(int64(want))-share) > 0.001 {
				t.Errorf("%s: share above quantile %v is %v, want %v", name, q, h.Above(int64(want)), share)
			}
		}
		if h.Count() != int64(len(xs)) || h.Max() != xs[len(xs)-1] {
			t.Errorf("%s: %d values up to %d", name, h.Count(), h.Max())
		}
	}
	if !math.IsNaN(sample.NewHistogram(10).Quantile(0.5)) {
		t.Error("a quantile of nothing is a number")
	}
}
