package main

import (
	"cmp"
	"context"
	"slices"

	"runexp/serving/sim"
)

// runTrial runs a trial, to a precision if one is asked for, and returns it
// with its length.
func (f *simFlags) runTrial(ctx context.Context, c *sim.Config) (sim.Result, error) {
	if f.precision == 0 {
		return sim.Run(ctx, *c)
	}
	c.Queries = min(sim.DefaultQueries, f.queries)
	r, err := sim.RunTo(ctx, *c, sim.Precision{Relative: f.precision, Budget: f.queries})
	c.Queries, c.Warmup = int(r.Queries), sim.DefaultWarmup(int(r.Queries))
	return r, err
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
