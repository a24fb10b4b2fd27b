package tune

import (
	"context"
	"math"

	"runexp/serving/policy"
)

// Joint is the search of our own: batch size and threshold at once, over a grid
// much finer than that of Exhaustive, in a few dozen simulations.
//
// It keeps a belief about every policy of the grid. What is believed is the
// share of its capacity that a policy can use under the target: capacity, with
// its kink where cores and accelerator are equally busy, is known without
// simulating, and what is left varies smoothly. Each step simulates the policy
// whose expected improvement on the best so far is largest (Jones, Schonlau and
// Welch, Efficient Global Optimization, 1998), once and briefly, at the smallest
// rate that the best one misses: as in a race, a policy that misses there too
// is out, and its tail says by how much. The best is known no more accurately
// than the improvement looked for, and exactly at the end. The search stops
// when no policy promises enough.
type Joint struct {
	// Start is the policy tried first; the zero value means the static baseline.
	Start policy.Policy
}

// promise is the expected relative improvement below which the search stops,
// and most is how many policies of a grid it tries at most.
const (
	promise = 5e-4
	most    = 40
)

func (Joint) Name() string { return "joint" }

func (s Joint) Search(ctx context.Context, pb Problem) (Result, error) {
	c, err := begin(pb)
	if err != nil {
		return Result{}, err
	}
	start := s.Start
	if start == (policy.Policy{}) {
		start = pb.Space.static()
	}
	j := &joint{contest: c, tried: []*track{c.track(start)}}
	best, err := j.run(ctx, pb.Space.fine())
	if err == nil && pb.Space.Choices.Any() { // from the best of two knots on, so that more choices never cost
		best, err = j.run(ctx, pb.Space.wide(best.policy))
	}
	if err != nil {
		return Result{}, err
	}
	return c.finish(ctx, best)
}

// joint is the search at work.
type joint struct {
	*contest
	grid  []candidate
	tried []*track
}

// candidate is a policy of the grid with what is known of it for nothing.
type candidate struct {
	policy policy.Policy
	at     []float64 // coordinates
	trend  float64   // log of the capacity
}

func (j *joint) candidate(p policy.Policy) candidate {
	return candidate{policy: p, at: j.pb.Space.coordinates(p), trend: j.trend(p)}
}

// trend is what a belief is held relative to. A score other than the rate has
// no known limit.
func (j *joint) trend(p policy.Policy) float64 {
	if j.pb.Capacity == nil || j.pb.Score != nil {
		return 0
	}
	if c := j.pb.Capacity(p); c > 0 && !math.IsInf(c, 1) {
		return math.Log(c)
	}
	return 0
}

// run searches a grid: it alternates between learning more of the best policy
// and trying another.
func (j *joint) run(ctx context.Context, grid []policy.Policy) (*track, error) {
	j.grid = nil
	for _, p := range grid {
		j.grid = append(j.grid, j.candidate(p))
	}
	end := len(j.tried) + most
	if first := j.tried[0]; !j.known(first, first.grid.steps(gallop)) {
		if err := j.know(ctx, first, first.grid.steps(gallop)); err != nil {
			return nil, err
		}
	}
	for {
		best := j.best()
		next, gain := j.promising(best)
		enough := gain < promise || len(j.tried) >= end
		width := 1
		if !enough {
			width = best.grid.steps(gain)
		}
		if !j.known(best, width) {
			if err := j.know(ctx, best, width); err != nil {
				return nil, err
			}
			continue
		}
		if enough {
			return best, nil
		}
		t := j.track(next)
		j.tried = append(j.tried, t)
		if err := j.try(ctx, t, best); err != nil {
			return nil, err
		}
	}
}

// try simulates a policy for the first time: once, where the best one misses.
// Without such a rate, or where that does not measure the score, it is bracketed.
func (j *joint) try(ctx context.Context, t, best *track) error {
	if best.hopeless() || best.open() || j.pb.Score != nil {
		return t.narrow(ctx, t.grid.steps(gallop), best.rateAt(best.lo))
	}
	if best.hi >= t.hi {
		return nil
	}
	return t.probe(ctx, best.hi, Rejecting)
}

// known reports whether MaxQPS of a policy is enclosed to a width, exactly and
// by full simulations if that is one lattice step.
func (j *joint) known(t *track, width int) bool {
	return t.spent() || t.enclosed(width) && (width > 1 || t.sure(t.lo) && t.sure(t.hi) || t.hopeless())
}

func (j *joint) know(ctx context.Context, t *track, width int) error {
	if width > 1 {
		return t.narrow(ctx, width, 0)
	}
	return t.converge(ctx, 0)
}

// best returns the policy believed best of those tried, the first of equals.
func (j *joint) best() *track {
	best, most := j.tried[0], math.Inf(-1)
	for _, t := range j.tried {
		if e := j.estimate(t); e > most {
			best, most = t, e
		}
	}
	return best
}

// estimate is the log of a policy's score, read off what was simulated.
func (j *joint) estimate(t *track) float64 {
	return math.Log(t.estimate() * j.worth(t))
}

// worth is the score of a query at a policy's rate: of one that no simulation met
// yet, that of the worthiest of the others, so that all are on one scale.
func (j *joint) worth(t *track) float64 {
	if j.pb.Score == nil {
		return 1
	}
	if t.anyMet() {
		b := t.bound()
		return j.pb.Score(b) / b.QPS
	}
	most := 0.0
	for _, other := range j.tried {
		if other.anyMet() {
			most = max(most, j.worth(other))
		}
	}
	if most == 0 {
		return 1
	}
	return most
}

// promising returns the policy not yet tried of the largest expected
// improvement on the best one, relative to it.
func (j *joint) promising(best *track) (next policy.Policy, gain float64) {
	var b belief
	known := map[policy.Policy]bool{}
	for _, t := range j.tried {
		x := j.candidate(t.policy)
		b.at = append(b.at, x.at)
		b.values = append(b.values, j.estimate(t)-x.trend)
		b.noise = append(b.noise, t.noise())
		known[t.policy] = true
	}
	b.learn()
	mark := j.estimate(best)
	room := make([]float64, len(b.at))
	for _, x := range j.grid {
		if known[x.policy] {
			continue
		}
		mean, sd := b.predict(x.at, room)
		if e := improvement(mean+x.trend, sd, mark); e > gain {
			next, gain = x.policy, e
		}
	}
	return next, gain
}
