package live_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"runexp/models"
	"runexp/serving/latency"
	"runexp/serving/live"
	"runexp/serving/load"
	"runexp/serving/policy"
)

func pool(t *testing.T, engines int) *live.Pool {
	t.Helper()
	cfg, err := models.ByName("ncf")
	if err != nil {
		t.Fatal(err)
	}
	m, err := models.Build(t.Context(), cfg, models.Options{TableScale: 0.01, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return live.NewPool(m, engines, 64, 1)
}

func config(t *testing.T, place live.Placement) live.Config {
	t.Helper()
	arrivals, err := load.ParseArrivals("poisson")
	if err != nil {
		t.Fatal(err)
	}
	sizes, err := load.ParseSizes("production", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return live.Config{
		Place: place, Policy: policy.Policy{BatchSize: 64}, Arrivals: arrivals, Sizes: sizes,
		RateQPS: 100, Queries: 40, Warmup: 5, Seed: 1, Limit: 20 * time.Second,
	}
}

// Every query is answered, after its arrival and no faster than its requests,
// wherever the threads are.
func TestEveryQueryIsAnswered(t *testing.T) {
	places := map[string]live.Placement{"shared": live.Shared()}
	if runtime.NumCPU() > 1 {
		apart, err := live.Apart()
		if err != nil {
			t.Fatal(err)
		}
		places["apart"] = apart
	}
	for name, place := range places {
		c := config(t, place)
		r, err := pool(t, len(place.Engines)).Run(t.Context(), c)
		if err != nil || r.Overloaded {
			t.Fatalf("%s: overloaded %v, err %v", name, r.Overloaded, err)
		}
		if r.Queries != 40 || int(r.Requests) > len(r.Served) || r.Requests < 40 {
			t.Errorf("%s: %d queries in %d requests, %d served in all", name, r.Queries, r.Requests, len(r.Served))
		}
		if r.P50 <= 0 || r.P95 < r.P50 || r.Max < r.P95 || r.Wait < 0 || r.Service <= 0 {
			t.Errorf("%s: impossible times: %+v", name, r.Result)
		}
		if r.Replayed.Mean > r.Mean {
			t.Errorf("%s: without hand-over the mean is %v, more than %v with it", name, r.Replayed.Mean, r.Mean)
		}
	}
}

// The emulated accelerator takes what its curve says, and cores do the rest.
func TestOffload(t *testing.T) {
	c := config(t, live.Shared())
	c.Accelerators, c.AccelService, c.Policy.OffloadThreshold = 1, latency.Constant(3*time.Millisecond), 200
	r, err := pool(t, len(c.Place.Engines)).Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.OffloadedQueries == 0 || r.OffloadedQueries == 1 || r.AccelUtil == 0 {
		t.Errorf("offloaded %v of the queries, accelerator busy %v", r.OffloadedQueries, r.AccelUtil)
	}
}

// A probe that cannot end in time says so instead of reporting a tail.
func TestOverload(t *testing.T) {
	c := config(t, live.Shared())
	c.RateQPS, c.Queries, c.Limit = 1e6, 20_000, 100*time.Millisecond
	r, err := pool(t, len(c.Place.Engines)).Run(t.Context(), c)
	if err != nil || !r.Overloaded || r.P95 != 0 {
		t.Errorf("overloaded %v, p95 %v, err %v", r.Overloaded, r.P95, err)
	}
}

func TestBadConfig(t *testing.T) {
	p := pool(t, 1)
	for _, b := range []struct {
		want string
		harm func(*live.Config)
	}{
		{"rate", func(c *live.Config) { c.RateQPS = 0 }},
		{"0 queries", func(c *live.Config) { c.Queries = 0 }},
		{"limit", func(c *live.Config) { c.Limit = 0 }},
		{"2 cores for 1 engines", func(c *live.Config) { c.Place.Engines = []int{0, 1} }},
		{"requests of 100 items on engines for 64", func(c *live.Config) { c.Policy.BatchSize = 100 }},
		{"without a service", func(c *live.Config) { c.Accelerators = 1 }},
		{"simulated only", func(c *live.Config) { c.Policy.AccelBatch = 8 }},
		{"batch_size", func(c *live.Config) { c.Policy.BatchSize = 0 }},
	} {
		c := config(t, live.Placement{Engines: []int{0}})
		b.harm(&c)
		if _, err := p.Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), b.want) {
			t.Errorf("%v does not mention %q", err, b.want)
		}
	}
}

// A curve has a time for each number of items, and more of them take longer.
func TestCurve(t *testing.T) {
	place := live.Shared()
	curve, err := pool(t, len(place.Engines)).Curve(place, []int{1, 64}, 5)
	if err != nil || len(curve) != 2 || curve[0] <= 0 || curve[1] <= curve[0] {
		t.Errorf("curve %v, %v", curve, err)
	}
}
