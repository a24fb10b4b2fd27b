package sample_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"runexp/internal/sample"
)

// delays returns n successive delays (wait + service, mean service 1) of an
// M/M/1 queue in steady state, by Lindley's recursion. Their q-quantile is
// -ln(1-q)/(1-load).
func delays(rng *rand.Rand, load float64, n int) []float64 {
	wait := 0.0
	if rng.Float64() < load {
		wait = rng.ExpFloat64() / (1 - load)
	}
	xs := make([]float64, n)
	for i := range xs {
		service := rng.ExpFloat64()
		xs[i] = wait + service
		wait = max(0, xs[i]-rng.ExpFloat64()/load)
	}
	return xs
}

// A 95 % interval holds the truth in about 95 % of runs, although the series
// is correlated over hundreds of queries. Seeds are fixed, so this is a
// regression test of coverage with a margin of three standard errors.
func TestCoverage(t *testing.T) {
	const runs = 200
	for _, c := range []struct {
		load float64
		n    int
		q    float64
		atHi float64 // largest share of runs without an upper end
	}{
		{0.5, 20_000, 0.95, 0},
		{0.5, 20_000, 0.99, 0},
		{0.8, 20_000, 0.95, 0.1},
		{0.9, 40_000, 0.95, 0.2},
		{0.9, 40_000, 0.5, 0},
	} {
		rng := rand.New(rand.NewPCG(11, 12))
		truth := -math.Log(1-c.q) / (1 - c.load)
		covered, unbounded := 0, 0
		for range runs {
			i := sample.QuantileInterval(delays(rng, c.load, c.n), c.q, 0.95)
			if i.Contains(truth) {
				covered++
			}
			if math.IsInf(i.Hi, 1) {
				unbounded++
			}
		}
		if share := float64(covered) / runs; share < 0.90 {
			t.Errorf("load %v, %d queries, q %v: covered in %v of runs", c.load, c.n, c.q, share)
		}
		if share := float64(unbounded) / runs; share > c.atHi {
			t.Errorf("load %v, %d queries, q %v: no upper end in %v of runs", c.load, c.n, c.q, share)
		}
	}
}

func TestMeanIntervalCoverage(t *testing.T) {
	const runs = 300
	rng := rand.New(rand.NewPCG(5, 6))
	covered := 0
	for range runs {
		if sample.MeanInterval(delays(rng, 0.8, 20_000), 0.95).Contains(5) {
			covered++
		}
	}
	if share := float64(covered) / runs; share < 0.91 {
		t.Errorf("covered in %v of runs", share)
	}
}

// Pretending that delays are independent makes an interval several times too
// narrow: the reason for batches.
func TestIntervalSeesCorrelation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	xs := delays(rng, 0.9, 50_000)
	correlated := sample.QuantileInterval(xs, 0.95, 0.95)
	rng.Shuffle(len(xs), func(i, j int) { xs[i], xs[j] = xs[j], xs[i] })
	shuffled := sample.QuantileInterval(xs, 0.95, 0.95)
	if wide, narrow := correlated.Hi-correlated.Lo, shuffled.Hi-shuffled.Lo; wide < 4*narrow {
		t.Errorf("interval of the series is %v wide, of the shuffled one %v", wide, narrow)
	}
}

func TestIntervalHonest(t *testing.T) {
	few := make([]float64, 479)
	for i := range few {
		few[i] = float64(i)
	}
	if i := sample.QuantileInterval(few, 0.95, 0.95); i.Known() || i.Batches != 0 {
		t.Errorf("479 values bound a p95: %+v", i)
	}
	if i := sample.QuantileInterval([]float64{}, 0.95, 0.95); i.Known() {
		t.Errorf("nothing bounds a p95: %+v", i)
	}
	if i := sample.MeanInterval(few[:47], 0.95); i.Known() {
		t.Errorf("47 values bound a mean: %+v", i)
	}
	trend := make([]float64, 10_000) // a growing queue: the tail is in the last batch
	for i := range trend {
		trend[i] = float64(i)
	}
	if i := sample.QuantileInterval(trend, 0.95, 0.95); i.Known() {
		t.Errorf("a trend bounds a p95: %+v", i)
	}
	same := make([]float64, 10_000)
	if i := sample.QuantileInterval(same, 0.95, 0.95); !i.Known() || i.Lo != 0 || i.Hi != 0 {
		t.Errorf("a constant series has the interval %+v", i)
	}
}

func TestBatchesCover(t *testing.T) {
	for _, n := range []int{24, 25, 1000, 57_344} {
		series := make([]int, n)
		total, least, most := 0, n, 0
		for i := range sample.Batches {
			size := len(sample.Batch(series, i))
			total += size
			least, most = min(least, size), max(most, size)
		}
		if total != n || most-least > 1 {
			t.Errorf("%d values: batches hold %d, sizes %d..%d", n, total, least, most)
		}
	}
}
