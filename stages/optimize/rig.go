package optimize

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"runexp/internal/sample"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/serving/tune"
	"runexp/stages/node"
	"runexp/stages/record"
)

// rig is one model on one kind of machine under one law of sizes: what a
// search simulates. Its simulations are remembered, so the searches of all
// targets and methods share them.
type rig struct {
	base     sim.Config // but for the trial
	eval     tune.Evaluate
	capacity func(policy.Policy) float64
}

// rigs builds each rig once.
type rigs struct {
	config Config
	cat    *node.Catalogue
	mu     sync.Mutex
	built  map[rigKey]*rig
}

type rigKey struct {
	model, engine, sizes string
	machine              node.Machine
	seed                 uint64
}

func (rs *rigs) get(k rigKey) (*rig, error) {
	k.machine.Watts, k.machine.PricePerHour = node.Watts{}, 0 // not simulated
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.locked(k)
}

func (rs *rigs) locked(k rigKey) (*rig, error) {
	if r, ok := rs.built[k]; ok {
		return r, nil
	}
	n, err := rs.cat.Node(k.model, k.engine, k.machine, rs.config.Options)
	if err != nil {
		return nil, err
	}
	r, err := rs.config.rig(n, k.sizes, k.seed)
	if err != nil {
		return nil, err
	}
	if k.machine.Accelerators > 0 { // an accelerator that nothing goes to changes nothing
		bare := k
		bare.machine.Accel, bare.machine.Accelerators = record.None, 0
		b, err := rs.locked(bare)
		if err != nil {
			return nil, err
		}
		r.eval = either(b.eval, r.eval)
	}
	rs.built[k] = r
	return r, nil
}

func either(never, offload tune.Evaluate) tune.Evaluate {
	return func(ctx context.Context, t tune.Trial) (tune.Point, error) {
		if t.Policy.OffloadThreshold == 0 {
			return never(ctx, t)
		}
		return offload(ctx, t)
	}
}

// slack is how far above its expected capacity a run may be sustained because
// the sizes it drew happen to be small.
const slack = 1.02

func (c Config) rig(n sim.Node, spec string, seed uint64) (*rig, error) {
	arrivals, sizes, err := c.load(spec)
	if err != nil {
		return nil, err
	}
	base := sim.Config{Nodes: node.Cluster(n, c.Servers), Router: c.Router, Arrivals: arrivals, Sizes: sizes, Seed: seed}
	return &rig{
		base: base,
		eval: tune.Memo(func(ctx context.Context, t tune.Trial) (tune.Point, error) { return simulate(ctx, base, t) }),
		capacity: remembered(func(p policy.Policy) float64 {
			r, err := node.Capacity(n, p, sizes)
			if err != nil { // the simulation will say so
				return math.Inf(1)
			}
			return r * slack * float64(c.Servers)
		}),
	}, nil
}

// load is the work that arrives under a law of sizes.
func (c Config) load(spec string) (load.Arrivals, load.Sizes, error) {
	sizes, err := node.ParseSizes(spec, c.MaxQuerySize)
	if err != nil {
		return nil, nil, err
	}
	arrivals, err := node.ParseArrivals(c.Arrivals)
	return arrivals, sizes, err
}

// remembered computes the capacity of each policy once: searches ask for that
// of every policy of a fine grid.
func remembered(capacity func(policy.Policy) float64) func(policy.Policy) float64 {
	var known sync.Map
	return func(p policy.Policy) float64 {
		if c, ok := known.Load(p); ok {
			return c.(float64)
		}
		c := capacity(p)
		known.Store(p, c)
		return c
	}
}

// simulate runs one trial of a search.
func simulate(ctx context.Context, c sim.Config, t tune.Trial) (tune.Point, error) {
	c.Policy, c.RateQPS, c.Queries, c.Warmup = t.Policy, t.RateQPS, t.Queries, sim.DefaultWarmup(t.Queries, len(c.Nodes))
	r, err := sim.Run(ctx, c)
	if err != nil {
		return tune.Point{}, fmt.Errorf("batch %d, threshold %d: %w", t.Policy.BatchSize, t.Policy.OffloadThreshold, err)
	}
	return tune.Point{
		Tail: r.P95, Lo: r.P95Lo, Hi: r.P95Hi, Stable: r.Stable,
		AchievedIPS: r.AchievedIPS, CPUUtil: r.CPUUtil, AccelUtil: r.AccelUtil,
	}, nil
}

// late runs one trial and returns the share of queries that miss a target in
// each batch of its window.
func (r *rig) late(ctx context.Context, t tune.Trial, limit time.Duration) ([]float64, error) {
	shares := make([]float64, sample.Batches)
	c, seen := r.base, -sim.DefaultWarmup(t.Queries, len(r.base.Nodes))
	c.Observe = func(block []sim.Query) {
		for i := range block {
			if seen >= 0 && block[i].Latency() > limit {
				shares[seen*len(shares)/t.Queries]++
			}
			seen++
		}
	}
	if _, err := simulate(ctx, c, t); err != nil {
		return nil, err
	}
	for i := range shares { // batches differ by one query at most
		shares[i] *= float64(len(shares)) / float64(t.Queries)
	}
	return shares, nil
}
