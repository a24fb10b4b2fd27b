package tune

import (
	"context"
	"time"

	"runexp/serving/policy"
)

// track is all that is known about one policy: what simulations saw at lattice
// rates, and between which two of them its MaxQPS lies.
type track struct {
	pb      *Problem
	grid    lattice
	policy  policy.Policy
	log     *[]Probe // where probes are written, in the order they run
	seen    map[int]look
	bottom  int  // a policy that misses here is hopeless
	top     int  // rates from here on are not tried
	bounded bool // top is the capacity, so that it surely misses
	sims    int
	crossing
}

// look is the best simulation so far at one rate.
type look struct {
	point Point
	met   bool
	full  bool
}

func newTrack(pb *Problem, p policy.Policy, log *[]Probe) *track {
	t := &track{pb: pb, grid: lattice{1 + pb.Options.Tolerance}, policy: p, log: log, seen: map[int]look{}}
	const lowest, highest = 1e-6, 1e12 // queries/s of any node: one a fortnight, one a picosecond
	t.bottom, t.top = t.grid.below(lowest), t.grid.below(highest)
	if pb.Capacity != nil {
		if c := max(pb.Capacity(p), lowest); c < highest {
			t.bottom, t.top, t.bounded = t.grid.below(max(lowest, c*Floor)), t.grid.below(c)+1, true
		}
	}
	t.crossing = crossing{track: t, latency: func(p Point) time.Duration { return p.Tail }, lo: nothing, hi: t.top}
	return t
}

func (t *track) limit() time.Duration { return t.pb.SLA.Limit }
func (t *track) spent() bool          { return t.sims >= t.pb.Options.Budget }
func (t *track) open() bool           { return t.hi == t.top && !t.bounded }
func (t *track) meets(p Point) bool   { return p.Stable && p.Tail <= t.limit() }

// probe learns whether a lattice rate inside the bracket meets the target.
func (t *track) probe(ctx context.Context, k int, why Reason) error {
	seen, err := t.look(ctx, k, t.near() || k <= t.bottom, why)
	if err == nil {
		t.move(k, seen.met)
	}
	return err
}

// look simulates the policy at a lattice rate, at most twice: briefly, and in
// full where that does not decide or a full simulation is asked for.
func (t *track) look(ctx context.Context, k int, full bool, why Reason) (look, error) {
	seen, ok := t.seen[k]
	if ok && (seen.full || !full) {
		return seen, nil
	}
	o := t.pb.Options
	if !ok && !full && o.Short < o.Queries {
		p, err := t.simulate(ctx, k, o.Short, why)
		if err != nil {
			return look{}, err
		}
		if met, clear := t.verdict(p); clear {
			t.seen[k] = look{point: p, met: met}
			return t.seen[k], nil
		}
	}
	p, err := t.simulate(ctx, k, o.Queries, why)
	if err != nil {
		return look{}, err
	}
	t.seen[k] = look{point: p, met: t.meets(p), full: true}
	return t.seen[k], nil
}

// verdict judges a short simulation, and says whether the judgement stands.
func (t *track) verdict(p Point) (met, clear bool) {
	limit := float64(t.limit())
	switch {
	case float64(p.Lo) > limit*Margin:
		return false, true
	case p.Stable && float64(p.Hi)*Margin < limit:
		return true, true
	}
	return false, false
}

func (t *track) simulate(ctx context.Context, k, queries int, why Reason) (Point, error) {
	trial := Trial{Policy: t.policy, RateQPS: t.grid.rate(k), Queries: queries}
	p, err := t.pb.Evaluate(ctx, trial)
	if err != nil {
		return p, err
	}
	t.sims++
	*t.log = append(*t.log, Probe{Trial: trial, Point: p, Met: t.meets(p), Reason: why})
	return p, nil
}

// converge finds the largest lattice rate that meets the target, with a full
// simulation on either side of the edge.
func (t *track) converge(ctx context.Context, hint float64) error {
	for {
		if err := t.narrow(ctx, 1, hint); err != nil {
			return err
		}
		again, err := t.verify(ctx)
		if err != nil || !again {
			return err
		}
	}
}

// narrow closes the bracket in to a width in lattice steps, starting at the
// hint if nothing is known. It gives up when the policy is hopeless, out of
// budget, or meets at every rate.
func (t *track) narrow(ctx context.Context, width int, hint float64) error {
	for !t.enclosed(width) && !t.spent() {
		why := Bracketing
		if t.anyMet() && t.hi < t.top {
			why = Bisecting
		}
		if err := t.probe(ctx, t.next(hint), why); err != nil {
			return err
		}
	}
	return nil
}

// verify replaces short simulations at the edge by full ones, and reports
// whether that moved the edge.
func (t *track) verify(ctx context.Context) (moved bool, err error) {
	for _, k := range []int{t.lo, t.hi} {
		if before, ok := t.seen[k]; ok && !before.full && !t.spent() {
			after, err := t.look(ctx, k, true, Verifying)
			if err != nil {
				return false, err
			}
			if after.met != before.met {
				t.reopen(k, after.met)
				return true, nil
			}
		}
	}
	return false, nil
}

// reopen moves the bracket after the verdict at its end k was reversed, to the
// nearest rates that still stand.
func (t *track) reopen(k int, met bool) {
	t.lo, t.hi, t.step = nothing, t.top, 0
	for other, l := range t.seen {
		switch {
		case l.met && other < k:
			t.lo = max(t.lo, other)
		case !l.met && other > k:
			t.hi = min(t.hi, other)
		}
	}
	t.move(k, met)
}
