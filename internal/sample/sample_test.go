package sample_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"runexp/internal/sample"
)

func TestQuantileType7(t *testing.T) {
	xs := []float64{1, 2, 3, 4, 10}
	for _, c := range []struct {
		q, want float64
		why     string
	}{
		{0, 1, "the least"},
		{1, 10, "the largest"},
		{0.5, 3, "on a rank"},
		{0.9, 7.6, "0.6 of the way from 4 to 10: position 3.6"},
		{0.25, 2, "NumPy's percentile(xs, 25)"},
		{-1, 1, "below the range"},
		{2, 10, "above the range"},
	} {
		if got := sample.Quantile(xs, c.q); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Quantile(%v) = %v, want %v: %s", c.q, got, c.want, c.why)
		}
	}
	if !math.IsNaN(sample.Quantile([]float64{}, 0.5)) {
		t.Error("a quantile of nothing is a number")
	}
	if got := sample.Quantile([]int64{7}, 0.99); got != 7 {
		t.Errorf("a quantile of one value is %v, not the value", got)
	}
}

// The oracle of selection is a full sort.
func TestSelectEqualsSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	shapes := map[string]func(i, n int) float64{
		"random":   func(i, n int) float64 { return rng.ExpFloat64() },
		"sorted":   func(i, n int) float64 { return float64(i) },
		"reversed": func(i, n int) float64 { return float64(n - i) },
		"constant": func(i, n int) float64 { return 5 },
		"few":      func(i, n int) float64 { return float64(rng.IntN(3)) },
		"sawtooth": func(i, n int) float64 { return float64(i % 17) },
		"organ":    func(i, n int) float64 { return float64(min(i, n-i)) },
	}
	qs := []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0, 1, 0.123}
	for name, shape := range shapes {
		for _, n := range []int{1, 2, 23, 24, 25, 100, 1000, 40_000} {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = shape(i, n)
			}
			sorted := slices.Clone(xs)
			slices.Sort(sorted)
			got := sample.Select(xs, qs...)
			for i, q := range qs {
				if want := sample.Quantile(sorted, q); got[i] != want {
					t.Errorf("%s of %d: Select(%v) = %v, want %v", name, n, q, got[i], want)
				}
			}
			slices.Sort(xs)
			if !slices.Equal(xs, sorted) {
				t.Errorf("%s of %d: Select lost values", name, n)
			}
		}
	}
}

func TestMoments(t *testing.T) {
	near := func(name string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	xs := []float64{1, 2, 4, 8}
	near("Mean", sample.Mean(xs), 3.75)
	near("Variance", sample.Variance(xs), 115.0/12)
	near("CV", sample.CV(xs), math.Sqrt(115.0/12)/3.75)
	near("GeoMean", sample.GeoMean(xs), math.Pow(64, 0.25))
	near("Median", sample.Median(xs), 3)
	if xs[0] != 1 || xs[3] != 8 {
		t.Error("Median reordered its argument")
	}
	for name, got := range map[string]float64{
		"Mean of nothing":      sample.Mean([]float64{}),
		"Median of nothing":    sample.Median([]float64{}),
		"Variance of one":      sample.Variance([]float64{1}),
		"GeoMean with a zero":  sample.GeoMean([]float64{1, 0}),
		"GeoMean of a NaN":     sample.GeoMean([]float64{math.NaN()}),
		"GeoMean of a deficit": sample.GeoMean([]float64{2, -1}),
	} {
		if !math.IsNaN(got) {
			t.Errorf("%s is %v, not NaN", name, got)
		}
	}
}

func TestStudentT(t *testing.T) {
	for _, c := range []struct{ p, nu, want float64 }{
		{0.975, 1, 12.7062}, {0.975, 9, 2.26216}, {0.975, 23, 2.06866}, {0.9995, 23, 3.76763}, {0.5, 3, 0},
	} { // printed tables
		if got := sample.StudentT(c.p, c.nu); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("StudentT(%v, %v) = %v, want %v", c.p, c.nu, got, c.want)
		}
	}
}
