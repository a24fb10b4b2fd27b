package validate

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"

	"runexp/internal/parallel"
	"runexp/internal/sample"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// confidence of the interval that a closed form must lie in: with some eighty
// rows, one seed in thirteen fails one row by chance alone, and the seed is
// fixed beforehand.
const confidence = 0.999

// rounding is the relative error that numbers of whole nanoseconds may have: an
// exact law is held to it where replications do not differ.
const rounding = 1e-6

// Progress is told how much is done.
type Progress func(done, total int, what string)

// Theory compares the simulator with closed forms. The rows depend on Config
// alone.
func Theory(ctx context.Context, c Config, step Progress) ([]record.Validation, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	all := cases(c.Queries)
	seen := make([][]outcome, len(all)) // [case][replication]
	for i := range seen {
		seen[i] = make([]outcome, c.Replications)
	}
	var done atomic.Int64
	total := len(all) * c.Replications
	err := parallel.Each(ctx, workers(c.Workers), total, func(ctx context.Context, i int) error {
		k, rep := all[i/c.Replications], i%c.Replications
		o, err := replicate(ctx, k, c.Seed*1_000_003+uint64(rep))
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		seen[i/c.Replications][rep] = o
		step(int(done.Add(1)), total, k.name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var rows []record.Validation
	for i, k := range all {
		for m := range k.metrics {
			rows = append(rows, k.row(m, seen[i]))
		}
	}
	return rows, nil
}

func workers(n int) int {
	if n == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// outcome is what one replication says of each metric.
type outcome struct {
	observed, expected []float64
	stable             bool
}

func replicate(ctx context.Context, k kase, seed uint64) (outcome, error) {
	c := k.config
	c.Seed = seed
	r := run{nodes: c.Nodes, rateQPS: c.RateQPS}
	r.queries = make([]sim.Query, 0, c.Warmup+c.Queries)
	c.Observe = func(block []sim.Query) { r.queries = append(r.queries, block...) }
	var err error
	if r.Result, err = sim.Run(ctx, c); err != nil {
		return outcome{}, err
	}
	r.queries = r.queries[c.Warmup:]
	r.waits = waitsOf(r.queries)
	o := outcome{stable: r.Stable}
	for _, m := range k.metrics {
		observed, expected := m.of(&r)
		o.observed, o.expected = append(o.observed, observed), append(o.expected, expected)
	}
	return o, nil
}

// row compares the m-th metric over all replications.
func (k kase) row(m int, seen []outcome) record.Validation {
	var observed, expected, apart []float64
	note := ""
	for _, o := range seen {
		observed, expected = append(observed, o.observed[m]), append(expected, o.expected[m])
		apart = append(apart, o.observed[m]-o.expected[m])
		if !o.stable {
			note = "a replication is called unstable"
		}
	}
	want, got := sample.Mean(expected), sample.Mean(observed)
	n := float64(len(observed))
	half := sample.StudentT((1+confidence)/2, n-1) * math.Sqrt(sample.Variance(apart)/n)
	if k.check == "fork_join" { // an identity of every run, not of their mean
		half = 0
	}
	half = max(half, rounding*math.Abs(got))
	lo, hi := got-half, got+half
	return record.Validation{
		CheckName: k.check, CaseName: k.name, Metric: k.metrics[m].name,
		Expected: want, Observed: got, Lo: &lo, Hi: &hi, RelError: got/want - 1,
		Pass: lo <= want && want <= hi && note == "", Note: note,
	}
}
