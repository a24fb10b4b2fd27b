package tune

import (
	"cmp"
	"context"
	"slices"

	"runexp/serving/policy"
)

// Exhaustive is the oracle: the best policy of the whole joint grid, the first
// of equals by the order in which they are tried.
//
// For MaxQPS, the leader is converged, and every other policy is tried at the smallest rate
// that the leader misses: one that misses there too cannot win (the tail does
// not fall as the rate rises), one that meets is compared in full and may take
// over. A policy whose capacity is below what the leader sustains is dropped
// without a simulation. The most promising policies lead first: those with the
// largest capacity or, where Options ask for a map, the largest rate on it.
type Exhaustive struct{}

func (Exhaustive) Name() string { return "exhaustive" }

// heat is how many policies are tried against the same leader at once. It is
// a constant, not the number of workers, so that results do not depend on it.
const heat = 16

func (Exhaustive) Search(ctx context.Context, pb Problem) (Result, error) {
	c, err := begin(pb)
	if err != nil {
		return Result{}, err
	}
	chart, err := c.chart(ctx)
	if err != nil {
		return Result{}, err
	}
	leader, err := c.race(ctx, chart)
	if err != nil {
		return Result{}, err
	}
	r, err := c.finish(ctx, leader)
	if err != nil {
		return Result{}, err
	}
	for _, b := range chart {
		r.Map = append(r.Map, c.entry(b, r.Bound))
	}
	return r, nil
}

// chart returns what a map of the grid needs of each policy: a bracket of
// MapTolerance, from simulations of a quarter of the length, since a map is
// read to a few per cent. Each row of the grid starts its brackets from the row
// before. Without a map it only lists the policies and their capacities.
func (c *contest) chart(ctx context.Context) ([]Bound, error) {
	coarse := &contest{pb: c.pb, tracks: map[policy.Policy]*track{}}
	coarse.pb.Options.Queries = max(c.pb.Options.Short, c.pb.Options.Queries/4)
	tolerance := c.pb.Options.MapTolerance
	var chart, before []Bound
	for _, row := range c.pb.Space.rows() {
		tracks, hints := make([]*track, len(row)), make([]float64, len(row))
		for i, p := range row {
			tracks[i] = coarse.track(p)
			if before != nil {
				hints[i] = before[i].QPS
			}
		}
		if tolerance > 0 {
			err := coarse.wave(ctx, tracks, func(ctx context.Context, i int) error {
				return tracks[i].narrow(ctx, tracks[i].grid.steps(tolerance), hints[i])
			})
			if err != nil {
				return nil, err
			}
		}
		before = nil
		for _, t := range tracks {
			before = append(before, t.bound())
		}
		chart = append(chart, before...)
	}
	c.probes = append(c.probes, coarse.probes...)
	return chart, nil
}

// race finds the best policy of the grid.
func (c *contest) race(ctx context.Context, chart []Bound) (*track, error) {
	order := slices.Clone(chart)
	slices.SortStableFunc(order, func(a, b Bound) int {
		return cmp.Or(cmp.Compare(c.score(b), c.score(a)), cmp.Compare(b.Hi, a.Hi))
	})
	leader := c.track(order[0].Policy)
	if err := leader.converge(ctx, order[0].QPS); err != nil {
		return nil, err
	}
	for group := range slices.Chunk(order[1:], heat) {
		tracks, best := make([]*track, len(group)), c.score(leader.bound())
		lost := make([]bool, len(group))
		for i, b := range group {
			tracks[i] = c.track(b.Policy)
		}
		err := c.wave(ctx, tracks, func(ctx context.Context, i int) (err error) {
			lost[i], err = c.cannotWin(ctx, group[i], tracks[i], leader, best)
			return err
		})
		if err != nil {
			return nil, err
		}
		for i, t := range tracks {
			if lost[i] || t.hi <= leader.hi && c.pb.Score == nil {
				continue
			}
			sign, err := c.compare(ctx, t, leader)
			if err != nil {
				return nil, err
			}
			if c.beats(t, leader, sign) {
				leader = t
			}
		}
		if err := leader.converge(ctx, 0); err != nil {
			return nil, err
		}
	}
	return leader, nil
}

// doubt is how far a score on the map may be off, beside its bracket.
const doubt = 0.05

// cannotWin reports whether a policy is out of the race. For MaxQPS one
// simulation says so. Another score has no such rate to try: its largest value
// within the bracket of the map decides, since it does not grow faster than the
// rate.
func (c *contest) cannotWin(ctx context.Context, b Bound, t, leader *track, best float64) (bool, error) {
	if c.pb.Score != nil {
		return b.QPS > 0 && c.score(b)*b.Hi/b.QPS*(1+doubt) < best, nil
	}
	mark := leader.hi
	if !leader.hopeless() && mark < t.hi {
		if err := t.probe(ctx, mark, Rejecting); err != nil {
			return false, err
		}
	}
	return t.hi <= mark, nil
}

// entry is one point of the map, after the race: whatever a quarter of a
// simulation said, no policy is better than the best.
func (c *contest) entry(b, best Bound) Bound {
	switch {
	case b.Policy == best.Policy:
		return best
	case b.Status == Infeasible:
		return b
	case c.pb.Options.MapTolerance > 0:
		b.Status = Mapped
	default:
		b.Status = Rejected
	}
	b.QPS, b.Lo, b.Hi = min(b.QPS, best.QPS), min(b.Lo, best.QPS), min(b.Hi, best.Hi)
	return b
}
