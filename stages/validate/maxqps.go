package validate

import (
	"context"
	"math"
	"time"

	"runexp/serving/policy"
	"runexp/serving/tune"
	"runexp/stages/record"
)

// Both searches of the largest rate walk the same lattice of rates with the
// same queries. A live one may make so many probes.
const (
	rateStep   = 0.02
	liveProbes = 8
)

// maxQPS compares the largest rate whose p95 meets the target.
func (o *Output) maxQPS(ctx context.Context, b *bench, capacity float64) error {
	queries := b.queries(capacity)
	problem := tune.Problem{
		Capacity: func(policy.Policy) float64 { return 1.1 * capacity }, // the curve may be pessimistic
		SLA:      policy.SLA{Quantile: 0.95, Limit: time.Duration(b.model.SLANS)},
		Options:  tune.Options{Tolerance: rateStep, Queries: queries, Short: queries},
	}
	problem.Evaluate = func(ctx context.Context, t tune.Trial) (tune.Point, error) {
		r, err := b.simulate(ctx, t.RateQPS, t.Queries)
		return tune.Point{Tail: r.P95, Lo: r.P95Lo, Hi: r.P95Hi, Stable: r.Stable}, err
	}
	want, _, err := tune.MaxQPS(ctx, problem, b.policy, 0)
	if err != nil {
		return err
	}
	if want.Status == tune.Infeasible {
		o.Warnings = append(o.Warnings, b.name+": even an idle engine misses the p95 target: no largest rate to compare")
		return nil
	}
	problem.Options.Budget = liveProbes
	problem.Evaluate = b.probe
	got, _, err := tune.MaxQPS(ctx, problem, b.policy, want.QPS)
	if err != nil {
		return err
	}
	o.Rows = append(o.Rows, judge(record.Validation{
		CheckName: "live", CaseName: b.name, Metric: "max_qps", Expected: want.QPS, Observed: got.QPS, Tolerance: rateTolerance,
		Lo: bound(got.Lo), Hi: bound(got.Hi), ExpectedLo: bound(want.Lo), ExpectedHi: bound(want.Hi), Note: string(got.Status),
	}))
	return nil
}

// probe is one live look at a rate.
func (b *bench) probe(ctx context.Context, t tune.Trial) (tune.Point, error) {
	r, err := b.live(ctx, t.RateQPS, t.Queries)
	if r.Overloaded {
		return tune.Point{Tail: math.MaxInt64, Lo: math.MaxInt64, Hi: math.MaxInt64}, err
	}
	return tune.Point{Tail: r.P95, Lo: r.P95Lo, Hi: r.P95Hi, Stable: r.Stable}, err
}

func bound(qps float64) *float64 {
	if qps <= 0 || math.IsInf(qps, 0) {
		return nil
	}
	return &qps
}
