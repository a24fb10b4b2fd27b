package sample

import (
	"math"
	"testing"

	"runexp/internal/stream"
)

// Over many repetitions of an experiment the probability is where the truth
// is: below p in a share p of them when the mean is zero, and near one when it
// is large.
func TestPositiveIsCalibrated(t *testing.T) {
	const repetitions = 4000
	rng := stream.New(3, "positive")
	below := map[float64]int{0.05: 0, 0.25: 0, 0.5: 0, 0.95: 0}
	for range repetitions {
		batches := make([]float64, Batches)
		for i := range batches {
			batches[i] = rng.NormFloat64()
		}
		p := Positive(batches)
		for level := range below {
			if p < level {
				below[level]++
			}
		}
	}
	for level, n := range below {
		// The correction for correlation widens, so tails may hold fewer.
		share := float64(n) / repetitions
		if tail := min(level, 1-level); math.Abs(share-level) > 0.03 && math.Abs(share-level) > tail {
			t.Errorf("%v of the probabilities are below %v", share, level)
		}
	}
}

func TestPositiveEnds(t *testing.T) {
	for _, c := range []struct {
		batches []float64
		lo, hi  float64
		reason  string
	}{
		{[]float64{0, 0, 0, 0}, 0.5, 0.5, "two systems that are the same"},
		{[]float64{1, 1, 1, 1}, 1, 1, "always larger by as much"},
		{[]float64{-2, -2, -2, -2}, 0, 0, "always smaller by as much"},
		{[]float64{5, 6, 5, 6, 5, 6}, 0.999, 1, "larger in every batch"},
		{[]float64{-1, 1, -1, 1}, 0.49, 0.51, "as often larger as smaller"},
	} {
		if got := Positive(c.batches); got < c.lo || got > c.hi {
			t.Errorf("%v: %v, want %v to %v (%s)", c.batches, got, c.lo, c.hi, c.reason)
		}
	}
}
