package sim

import (
	"context"
	"fmt"
	"math"
)

// Precision says when a run is long enough: the 95 % interval of its p95 reaches
// no further than Relative of the p95 to either side, or Budget queries are
// counted.
type Precision struct {
	Relative float64
	Budget   int
}

// Met reports whether a result is precise enough.
func (p Precision) Met(r Result) bool {
	return p.reach(r) <= p.Relative
}

// reach is the farther end of the interval, relative to the p95.
func (p Precision) reach(r Result) float64 {
	if r.P95 <= 0 || r.P95Hi == Unbounded || r.P95Lo == 0 {
		return math.Inf(1)
	}
	return max(float64(r.P95Hi-r.P95), float64(r.P95-r.P95Lo)) / float64(r.P95)
}

// RunTo lengthens a run until it is precise enough or out of budget, starting
// at c.Queries. Each attempt is a whole run from the start, with the warm-up
// that DefaultWarmup gives it, so the result is that of Run at the length where
// it stopped. An unstable run stops at once: its tail has no value to be
// precise about.
func RunTo(ctx context.Context, c Config, p Precision) (Result, error) {
	if !(p.Relative > 0) || math.IsInf(p.Relative, 0) {
		return Result{}, fmt.Errorf("precision: %v is not a positive share of the p95", p.Relative)
	}
	if p.Budget < c.Queries {
		return Result{}, fmt.Errorf("precision: the budget of %d queries is below the %d to start with", p.Budget, c.Queries)
	}
	for {
		c.Warmup = DefaultWarmup(c.Queries, len(c.Nodes))
		r, err := Run(ctx, c)
		if err != nil || p.Met(r) || c.Queries == p.Budget || !r.Stable && c.Queries >= DefaultQueries {
			return r, err
		}
		c.Queries = p.next(r, c.Queries)
	}
}

// next is how many queries to try: an interval narrows with the square root of
// the length, and no guess is trusted further than a factor of 2 to 8.
func (p Precision) next(r Result, queries int) int {
	grow := 4.
	if reach := p.reach(r); !math.IsInf(reach, 1) {
		ratio := reach / p.Relative
		grow = min(max(1.2*ratio*ratio, 2), 8)
	}
	return min(int(grow*float64(queries)), p.Budget)
}
