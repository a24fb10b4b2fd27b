package optimize

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"runexp/internal/parallel"
	"runexp/serving/policy"
	"runexp/serving/tune"
	"runexp/stages/record"
)

// frontLimits are the tail latencies, relative to a model's medium target, at
// which policies for the front are looked for: from an all but idle system to
// one that nearly saturates.
var frontLimits = []float64{0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5}

// frontLoads are the rates at which each of those policies is driven, relative
// to its capacity.
var frontLoads = []float64{0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98}

// fronts returns the Pareto front of every model, engine and machine, whatever
// the targets.
func fronts(ctx context.Context, cells []cell, workers int) ([]record.Pareto, error) {
	var machines []cell
	for _, x := range cells {
		if !slices.ContainsFunc(machines, func(y cell) bool { return y.group() == x.group() && y.machine == x.machine }) {
			machines = append(machines, x)
		}
	}
	found := make([][]record.Pareto, len(machines))
	err := parallel.Each(ctx, workers, len(machines), func(ctx context.Context, i int) error {
		var err error
		if found[i], err = machines[i].front(ctx); err != nil {
			return fmt.Errorf("%s: %w", machines[i], err)
		}
		return nil
	})
	var all []record.Pareto
	for i := range found {
		for _, p := range found[i] {
			p.Best = true
			for j := range found {
				if machines[j].group() == machines[i].group() && slices.ContainsFunc(found[j], func(q record.Pareto) bool { return dominates(q, p) }) {
					p.Best = false
				}
			}
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b record.Pareto) int {
		return cmp.Or(
			cmp.Compare(a.Model, b.Model), cmp.Compare(a.CPUPlatform, b.CPUPlatform), cmp.Compare(a.Engine, b.Engine),
			cmp.Compare(a.AccelPlatform, b.AccelPlatform), cmp.Compare(a.RateQPS, b.RateQPS))
	})
	return all, err
}

// group is what the machines of a comparison have in common.
func (x cell) group() [2]string { return [2]string{x.model.Name, x.engine} }

// front drives the best policies for many targets at many rates and keeps what
// nothing else beats.
func (x cell) front(ctx context.Context) ([]record.Pareto, error) {
	policies, err := x.frontPolicies(ctx)
	if err != nil {
		return nil, err
	}
	pb, err := x.problem(x.config.Sizes, QPS)
	if err != nil {
		return nil, err
	}
	var points []record.Pareto
	for _, p := range policies {
		for _, load := range frontLoads {
			trial := tune.Trial{Policy: p, RateQPS: load * pb.Capacity(p) / slack, Queries: x.config.Queries}
			at, err := pb.Evaluate(ctx, trial)
			if err != nil {
				return nil, err
			}
			if at.Stable {
				points = append(points, x.pareto(trial, at))
			}
		}
	}
	var front []record.Pareto
	for _, p := range points {
		if !slices.ContainsFunc(points, func(q record.Pareto) bool { return dominates(q, p) }) {
			front = append(front, p)
		}
	}
	return front, nil
}

// frontPolicies returns the policies that joint chooses for each limit, by rate
// and, where watts are known, by rate per watt.
func (x cell) frontPolicies(ctx context.Context) ([]policy.Policy, error) {
	var policies []policy.Policy
	objectives := []string{QPS}
	if x.machine.PowerW(1, 0, 0) != nil {
		objectives = append(objectives, QPSPerWatt)
	}
	for _, factor := range frontLimits {
		for _, objective := range objectives {
			pb, err := x.problem(x.config.Sizes, objective)
			if err != nil {
				return nil, err
			}
			pb.SLA.Limit = time.Duration(float64(x.model.SLANS) * factor)
			r, err := tune.Joint{}.Search(ctx, pb)
			if err != nil {
				return nil, err
			}
			if p := r.Bound.Policy; r.Bound.QPS > 0 && !slices.Contains(policies, p) {
				policies = append(policies, p)
			}
		}
	}
	return policies, nil
}

func (x cell) pareto(t tune.Trial, at tune.Point) record.Pareto {
	p := t.Policy
	return record.Pareto{
		Model: x.model.Name, CPUPlatform: x.machine.CPU, Engine: x.engine, AccelPlatform: x.machine.Accel,
		Servers: int32(x.config.Servers), SizeDist: x.config.Sizes, RateQPS: t.RateQPS,
		BatchSize: int32(p.BatchSize), OffloadThreshold: int32(p.OffloadThreshold),
		EqualSplit: p.EqualSplit, SmallestFirst: p.SmallestFirst, ActiveCores: int32(p.ActiveCores), AccelBatch: int32(p.AccelBatch),
		P95NS: at.Tail.Nanoseconds(), PowerW: x.machine.PowerW(x.config.Servers, at.CPUUtil, at.AccelUtil),
	}
}

// dominates reports whether q is at least as good as p in everything and better
// in something. Power that is not known for both does not count.
func dominates(q, p record.Pareto) bool {
	power := 0
	if q.PowerW != nil && p.PowerW != nil {
		power = cmp.Compare(*q.PowerW, *p.PowerW)
	}
	rate, tail := cmp.Compare(p.RateQPS, q.RateQPS), cmp.Compare(q.P95NS, p.P95NS)
	return rate <= 0 && tail <= 0 && power <= 0 && rate+tail+power < 0
}
