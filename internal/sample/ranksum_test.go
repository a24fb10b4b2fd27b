package sample_test

import (
	"math"
	"testing"

	"runexp/internal/sample"
	"runexp/internal/stream"
)

func TestRankSum(t *testing.T) {
	for _, tc := range []struct {
		xs, ys []float64
		want   float64
		reason string
	}{
		{[]float64{1, 2, 3}, []float64{4, 5, 6}, 0.1, "the least that three and three allow: 2 of 20 orders"},
		{[]float64{4, 5, 6}, []float64{1, 2, 3}, 0.1, "the other way round"},
		{[]float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}, 2.0 / 252, "5 and 5"},
		{[]float64{1, 3, 5}, []float64{2, 4, 6}, 0.7, "U = 3, from tables"},
		{[]float64{1}, []float64{2}, 1, "one of each says nothing"},
		{nil, []float64{2}, 1, "none"},
		{[]float64{5, 5, 5, 5}, []float64{5, 5, 5}, 1, "all the same"},
	} {
		if got := sample.RankSum(tc.xs, tc.ys); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", tc.reason, got, tc.want)
		}
	}
}

// Under one distribution the p-value is below alpha in a share alpha of draws,
// whichever way it is computed; of a clear shift it is hardly ever above.
func TestRankSumLevel(t *testing.T) {
	rng := stream.New(1, "ranksum")
	for _, tc := range []struct {
		n, m   int
		ties   bool
		reason string
	}{
		{8, 10, false, "exact"}, {30, 30, false, "approximate"}, {25, 20, true, "with ties"},
	} {
		const draws = 4000
		low, missed := 0, 0
		for range draws {
			xs, ys, shifted := make([]float64, tc.n), make([]float64, tc.m), make([]float64, tc.m)
			for i := range xs {
				xs[i] = rng.ExpFloat64()
			}
			for i := range ys {
				ys[i] = rng.ExpFloat64()
				shifted[i] = ys[i] + 5
			}
			if tc.ties {
				for _, v := range [][]float64{xs, ys, shifted} {
					for i := range v {
						v[i] = math.Floor(4 * v[i])
					}
				}
			}
			if sample.RankSum(xs, ys) < 0.05 {
				low++
			}
			if sample.RankSum(xs, shifted) > 0.01 {
				missed++
			}
		}
		if share := float64(low) / draws; share > 0.06 || share < 0.03 {
			t.Errorf("%s: p < 0.05 in %.3f of draws from one distribution", tc.reason, share)
		}
		if missed > draws/100 {
			t.Errorf("%s: a shift of five means is missed %d times", tc.reason, missed)
		}
	}
}
