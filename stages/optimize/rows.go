package optimize

import (
	"fmt"
	"time"

	"runexp/serving/tune"
	"runexp/stages/record"
)

// table gathers the rows of one cell.
type table struct {
	cell      cell
	objective string
	baseline  float64 // score of the static policy, 0 where not known
	scores    []float64
	chosen    []choice // by searches on the sizes that are served
	out       Output   // one point per score
}

// choice is what a search settled on.
type choice struct {
	policy string
	bound  tune.Bound
}

// add makes rows of a search on the sizes that are served.
func (t *table) add(policy string, r tune.Result) {
	served := t.cell.config.Sizes
	if policy == (tune.Static{}).Name() {
		t.baseline = t.score(r.Bound)
	}
	t.chosen = append(t.chosen, choice{policy, r.Bound})
	t.point(policy, served, r.Bound, r.Sims)
	t.probes(policy, served, served, r.Probes)
	for _, b := range r.Map {
		t.out.Map = append(t.out.Map, t.mapped(b))
	}
	if policy == (tune.Exhaustive{}).Name() {
		t.regrets(t.score(r.Bound))
	}
}

// transferred makes rows of a policy tuned on other sizes than those served: b
// is what it does for the latter.
func (t *table) transferred(policy, tunedOn string, r tune.Result, b tune.Bound, probes []tune.Probe) {
	t.point(policy, tunedOn, b, r.Sims+b.Sims)
	t.probes(policy, tunedOn, tunedOn, r.Probes)
	t.probes(policy, t.cell.config.Sizes, tunedOn, probes)
}

// score is what the objective says of a policy.
func (t *table) score(b tune.Bound) float64 {
	if t.objective == QPSPerWatt {
		return t.cell.perWatt(b)
	}
	return b.QPS
}

func (t *table) point(policy, tunedOn string, b tune.Bound, sims int) {
	x := t.cell
	p := record.OperatingPoint{
		Model: x.model.Name, CPUPlatform: x.machine.CPU, Engine: x.engine, AccelPlatform: x.machine.Accel,
		Servers: int32(x.config.Servers), SizeDist: x.config.Sizes, TunedOn: tunedOn, Objective: t.objective,
		Target: x.target.Name, SLANS: x.sla().Limit.Nanoseconds(), Policy: policy,
		BatchSize: int32(b.Policy.BatchSize), OffloadThreshold: int32(b.Policy.OffloadThreshold),
		EqualSplit: b.Policy.EqualSplit, SmallestFirst: b.Policy.SmallestFirst,
		ActiveCores: int32(b.Policy.ActiveCores), AccelBatch: int32(b.Policy.AccelBatch), Accelerators: int32(x.machine.Accelerators),
		MaxQPS: b.QPS, MaxQPSLo: b.Lo, MaxQPSHi: b.Hi, Sims: int64(sims), Status: string(b.Status),
	}
	if b.QPS > 0 {
		t.measure(&p, b)
	}
	if t.baseline > 0 {
		gain := t.score(b) / t.baseline
		p.GainOverStatic = &gain
	}
	t.out.Points = append(t.out.Points, p)
	t.scores = append(t.scores, t.score(b))
	t.out.Warnings = append(t.out.Warnings, doubts(fmt.Sprintf("%s: %s", x, policy), b, x.sla().Limit)...)
}

// measure fills in what the simulation at MaxQPS says, and what that costs.
func (t *table) measure(p *record.OperatingPoint, b tune.Bound) {
	m, servers := t.cell.machine, t.cell.config.Servers
	tail := b.At.Tail.Nanoseconds()
	p.P95NS, p.MaxIPS = &tail, b.At.AchievedIPS
	if p.PowerW = m.PowerW(servers, b.At.CPUUtil, b.At.AccelUtil); p.PowerW != nil {
		perWatt := b.QPS / *p.PowerW
		p.QPSPerWatt = &perWatt
	}
	if m.PricePerHour > 0 {
		perDollar := b.QPS * time.Hour.Seconds() / (m.PricePerHour * float64(servers))
		p.QPSPerDollar = &perDollar
	}
}

// regrets fills in how far each point of the cell is from the best of the grid.
// The oracle comes last, so all of them are there.
func (t *table) regrets(best float64) {
	if best <= 0 {
		return
	}
	for i := range t.out.Points {
		regret := 1 - t.scores[i]/best
		t.out.Points[i].Regret = &regret
	}
}

// doubts says in words what a status or an oddity means for the reader.
func doubts(what string, b tune.Bound, limit time.Duration) (list []string) {
	warn := func(format string, args ...any) {
		list = append(list, what+": "+fmt.Sprintf(format, args...))
	}
	switch b.Status {
	case tune.Infeasible:
		warn("infeasible: p95 of an idle system is %v, the target is %v", b.At.Tail.Round(time.Microsecond), limit)
	case tune.BracketFailed:
		warn("no rate was found that misses the target of %v", limit)
	case tune.BudgetSpent:
		warn("out of simulations: max_qps is between %.4g and %.4g", b.Lo, b.Hi)
	}
	if n := len(b.Above); n > 0 {
		warn("%d simulated rates above max_qps %.4g meet the target too, the largest is %.4g", n, b.QPS, b.Above[n-1])
	}
	return list
}

func (t *table) mapped(b tune.Bound) record.MaxQPS {
	x := t.cell
	return record.MaxQPS{
		Model: x.model.Name, CPUPlatform: x.machine.CPU, Engine: x.engine, AccelPlatform: x.machine.Accel,
		Servers: int32(x.config.Servers), SizeDist: x.config.Sizes, TunedOn: x.config.Sizes, Objective: t.objective,
		Target: x.target.Name, SLANS: x.sla().Limit.Nanoseconds(),
		BatchSize: int32(b.Policy.BatchSize), OffloadThreshold: int32(b.Policy.OffloadThreshold),
		MaxQPS: b.QPS, MaxQPSLo: b.Lo, MaxQPSHi: b.Hi, Status: string(b.Status),
	}
}

func (t *table) probes(policy, sizes, tunedOn string, probes []tune.Probe) {
	x := t.cell
	for i, p := range probes {
		row := record.Probe{
			Model: x.model.Name, CPUPlatform: x.machine.CPU, Engine: x.engine, AccelPlatform: x.machine.Accel,
			Servers: int32(x.config.Servers), SizeDist: sizes, TunedOn: tunedOn, Objective: t.objective,
			Target: x.target.Name, SLANS: x.sla().Limit.Nanoseconds(), Policy: policy, Step: int32(i),
			BatchSize: int32(p.Trial.Policy.BatchSize), OffloadThreshold: int32(p.Trial.Policy.OffloadThreshold),
			EqualSplit: p.Trial.Policy.EqualSplit, SmallestFirst: p.Trial.Policy.SmallestFirst,
			ActiveCores: int32(p.Trial.Policy.ActiveCores), AccelBatch: int32(p.Trial.Policy.AccelBatch),
			RateQPS: p.Trial.RateQPS, Queries: int64(p.Trial.Queries), Met: p.Met, Reason: string(p.Reason),
		}
		if p.Point.Stable {
			tail := p.Point.Tail.Nanoseconds()
			row.P95NS = &tail
		}
		t.out.Probes = append(t.out.Probes, row)
	}
}
