package optimize

import (
	"context"
	"fmt"
	"math"
	"slices"

	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/serving/tune"
	"runexp/stages/node"
	"runexp/stages/record"
)

// The ways to drive a mix.
const (
	assignStatic = "static" // each kind of server the baseline of its own cores
	assignShared = "shared" // one tuned policy for all
	assignOwn    = "own"    // each kind of server a tuned policy of its own
)

// rounds is how often the policies of all kinds of server are tuned in turn, at
// most; the search ends with a round that improves nothing.
const rounds = 4

// mixture is one search problem: a model on a cluster of servers that differ,
// under a target.
type mixture struct {
	config Config
	mix    node.Mix
	model  Model
	target Target
	engine string
	base   sim.Config // but for the servers and the trial
	kinds  []sim.Node // one for each part
}

func (x mixture) String() string {
	return fmt.Sprintf("%s %s on %s (%s)", x.model.Name, x.target.Name, x.mix.Name, x.engine)
}

// mixtures lists the search problems of clusters of servers that differ. One
// with a machine that has no curve for a model is left out with a warning.
func (c Config) mixtures(cat *node.Catalogue, out *Output) ([]mixture, error) {
	arrivals, sizes, err := c.load(c.Sizes)
	if err != nil {
		return nil, err
	}
	var list []mixture
	for _, mix := range c.Mixes {
		for _, model := range c.Models {
			for _, engine := range c.Engines {
				x := mixture{config: c, mix: mix, model: model, engine: engine,
					base: sim.Config{Router: c.Router, Arrivals: arrivals, Sizes: sizes, Seed: c.Seed}}
				if x.kinds, err = mix.Kinds(cat, model.Name, engine, c.Options); err != nil {
					out.Warnings = append(out.Warnings, fmt.Sprintf("%s: %s (engine %s) not tuned: %v", model.Name, mix.Name, engine, err))
					continue
				}
				for _, x.target = range c.Targets {
					list = append(list, x)
				}
			}
		}
	}
	return list, nil
}

// assigned is a way to drive the mix and what a search said of it.
type assigned struct {
	name     string
	policies node.Assignment
	qps      float64
	sims     int
}

// search tunes the mix, and judges what it chose by fresh queries: a search
// picks what was lucky with its own.
func (x mixture) search(ctx context.Context) (Output, error) {
	static := assigned{name: assignStatic, policies: x.mix.Assign(func(m node.Machine) policy.Policy {
		return policy.Static(x.config.MaxQuerySize, m.Cores)
	})}
	shared, err := x.shared(ctx)
	if err != nil {
		return Output{}, err
	}
	own, err := x.own(ctx, shared)
	if err != nil {
		return Output{}, err
	}
	var out Output
	baseline := 0.0
	for _, a := range []assigned{static, shared, own} {
		b, err := x.judge(ctx, a)
		if err != nil {
			return Output{}, err
		}
		if a.name == assignStatic {
			baseline = b.QPS
		}
		out.Mixes = append(out.Mixes, x.rows(a, b, baseline)...)
		out.Warnings = append(out.Warnings, doubts(fmt.Sprintf("%s: %s", x, a.name), b, sla(x.model, x.target).Limit)...)
	}
	return out, nil
}

// shared tunes one policy for all servers.
func (x mixture) shared(ctx context.Context) (assigned, error) {
	widest := node.Machine{Cores: 1}
	for _, p := range x.mix.Parts {
		widest.Cores = max(widest.Cores, p.Machine.Cores)
		widest.Accelerators = max(widest.Accelerators, p.Machine.Accelerators)
	}
	pb := x.problem(x.base, x.mix.Shared)
	pb.Space = x.config.space(widest)
	r, err := tune.Joint{}.Search(ctx, pb)
	return assigned{assignShared, x.mix.Shared(r.Bound.Policy), r.Bound.QPS, r.Sims}, err
}

// own tunes the policy of one kind of server after the other, those of the
// others fixed, from the best shared one on: no round can lose.
func (x mixture) own(ctx context.Context, shared assigned) (assigned, error) {
	best := shared
	best.name = assignOwn
	for range rounds {
		before := best.qps
		for i, part := range x.mix.Parts {
			with := func(p policy.Policy) node.Assignment {
				a := slices.Clone(best.policies)
				a[i] = p
				return a
			}
			pb := x.problem(x.base, with)
			pb.Space = x.config.space(part.Machine)
			r, err := tune.Joint{Start: best.policies[i]}.Search(ctx, pb)
			if err != nil {
				return assigned{}, err
			}
			best.sims += r.Sims
			if r.Bound.QPS > best.qps {
				best.policies, best.qps = with(r.Bound.Policy), r.Bound.QPS
			}
		}
		if best.qps == before {
			break
		}
	}
	return best, nil
}

// judge is the MaxQPS of an assignment with other queries than the searches had.
func (x mixture) judge(ctx context.Context, a assigned) (tune.Bound, error) {
	fresh := x.base
	fresh.Seed += freshSeed
	pb := x.problem(fresh, func(policy.Policy) node.Assignment { return a.policies })
	b, _, err := tune.MaxQPS(ctx, pb, a.policies[0], a.qps)
	return b, err
}

// problem is that of one policy, which with makes the policies of all parts of.
func (x mixture) problem(base sim.Config, with func(policy.Policy) node.Assignment) tune.Problem {
	return tune.Problem{
		Evaluate: tune.Memo(func(ctx context.Context, t tune.Trial) (tune.Point, error) {
			c, a := base, with(t.Policy)
			c.Nodes = x.mix.Nodes(x.kinds, a)
			return simulate(ctx, c, t)
		}),
		Capacity: remembered(func(p policy.Policy) float64 {
			qps, err := x.mix.Capacity(x.kinds, with(p), base.Router, base.Sizes)
			if err != nil { // the simulation will say so
				return math.Inf(1)
			}
			return qps * slack
		}),
		SLA: sla(x.model, x.target), Options: x.config.options(),
	}
}

// rows says of each part how it is driven, and of all what they serve.
func (x mixture) rows(a assigned, b tune.Bound, baseline float64) []record.MixPoint {
	row := record.MixPoint{
		Model: x.model.Name, Mix: x.mix.Name, Engine: x.engine, Servers: int32(x.mix.Servers()), Router: x.config.Router,
		SizeDist: x.config.Sizes, Target: x.target.Name, SLANS: sla(x.model, x.target).Limit.Nanoseconds(), Assignment: a.name,
		MaxQPS: b.QPS, MaxQPSLo: b.Lo, MaxQPSHi: b.Hi, Sims: int64(a.sims), Status: string(b.Status),
	}
	if b.QPS > 0 {
		tail := b.At.Tail.Nanoseconds()
		row.P95NS = &tail
	}
	if baseline > 0 {
		gain := b.QPS / baseline
		row.GainOverStatic = &gain
	}
	var rows []record.MixPoint
	for i, part := range x.mix.Parts {
		p := a.policies[i]
		row.Part, row.CPUPlatform, row.AccelPlatform, row.PartServers = int32(i), part.Machine.CPU, part.Machine.Accel, int32(part.Servers)
		row.BatchSize, row.OffloadThreshold = int32(p.BatchSize), int32(p.OffloadThreshold)
		row.EqualSplit, row.SmallestFirst = p.EqualSplit, p.SmallestFirst
		row.ActiveCores, row.AccelBatch = int32(p.ActiveCores), int32(p.AccelBatch)
		rows = append(rows, row)
	}
	return rows
}
