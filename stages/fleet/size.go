package fleet

import (
	"context"
	"fmt"
	"math"
	"time"

	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/serving/tune"
	"runexp/stages/node"
)

// Question is how many machines of one kind serve one model's demand.
type Question struct {
	DemandQPS float64
	SLA       policy.SLA // of p95 or p99
	Node      sim.Node   // one machine
	// Fast and Slow are the machine at the ends of what its latency curve allows
	// for; both may be the Node itself where the curve has no range.
	Fast, Slow sim.Node
	Sizes      load.Sizes
	Arrivals   load.Arrivals
	Policy     policy.Policy // a zero batch size has the best one searched for
	Router     string
	Queries    int // of every simulation of one machine
	Seed       uint64
}

// Answer is the number of machines and what it rests on.
type Answer struct {
	Policy   policy.Policy
	One      tune.Bound // what one machine serves
	Machines int        // enough, by simulation of all of them
	// Fewest and Most are the numbers if every machine were as fast, or as slow,
	// as its curve allows and noise has it. Most is 0 where the slowest machine
	// does not meet the target at all.
	Fewest, Most int
	At           tune.Point // all machines under the demand, simulated afresh
	Less         tune.Point // one machine fewer; empty where there is one machine
}

// Size answers a question: it finds what one machine serves within the target,
// divides, and simulates the whole cluster behind its router under the demand,
// adding machines until the target is met. A target that one idle machine
// misses is an error.
func Size(ctx context.Context, q Question) (Answer, error) {
	var a Answer
	one := q.problem(q.Node)
	var err error
	if a.One, err = q.choose(ctx, one); err != nil {
		return a, err
	}
	if a.One.QPS <= 0 {
		return a, fmt.Errorf("p%.0f of an idle machine is %v, the target is %v: no number of machines meets it",
			100*q.SLA.Quantile, a.One.At.Tail.Round(time.Microsecond), q.SLA.Limit)
	}
	a.Policy = a.One.Policy
	fast, err := q.choose(ctx, q.problem(q.Fast)) // each end with the policy that suits it
	if err != nil {
		return a, err
	}
	slow, err := q.choose(ctx, q.problem(q.Slow))
	if err != nil {
		return a, err
	}
	a.Fewest = needed(q.DemandQPS, max(fast.Hi, a.One.Hi))
	if worst := min(slow.Lo, a.One.Lo); worst > 0 {
		a.Most = needed(q.DemandQPS, worst)
	}
	a.Machines = needed(q.DemandQPS, a.One.QPS)
	return a, q.verify(ctx, &a)
}

func needed(demand, each float64) int { return max(1, int(math.Ceil(demand/each-tolerance))) }

// choose searches for the policy, or takes the one given.
func (q Question) choose(ctx context.Context, pb tune.Problem) (tune.Bound, error) {
	if q.Policy.BatchSize > 0 {
		b, _, err := tune.MaxQPS(ctx, pb, q.Policy, 0)
		return b, err
	}
	r, err := tune.Joint{}.Search(ctx, pb)
	return r.Bound, err
}

// problem is the search of one machine.
func (q Question) problem(n sim.Node) tune.Problem {
	c := q.config(n, 1)
	largest := q.Sizes.Max()
	s := tune.Space{MaxQuery: largest, Cores: n.Cores, Accelerators: n.Accelerators}
	for b := 1; b < largest; b *= 2 {
		s.Batches = append(s.Batches, b)
	}
	s.Batches = append(s.Batches, largest)
	for t := 1; t <= largest; t += max(1, largest/20) {
		s.Thresholds = append(s.Thresholds, t)
	}
	return tune.Problem{
		SLA: q.SLA, Space: s, Options: tune.Options{Queries: q.Queries},
		Evaluate: tune.Memo(func(ctx context.Context, t tune.Trial) (tune.Point, error) {
			c := c
			c.Policy, c.RateQPS, c.Queries, c.Warmup = t.Policy, t.RateQPS, t.Queries, sim.DefaultWarmup(t.Queries)
			return q.run(ctx, c)
		}),
		Capacity: func(p policy.Policy) float64 {
			r, err := node.Capacity(n, p, q.Sizes)
			if err != nil { // the simulation will say so
				return math.Inf(1)
			}
			return r * slack
		},
	}
}

// slack is how far above its expected capacity a run may be sustained because
// the sizes it drew happen to be small.
const slack = 1.02

func (q Question) config(n sim.Node, machines int) sim.Config {
	return sim.Config{Nodes: node.Cluster(n, machines), Router: q.Router, Arrivals: q.Arrivals, Sizes: q.Sizes, Seed: q.Seed}
}

// run is one simulation; its tail is the quantile of the target.
func (q Question) run(ctx context.Context, c sim.Config) (tune.Point, error) {
	r, err := sim.Run(ctx, c)
	if err != nil {
		return tune.Point{}, err
	}
	p := tune.Point{Tail: r.P95, Lo: r.P95Lo, Hi: r.P95Hi, Stable: r.Stable, AchievedIPS: r.AchievedIPS, CPUUtil: r.CPUUtil, AccelUtil: r.AccelUtil}
	if q.SLA.Quantile == 0.99 {
		p.Tail, p.Lo, p.Hi = r.P99, r.P99Lo, r.P99Hi
	}
	return p, nil
}

// Every machine of a simulated cluster sees at least perMachine queries, so
// that it forgets its empty start, within the most that one run may take.
const (
	perMachine  = 2000
	mostQueries = 4_000_000
)

// verify simulates the cluster with random numbers that the search has not
// seen, with machines added until the target is met, and once with one fewer.
func (q Question) verify(ctx context.Context, a *Answer) error {
	cluster := func(machines int) (tune.Point, error) {
		c := q.config(q.Node, machines)
		c.Seed++
		c.Policy, c.RateQPS = a.Policy, q.DemandQPS
		c.Queries = min(max(q.Queries, perMachine*machines), mostQueries)
		c.Warmup = sim.DefaultWarmup(c.Queries)
		return q.run(ctx, c)
	}
	meets := func(p tune.Point) bool { return p.Stable && p.Tail <= q.SLA.Limit }
	first := a.Machines
	var err error
	for {
		if a.At, err = cluster(a.Machines); err != nil || meets(a.At) {
			break
		}
		if a.Machines >= 2*first+10 {
			return fmt.Errorf("%d machines still miss the target: p%.0f is %v", a.Machines, 100*q.SLA.Quantile, a.At.Tail.Round(time.Microsecond))
		}
		a.Machines += max(1, first/100)
	}
	if err == nil && a.Machines > 1 {
		a.Less, err = cluster(a.Machines - 1)
	}
	a.Most = whole(a.Most, a.Machines)
	a.Fewest = min(a.Fewest, a.Machines)
	return err
}

// whole keeps an upper end above the answer, and an unknown one unknown.
func whole(most, machines int) int {
	if most == 0 {
		return 0
	}
	return max(most, machines)
}
