package fleet

import (
	"context"
	"errors"
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
	SLA       policy.SLA // of p95, p99 or p99.9
	Node      sim.Node   // one machine
	// Fast and Slow are the machine at the ends of what its latency curve allows
	// for; both may be the Node itself where the curve has no range.
	Fast, Slow sim.Node
	Sizes      load.Sizes
	Arrivals   load.Arrivals
	Policy     policy.Policy // a zero batch size has the best one searched for
	Router     string
	Queries    int // of every simulation of one machine; 0 is DefaultQueries
	Seed       uint64
}

// Answer is the number of machines and what it rests on.
type Answer struct {
	Policy   policy.Policy
	One      tune.Bound // what one machine serves
	Machines int        // enough, by simulation of all of them
	// Fewest and Most enclose it: the numbers if every machine were as fast, or as
	// slow, as its curve allows and noise has it. Most is 0 where the slowest machine
	// does not meet the target at all.
	Fewest, Most int
	At           tune.Point // all machines under the demand, simulated afresh
	Less         tune.Point // one machine fewer; empty where there is one machine
}

// mostMachines is past any fleet there is; beyond it a demand is a slip of the
// hand, and ever fewer of the machines are simulated.
const mostMachines = 1_000_000

// DefaultQueries are how many queries MLPerf wants for a quantile, a minimum
// and not a promise of accuracy: independent samples enough that 99 % of runs
// find it at a rank within a twentieth of what lies above, in blocks of 8192.
func DefaultQueries(quantile float64) int {
	const z, block = 2.5758293, 8192 // 99 % of the normal law lie within z
	margin := (1 - quantile) / 20
	n := z * z * quantile * (1 - quantile) / (margin * margin)
	return int(math.Ceil(n/block)) * block
}

// Size answers a question: it finds what one machine serves within the target,
// divides, and simulates the whole cluster behind its router under the demand.
// Machines behind a random router add up, so the quotient is the answer, raised
// where the cluster misses the target. Any other router evens the load out, and
// the fewest machines that meet the target are searched for. A target that one
// idle machine misses is an error.
func Size(ctx context.Context, q Question) (Answer, error) {
	var a Answer
	if q.Queries == 0 {
		q.Queries = DefaultQueries(q.SLA.Quantile)
	}
	var err error
	if a.One, err = q.choose(ctx, q.problem(q.Node)); err != nil {
		return a, err
	}
	if a.One.QPS <= 0 {
		return a, fmt.Errorf("p%g of an idle machine is %v, the target is %v: no number of machines meets it",
			100*q.SLA.Quantile, a.One.At.Tail.Round(time.Microsecond), q.SLA.Limit)
	}
	if need := math.Ceil(q.DemandQPS / a.One.QPS); need > mostMachines {
		return a, fmt.Errorf("%.4g queries/s at %.4g a machine needs about %.4g machines, more than 1,000,000", q.DemandQPS, a.One.QPS, need)
	}
	a.Policy = a.One.Policy
	c := q.cluster(q.Node, a.One, mostQueries)
	if a.Machines, err = c.fewest(ctx, tail, fine); err != nil {
		return a, err
	}
	if a.At, err = c.at(ctx, a.Machines); err != nil {
		return a, err
	}
	if a.Machines > 1 {
		if a.Less, err = c.at(ctx, a.Machines-1); err != nil {
			return a, err
		}
	}
	return a, q.ends(ctx, &a)
}

// ends are the numbers at both ends of the curve, each with the policy that
// suits it and at the end of the noise.
func (q Question) ends(ctx context.Context, a *Answer) error {
	fast, err := q.choose(ctx, q.problem(q.Fast))
	if err != nil {
		return err
	}
	slow, err := q.choose(ctx, q.problem(q.Slow))
	if err != nil {
		return err
	}
	a.Fewest = needed(q.DemandQPS, max(fast.Hi, a.One.Hi))
	worst := min(slow.Lo, a.One.Lo)
	if worst > 0 {
		a.Most = needed(q.DemandQPS, worst)
	}
	if !q.addUp() {
		if a.Fewest, err = q.cluster(q.Fast, fast, endQueries).fewest(ctx, lower, coarse); err != nil {
			return err
		}
		if worst > 0 && a.Most <= mostMachines { // which stays where the cluster misses the target even so
			most, err := q.cluster(q.Slow, slow, endQueries).fewest(ctx, upper, coarse)
			if err == nil {
				a.Most = most
			} else if !errors.Is(err, errMisses) {
				return err
			}
		}
	}
	a.Fewest, a.Most = min(a.Fewest, a.Machines), whole(a.Most, a.Machines)
	return nil
}

func needed(demand, each float64) int { return max(1, int(math.Ceil(demand/each-tolerance))) }

// addUp reports whether each machine of a cluster sees what one alone would: a
// random router thins Poisson arrivals to Poisson arrivals.
func (q Question) addUp() bool {
	return q.Router == sim.Random && q.Arrivals.Name() == "poisson"
}

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
			c.Policy, c.RateQPS, c.Queries, c.Warmup = t.Policy, t.RateQPS, t.Queries, sim.DefaultWarmup(t.Queries, 1)
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
	switch q.SLA.Quantile {
	case 0.99:
		p.Tail, p.Lo, p.Hi = r.P99, r.P99Lo, r.P99Hi
	case 0.999:
		p.Tail, p.Lo, p.Hi = r.P999, r.P999Lo, r.P999Hi
	}
	return p, nil
}

// Every machine of a simulated cluster sees at least perMachine queries, so
// that the tail is that of all of them, within what one run may take. A cluster
// of more is simulated as the part of it that gets them, with its share of the
// demand: exact behind a random router, and near to it behind any other, whose
// choice among so many machines depends little on how many.
// The ends of the interval ask for less.
const (
	perMachine  = 1000
	mostQueries = 20_000_000
	endQueries  = 1_000_000
)

// idleTime is how long a run may last, in virtual time. A demand that takes
// longer finds its machines idle, as does the one that takes so long.
const idleTime = 50 * 365 * 24 * time.Hour

// cluster is machines under the demand, however many.
type cluster struct {
	q      Question
	node   sim.Node
	one    tune.Bound         // what one of them serves, and the policy
	most   int                // queries of one run, unless the question wants more
	points map[int]tune.Point // of what was simulated
}

func (q Question) cluster(n sim.Node, one tune.Bound, most int) *cluster {
	return &cluster{q, n, one, most, map[int]tune.Point{}}
}

// at simulates so many machines, with random numbers that the search for what
// one serves has not seen.
func (c *cluster) at(ctx context.Context, machines int) (tune.Point, error) {
	if p, ok := c.points[machines]; ok {
		return p, nil
	}
	servers := min(machines, c.most/perMachine)
	s := c.q.config(c.node, servers)
	s.Seed++
	s.Policy = c.one.Policy
	s.Queries = max(c.q.Queries, perMachine*servers)
	s.Warmup = sim.DefaultWarmup(s.Queries, servers)
	s.RateQPS = max(c.q.DemandQPS*float64(servers)/float64(machines), float64(s.Queries+s.Warmup)/idleTime.Seconds())
	p, err := c.q.run(ctx, s)
	c.points[machines] = p
	return p, err
}

// The readings of a simulation that a number of machines may rest on.
func tail(p tune.Point) time.Duration  { return p.Tail }
func lower(p tune.Point) time.Duration { return p.Lo }
func upper(p tune.Point) time.Duration { return p.Hi }

// The share to which fewest knows its number, where that is more than one
// machine: the answer, and the ends of its interval.
const (
	fine   = 1e-3
	coarse = 1e-2
)

// errMisses: no number of machines that was tried meets the target.
var errMisses = errors.New("the target is missed")

// fewest is the least number of machines whose reading meets the target. It
// starts from what one serves and goes up in growing steps while the target is
// missed, then halves what lies between a number that misses it and one that
// meets it. Where machines add up, fewer than the start are not tried: only
// luck would meet the target there.
func (c *cluster) fewest(ctx context.Context, read func(tune.Point) time.Duration, width float64) (int, error) {
	meets := func(machines int) (bool, error) {
		p, err := c.at(ctx, machines)
		return p.Stable && read(p) <= c.q.SLA.Limit, err
	}
	first := needed(c.q.DemandQPS, c.one.QPS)
	lo, hi := c.overloaded(), first // misses, meets
	for step := max(1, first/100); ; step *= 2 {
		ok, err := meets(hi)
		if err != nil {
			return 0, err
		}
		if ok {
			break
		}
		if hi >= 2*first+10 {
			return 0, fmt.Errorf("%w: p%g of %d machines is %v", errMisses, 100*c.q.SLA.Quantile, hi, c.points[hi].Tail.Round(time.Microsecond))
		}
		lo, hi = hi, min(hi+step, 2*first+10)
	}
	if hi == first && c.q.addUp() {
		return hi, nil
	}
	for hi-lo > max(1, int(width*float64(hi))) {
		mid := lo + (hi-lo)/2
		ok, err := meets(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}

// overloaded is how many machines cannot do the work whatever the router does.
func (c *cluster) overloaded() int {
	capacity := c.q.problem(c.node).Capacity(c.one.Policy)
	if math.IsInf(capacity, 1) {
		return 0
	}
	return min(needed(c.q.DemandQPS, capacity), needed(c.q.DemandQPS, c.one.QPS)) - 1
}

// whole keeps an upper end above the answer, and an unknown one unknown.
func whole(most, machines int) int {
	if most == 0 {
		return 0
	}
	return max(most, machines)
}
