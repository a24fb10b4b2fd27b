package latency_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"runexp/internal/sample"
	"runexp/serving/latency"
)

// Mean and CV of the laws of queueing theory.
func TestParseService(t *testing.T) {
	for _, c := range []struct {
		spec string
		mean time.Duration
		cv   float64
	}{
		{"const:2ms", 2 * time.Millisecond, 0},
		{"exp:2ms", 2 * time.Millisecond, 1},
		{"exp:150us", 150 * us, 1},
		{"lognormal:2ms,0.5", 2 * time.Millisecond, 0.5},
		{"lognormal:1s, 1", time.Second, 1},
	} {
		s, err := latency.ParseService(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		const n = 300_000
		rng := rand.New(rand.NewPCG(1, 2))
		xs := make([]int64, n)
		for i := range xs {
			xs[i] = s.Draw(rng, 1+i%3, 1+i) // whatever the batch and the others
		}
		if got := sample.Mean(xs); math.Abs(got/float64(c.mean)-1) > 4*c.cv/math.Sqrt(n)+1e-9 {
			t.Errorf("%s: mean %v ns", c.spec, got)
		}
		if got := sample.CV(xs); math.Abs(got-c.cv) > 0.02*c.cv+1e-9 {
			t.Errorf("%s: CV %v", c.spec, got)
		}
		if s.Name() != c.spec || s.Mean(7, 99) != c.mean || s.Limit() != math.MaxInt || s.Check(1<<40) != nil || s.Colocated() {
			t.Errorf("%s: name %q, mean %v, limit %d, colocated %v", c.spec, s.Name(), s.Mean(7, 99), s.Limit(), s.Colocated())
		}
	}
}

func TestBadService(t *testing.T) {
	for spec, want := range map[string]string{
		"":                  "unknown; want exp:MEAN",
		"uniform:2ms":       "unknown; want exp:MEAN",
		"const":             `"" is not a time such as 2ms`,
		"const:2":           `"2" is not a time such as 2ms`,
		"exp:0s":            "time 0s is not positive",
		"exp:-2ms":          "time -2ms is not positive",
		"lognormal:2ms":     "want lognormal:MEAN,CV",
		"lognormal:x,1":     `"x" is not a time`,
		"lognormal:2ms,0":   `cv "0" is not in (0, 1000]`,
		"lognormal:2ms,Inf": `cv "Inf" is not in (0, 1000]`,
	} {
		if _, err := latency.ParseService(spec); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "service ") {
			t.Errorf("%q: error %v, want %q", spec, err, want)
		}
	}
}

// A service is the table of its curve or surface.
func TestServiceIsItsCurve(t *testing.T) {
	c := curve(t, 50, latency.Knot{Batch: 3, Latency: 10 * us}, latency.Knot{Batch: 40, Latency: 100 * us})
	slow := curve(t, 50, latency.Knot{Batch: 3, Latency: 20 * us}, latency.Knot{Batch: 40, Latency: 200 * us})
	surface, err := latency.NewSurface("s", map[int]*latency.Curve{1: c, 4: slow})
	if err != nil {
		t.Fatal(err)
	}
	flat := latency.FromCurve(c)
	steep, err := latency.FromSurface(surface, 8)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for batch := 1; batch <= 50; batch++ {
		for active := 1; active <= 8; active++ {
			want, _ := at(t, c, batch)
			if got := flat.Draw(rng, active, batch); got != int64(want) {
				t.Errorf("curve: %d items with %d active take %d, want %v", batch, active, got, want)
			}
			want, _, err := surface.At(active, batch)
			if got := steep.Draw(rng, active, batch); err != nil || got != int64(want) {
				t.Errorf("surface: %d items with %d active take %d, want %v", batch, active, got, want)
			}
		}
	}
	if flat.Colocated() || !steep.Colocated() || flat.Row() == nil || steep.Row() != nil {
		t.Error("a curve depends on others, or a surface does not")
	}
	if err := flat.Check(51); err == nil || !strings.Contains(err.Error(), "service test: batch 51 is outside [1, 50]") {
		t.Errorf("past the limit: %v", err)
	}
	noisy := steep.WithNoise(residual(t, latency.RatioKnot{Batch: 1, Quantile: 0.5, Ratio: 1.5}))
	if got, want := noisy.Draw(rng, 1, 40), int64(150_000); got != want {
		t.Errorf("with a ratio of 1.5, 40 items take %d ns, want %d", got, want)
	}
	if noisy.Mean(1, 40) != 150*us || steep.Mean(1, 40) != 100*us {
		t.Error("the mean leaves out the noise, or WithNoise changed its receiver")
	}
}

// A curve of two knots, of a file of two lines, must not fill the memory.
func TestServiceIsBounded(t *testing.T) {
	c := curve(t, math.MaxInt32, latency.Knot{Batch: 1, Latency: us}, latency.Knot{Batch: math.MaxInt32, Latency: 2 * us})
	surface, err := latency.NewSurface("test", map[int]*latency.Curve{1: c, 2: c})
	if err != nil {
		t.Fatal(err)
	}
	colocated, err := latency.FromSurface(surface, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*latency.Service{latency.FromCurve(c), colocated} {
		want, _ := at(t, c, latency.MaxBatch)
		if s.Limit() != latency.MaxBatch || s.Mean(1, latency.MaxBatch) != want {
			t.Errorf("up to %d, where it takes %v, want %v", s.Limit(), s.Mean(1, latency.MaxBatch), want)
		}
		if err := s.Check(latency.MaxBatch + 1); err == nil || !strings.Contains(err.Error(), "service test: batch 1048577 is outside [1, 1048576]") {
			t.Errorf("past the bound: %v", err)
		}
	}
	if row := latency.FromCurve(c).Row(); len(row) != latency.MaxBatch+1 {
		t.Errorf("a table of %d", len(row))
	}
}
