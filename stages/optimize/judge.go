package optimize

import (
	"context"

	"runexp/serving/tune"
	"runexp/stages/record"
)

// freshSeed is far from any seed that a user gives, so that the queries of a
// duel are not those of a search.
const freshSeed = 1 << 40

// judgeTolerance is the accuracy of a duel relative to that of a search: what is
// left of the difference of two good policies is less than a search resolves.
const judgeTolerance = 0.25

// judge sets the policy of each search against those of the baseline and of the
// oracle, with fresh queries that both serve: a search has picked what was
// lucky with its own.
func (x cell) judge(ctx context.Context, t *table) error {
	if x.config.JudgeQueries == 0 {
		return nil
	}
	r, err := x.rigs.get(rigKey{x.model.Name, x.engine, x.config.Sizes, x.machine, x.config.Seed + freshSeed})
	if err != nil {
		return err
	}
	options := x.config.options()
	options.Queries, options.Tolerance = x.config.JudgeQueries, options.Tolerance*judgeTolerance
	pb := tune.Problem{
		Evaluate: r.eval, Capacity: r.capacity, SLA: x.sla(), Space: x.config.space(x.machine), Options: options,
		Late: func(ctx context.Context, tr tune.Trial) ([]float64, error) { return r.late(ctx, tr, x.sla().Limit) },
	}
	for _, opponent := range []string{tune.Static{}.Name(), tune.Exhaustive{}.Name()} {
		for _, b := range t.chosen {
			if b.policy != opponent {
				continue
			}
			for _, a := range t.chosen {
				if a.policy == opponent || a.policy == (tune.Static{}).Name() {
					continue
				}
				v, err := tune.Judge(ctx, pb, a.bound.Policy, b.bound.Policy, a.bound.QPS, b.bound.QPS)
				if err != nil {
					return err
				}
				t.out.Duels = append(t.out.Duels, x.duel(a.policy, opponent, v))
			}
		}
	}
	return nil
}

func (x cell) duel(policy, opponent string, v tune.Verdict) record.Duel {
	a, b := v.A.Policy, v.B.Policy
	d := record.Duel{
		Model: x.model.Name, CPUPlatform: x.machine.CPU, Engine: x.engine, AccelPlatform: x.machine.Accel,
		Servers: int32(x.config.Servers), SizeDist: x.config.Sizes, Target: x.target.Name, SLANS: x.sla().Limit.Nanoseconds(),
		Policy: policy, Opponent: opponent, Queries: int64(x.config.JudgeQueries), Seed: int64(x.config.Seed + freshSeed),
		BatchSize: int32(a.BatchSize), OffloadThreshold: int32(a.OffloadThreshold),
		OpponentBatchSize: int32(b.BatchSize), OpponentOffloadThreshold: int32(b.OffloadThreshold),
		MaxQPS: v.A.QPS, OpponentMaxQPS: v.B.QPS,
	}
	if v.B.QPS > 0 {
		gain := v.A.QPS/v.B.QPS - 1
		d.Gain = &gain
	}
	if v.RateQPS > 0 {
		d.RateQPS, d.Late, d.OpponentLate = &v.RateQPS, &v.LateA, &v.LateB
	}
	if v.A.QPS > 0 || v.B.QPS > 0 {
		d.Better = &v.Better
	}
	return d
}
