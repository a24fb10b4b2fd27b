package sim_test

import (
	"context"
	"strings"
	"testing"

	"runexp/serving/sim"
)

func TestRunTo(t *testing.T) {
	c := queue(t, "poisson", 1, "exp:2ms", 400)
	c.Queries = 1000
	r, err := sim.RunTo(context.Background(), c, sim.Precision{Relative: 0.03, Budget: 10_000_000})
	if err != nil {
		t.Fatal(err)
	}
	if reach := float64(r.P95Hi-r.P95) / float64(r.P95); reach > 0.03 || r.Queries < 50_000 {
		t.Errorf("after %d queries the interval reaches %v of the p95 up", r.Queries, reach)
	}
	c.Queries, c.Warmup = int(r.Queries), sim.DefaultWarmup(int(r.Queries), len(c.Nodes))
	if plain, err := sim.Run(context.Background(), c); err != nil || plain != r {
		t.Errorf("a plain run of that length finds %+v (%v), not %+v", plain, err, r)
	}
}

// Out of budget it stops there; an unstable run is not pursued.
func TestRunToGivesUp(t *testing.T) {
	c := queue(t, "poisson", 1, "exp:2ms", 450)
	c.Queries = 1000
	if r, err := sim.RunTo(context.Background(), c, sim.Precision{Relative: 1e-3, Budget: 30_000}); err != nil || r.Queries != 30_000 {
		t.Errorf("%d queries of a budget of 30,000, err %v", r.Queries, err)
	}
	c.RateQPS = 600
	if r, err := sim.RunTo(context.Background(), c, sim.Precision{Relative: 1e-6, Budget: 1 << 40}); err != nil || r.Stable || r.Queries > 10*sim.DefaultQueries {
		t.Errorf("stable %v after %d queries, err %v", r.Stable, r.Queries, err)
	}
	for want, p := range map[string]sim.Precision{"positive share": {Budget: 1 << 20}, "below the 1000": {Relative: 0.1, Budget: 10}} {
		if _, err := sim.RunTo(context.Background(), c, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %q", err, want)
		}
	}
}
