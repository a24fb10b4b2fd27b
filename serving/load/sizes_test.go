package load_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"runexp/internal/sample"
	"runexp/serving/load"
)

func sizes(t *testing.T, spec string, maxQuery int) load.Sizes {
	t.Helper()
	s, err := load.ParseSizes(spec, maxQuery)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func draw(s load.Sizes, n int, seed uint64) []int64 {
	small := make([]int32, n)
	s.Draws(rand.New(rand.NewPCG(seed, 1)))(small)
	drawn := make([]int64, n)
	for i, v := range small {
		drawn[i] = int64(v)
	}
	return drawn
}

// deviation is the standard deviation of a law.
func deviation(s load.Sizes) float64 {
	mean := load.MeanSize(s)
	return math.Sqrt(s.Expect(func(n int) float64 { d := float64(n) - mean; return d * d }))
}

// quantile is the smallest size that a share q of the law does not exceed.
func quantile(s load.Sizes, q float64) int {
	for size := 1; ; size++ {
		share := s.Expect(func(n int) float64 {
			if n <= size {
				return 1
			}
			return 0
		})
		if share >= q-1e-12 {
			return size
		}
	}
}

// The published check of the re-drawn production trace.
func TestProduction(t *testing.T) {
	s := sizes(t, "production", load.DefaultMaxQuery)
	within := func(name string, got, want, tolerance float64) {
		t.Helper()
		if math.Abs(got-want) > tolerance {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	mean := load.MeanSize(s)
	within("mean", mean, 239, 1)
	within("cv", deviation(s)/mean, 0.75, 0.01)
	within("p50", float64(quantile(s, 0.5)), 177, 1)
	within("p75", float64(quantile(s, 0.75)), 242, 3)
	within("p95", float64(quantile(s, 0.95)), 601, 4)
	drawn := draw(s, 100_000, 1)
	slices.Sort(drawn)
	quarter := drawn[len(drawn)*3/4:]
	within("share of items in the largest quarter", sample.Mean(quarter)/sample.Mean(drawn)/4, 0.52, 0.005)
	if s.Max() != 999 || drawn[0] < 1 {
		t.Errorf("sizes run from %d to %d", drawn[0], s.Max())
	}
}

func TestMLPerf(t *testing.T) {
	s := sizes(t, "mlperf", load.DefaultMaxQuery)
	if got := load.MeanSize(s); math.Abs(got-270) > 1e-9 {
		t.Errorf("mean is %v, want 270", got)
	}
	if quantile(s, 0.1) != 100 || quantile(s, 0.5) != 200 || s.Max() != 700 {
		t.Errorf("p10 %d, p50 %d, largest %d", quantile(s, 0.1), quantile(s, 0.5), s.Max())
	}
}

// The release's generator, 100,000 draws of each law: ours must be the same
// law, cut and clipped in the same way.
func TestReleaseSizes(t *testing.T) {
	var golden struct {
		Sample []struct {
			Distribution                    string  `json:"distribution"`
			Avg, Var                        float64 // of the law: mean and deviation, or mu and sigma
			N                               float64 `json:"n"`
			Mean, Std                       float64
			P1, P5, P25, P50, P75, P95, P99 float64
			ShareAt1                        float64            `json:"share_at_1"`
			ShareAtMax                      float64            `json:"share_at_max"`
			Counts                          map[string]float64 `json:"counts"`
		} `json:"large_sample"`
	}
	data, err := os.ReadFile("testdata/loadgen.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	specs := []struct {
		spec string
		most int
	}{
		{"normal:165,16", 1024}, {"normal:256,32", 1024}, {"lognormal:5.1,0.2", 1024}, {"fixed:165", 1024},
		{"normal:20,40", 64}, {"file:testdata/quantiles.txt", 1024},
	}
	if len(golden.Sample) != len(specs) {
		t.Fatalf("%d laws recorded, want %d", len(golden.Sample), len(specs))
	}
	for i, g := range golden.Sample {
		s := sizes(t, specs[i].spec, specs[i].most)
		mean, sd := load.MeanSize(s), deviation(s)
		if math.Abs(mean-g.Mean) > 4*sd/math.Sqrt(g.N)+1e-9 || math.Abs(sd-g.Std) > 0.02*sd+1e-9 {
			t.Errorf("%s: mean %v, deviation %v; the release drew %v, %v", specs[i].spec, mean, sd, g.Mean, g.Std)
		}
		for q, want := range map[float64]float64{0.01: g.P1, 0.05: g.P5, 0.25: g.P25, 0.5: g.P50, 0.75: g.P75, 0.95: g.P95, 0.99: g.P99} {
			if got := float64(quantile(s, q)); math.Abs(got-want) > max(1, 0.01*want) {
				t.Errorf("%s: quantile %v is %v; the release drew %v", specs[i].spec, q, got, want)
			}
		}
		table := s.(*load.Table)
		if g.ShareAt1 > 0 && (math.Abs(table.Prob(1)-g.ShareAt1) > 0.006 || math.Abs(table.Prob(64)-g.ShareAtMax) > 0.006) {
			t.Errorf("%s: shares at the ends %v, %v; the release drew %v, %v", specs[i].spec, table.Prob(1), table.Prob(64), g.ShareAt1, g.ShareAtMax)
		}
	}
	for _, size := range []int{10, 20, 30, 400, 1024} { // 20.5 is cut, 5000 clipped
		if p := sizes(t, "file:testdata/quantiles.txt", 1024).(*load.Table).Prob(size); math.Abs(p-0.2) > 1e-12 {
			t.Errorf("size %d of the file has probability %v", size, p)
		}
	}
}

// Draws follow the law: a chi-squared test at the 99.99 % level, over all
// sizes expected at least ten times.
func TestDrawsFollowLaw(t *testing.T) {
	const n = 300_000
	for _, spec := range []string{"production", "mlperf", "fixed:7", "normal:100,60", "lognormal:4,1.5", "file:testdata/quantiles.txt"} {
		s := sizes(t, spec, 500)
		count := map[int64]float64{}
		for _, size := range draw(s, n, 42) {
			if size < 1 || size > int64(s.Max()) {
				t.Fatalf("%s: drew size %d", spec, size)
			}
			count[size]++
		}
		chi2, cells := 0.0, 0.0
		for size := 1; size <= s.Max(); size++ {
			want := n * s.(*load.Table).Prob(size)
			if want == 0 && count[int64(size)] > 0 {
				t.Errorf("%s: drew the impossible size %d", spec, size)
			}
			if want >= 10 {
				d := count[int64(size)] - want
				chi2, cells = chi2+d*d/want, cells+1
			}
		}
		// Wilson-Hilferty: the cube root of chi2/cells is about normal.
		limit := cells * math.Pow(1-2/(9*cells)+3.72*math.Sqrt(2/(9*cells)), 3)
		if chi2 > limit {
			t.Errorf("%s: chi-squared %v over %v sizes, limit %v", spec, chi2, cells, limit)
		}
		if mean := sample.Mean(draw(s, n, 43)); math.Abs(mean-load.MeanSize(s)) > 4*deviation(s)/math.Sqrt(n)+1e-9 {
			t.Errorf("%s: mean of draws %v, of the law %v", spec, mean, load.MeanSize(s))
		}
	}
}

func TestClipped(t *testing.T) {
	for _, c := range []struct {
		spec string
		most int
		mean float64
		why  string
	}{
		{"mlperf", 200, (2*100 + 18*200) / 20.0, "all above 200 becomes 200"},
		{"normal:-1000,1", 100, 1, "no query is empty"},
		{"normal:1e9,1", 100, 100, "none is larger than the largest"},
		{"lognormal:-50,1", 100, 1, "no query is empty"},
		{"production", 1, 1, "one item each"},
	} {
		if s := sizes(t, c.spec, c.most); math.Abs(load.MeanSize(s)-c.mean) > 1e-9 || s.Max() > c.most {
			t.Errorf("%s up to %d: mean %v, largest %d, want mean %v: %s", c.spec, c.most, load.MeanSize(s), s.Max(), c.mean, c.why)
		}
	}
}
