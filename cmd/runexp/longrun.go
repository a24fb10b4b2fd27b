package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"runexp/serving/sim"
	"runexp/stages/record"
)

// runTrial runs a trial, to a precision if one is asked for, and returns it
// with its length.
func (f *simFlags) runTrial(ctx context.Context, c *sim.Config) (sim.Result, error) {
	if f.precision == 0 {
		return sim.Run(ctx, *c)
	}
	c.Queries = min(sim.DefaultQueries, f.queries)
	r, err := sim.RunTo(ctx, *c, sim.Precision{Relative: f.precision, Budget: f.queries})
	c.Queries, c.Warmup = int(r.Queries), sim.DefaultWarmup(int(r.Queries), len(c.Nodes))
	return r, err
}

// simulated is the answer of runexp sim as JSON has it.
type simulated struct {
	record.Trial
	PrecisionMet *bool `json:"precision_met,omitempty"` // only where a precision is asked for
}

// precise reports whether a trial reached the precision asked for, or nil.
func (f *simFlags) precise(t record.Trial) *bool {
	if f.precision == 0 {
		return nil
	}
	met := reach(t) <= f.precision
	return &met
}

// reach is the farther end of the interval of the p95, relative to it.
func reach(t record.Trial) float64 {
	if t.P95NS == nil || t.P95LoNS == nil || t.P95HiNS == nil || *t.P95NS == 0 || *t.P95LoNS == 0 {
		return math.Inf(1)
	}
	return float64(max(*t.P95HiNS-*t.P95NS, *t.P95NS-*t.P95LoNS)) / float64(*t.P95NS)
}

// imprecise says how far a trial that ran out of queries got.
func (f *simFlags) imprecise(t record.Trial) string {
	asked := fmt.Sprintf("the %.3g %% asked for: the budget of %d queries is spent", 100*f.precision, f.queries)
	if r := reach(t); !math.IsInf(r, 1) {
		return fmt.Sprintf("interval of p95 is %.3g %%, more than %s", 100*r, asked)
	}
	return "the p95 has no interval to hold against " + asked
}

// details runs the trial once more for what is only looked at on request.
func (f *simFlags) details(ctx context.Context, c sim.Config) error {
	if f.records != "" {
		err := writeQueries(f.records, func(observe func([]sim.Query)) error {
			c := c
			c.Observe = observe
			_, err := sim.Run(ctx, c)
			return err
		}, c.Warmup)
		if err != nil {
			return err
		}
	}
	if f.timeline == "" {
		return nil
	}
	var worst sim.Query
	find := c
	find.Observe = func(block []sim.Query) {
		for _, q := range block {
			if q.Latency() > worst.Latency() {
				worst = q
			}
		}
	}
	if _, err := sim.Run(ctx, find); err != nil {
		return err
	}
	t := around(worst)
	c.ObserveRequests = t.add
	if _, err := sim.Run(ctx, c); err != nil {
		return err
	}
	return t.write(f.timeline)
}

// sortEvents puts names before requests, and requests in order of time.
func sortEvents(events []traceEvent) {
	slices.SortStableFunc(events, func(a, b traceEvent) int {
		return cmp.Or(cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.TS, b.TS), cmp.Compare(a.PID, b.PID), cmp.Compare(a.TID, b.TID))
	})
}
