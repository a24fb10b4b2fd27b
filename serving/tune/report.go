package tune

import (
	"context"
	"maps"
	"slices"
	"time"
)

// report converges and adds what a reader needs to trust the number: the
// interval that noise allows, and whether rates above meet the target too.
func (t *track) report(ctx context.Context, hint float64) (Bound, error) {
	if err := t.converge(ctx, hint); err != nil {
		return Bound{}, err
	}
	b := t.bound()
	if b.Status != Converged {
		return b, nil
	}
	lower, err := t.enclose(ctx, func(p Point) time.Duration { return p.Hi })
	if err != nil {
		return b, err
	}
	upper, err := t.enclose(ctx, func(p Point) time.Duration { return p.Lo })
	if err != nil {
		return b, err
	}
	b.Lo, b.Hi = t.rateAt(lower.lo), t.rateAt(upper.hi)
	if b.Above, err = t.above(ctx); err != nil {
		return b, err
	}
	b.Sims = t.sims
	return b, nil
}

// rateAt is the rate of a bracket's end, zero for an idle system.
func (t *track) rateAt(k int) float64 {
	if k <= nothing+1 {
		return 0
	}
	return t.grid.rate(k)
}

// bound says what is known so far.
func (t *track) bound() Bound {
	b := Bound{Policy: t.policy, Sims: t.sims}
	if t.hopeless() {
		idlest := slices.Min(slices.Collect(maps.Keys(t.seen)))
		b.Status, b.At, b.Hi = Infeasible, t.seen[idlest].point, t.grid.rate(idlest)
		return b
	}
	b.Hi = t.grid.rate(t.hi)
	switch {
	case t.hi-t.lo > 1 || !t.sure(t.lo) || !t.sure(t.hi):
		b.Status = BudgetSpent
	case t.open():
		b.Status = BracketFailed
	default:
		b.Status = Converged
	}
	if t.anyMet() {
		b.QPS = t.grid.rate(t.lo)
		b.Lo, b.At = b.QPS, t.seen[t.lo].point
	}
	return b
}

// sure reports whether a verdict rests on a full simulation, or needs none.
func (t *track) sure(k int) bool { return k == nothing || k >= t.top || t.seen[k].full }

// enclose finds where one end of the tail's interval crosses the target, to a
// quarter of its distance from MaxQPS, by full simulations alone.
func (t *track) enclose(ctx context.Context, latency func(Point) time.Duration) (crossing, error) {
	c := crossing{track: t, latency: latency, lo: nothing, hi: t.top}
	meets := func(l look) bool { return l.point.Stable && latency(l.point) <= t.limit() }
	for k, l := range t.seen {
		if l.full && !meets(l) {
			c.hi = min(c.hi, k)
		}
	}
	for k, l := range t.seen {
		if l.full && meets(l) && k < c.hi {
			c.lo = max(c.lo, k)
		}
	}
	for !t.spent() {
		away := max(t.lo-c.hi, c.lo-t.lo)
		if c.enclosed(max(1, away/4)) {
			break
		}
		k := c.next(0)
		l, err := t.look(ctx, k, true, Enclosing)
		if err != nil {
			return c, err
		}
		c.move(k, meets(l))
	}
	return c, nil
}

// above returns rates past the edge that meet the target all the same: those
// simulated on the way, and two looked at for this alone.
func (t *track) above(ctx context.Context) ([]float64, error) {
	for _, k := range []int{t.hi + 2, t.hi + 5} {
		if k < t.top && !t.spent() {
			if _, err := t.look(ctx, k, true, Scanning); err != nil {
				return nil, err
			}
		}
	}
	var rates []float64
	for _, k := range slices.Sorted(maps.Keys(t.seen)) {
		if k > t.hi && t.seen[k].full && t.seen[k].met {
			rates = append(rates, t.grid.rate(k))
		}
	}
	return rates, nil
}
