package tune

import (
	"context"
	"slices"
)

// Exhaustive is the oracle: the best policy of the whole joint grid, the first
// of equals by the order in which they are tried.
//
// With MapTolerance it first encloses every policy to that accuracy. Then the
// most promising policy is converged, and every other one is tried at the
// smallest rate that the leader misses: one that misses there too cannot win
// (the tail does not fall as the rate rises), one that meets becomes a
// candidate and is compared in full. Policies whose capacity is below what the
// leader already sustains are dropped without a simulation.
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
	grid, err := c.chart(ctx)
	if err != nil {
		return Result{}, err
	}
	leader, err := c.race(ctx, grid)
	if err != nil {
		return Result{}, err
	}
	r, err := c.finish(ctx, leader)
	if err != nil {
		return Result{}, err
	}
	for _, t := range grid {
		r.Map = append(r.Map, c.entry(t, leader, r.Bound))
	}
	return r, nil
}

// chart returns the tracks of the grid, enclosed to MapTolerance if that is
// set. Each row of the grid starts its brackets from the row before.
func (c *contest) chart(ctx context.Context) ([]*track, error) {
	var grid, before []*track
	for _, row := range c.pb.Space.rows() {
		var tracks []*track
		hints := map[*track]float64{}
		for i, p := range row {
			t := c.track(p)
			tracks = append(tracks, t)
			if before != nil && before[i].anyMet() {
				hints[t] = before[i].grid.rate(before[i].lo)
			}
		}
		if tol := c.pb.Options.MapTolerance; tol > 0 {
			err := c.wave(ctx, tracks, func(ctx context.Context, t *track) error {
				return t.narrow(ctx, t.grid.steps(tol), hints[t])
			})
			if err != nil {
				return nil, err
			}
		}
		grid, before = append(grid, tracks...), tracks
	}
	return grid, nil
}

// race finds the best policy of the grid.
func (c *contest) race(ctx context.Context, grid []*track) (*track, error) {
	order := slices.Clone(grid)
	slices.SortStableFunc(order, func(a, b *track) int {
		if a.lo != b.lo {
			return b.lo - a.lo
		}
		return b.hi - a.hi
	})
	leader := order[0]
	for group := range slices.Chunk(order[1:], heat) {
		if err := leader.converge(ctx, 0); err != nil {
			return nil, err
		}
		mark := leader.hi
		err := c.wave(ctx, group, func(ctx context.Context, t *track) error {
			if !leader.hopeless() && t.lo < mark && mark < t.hi && !t.spent() {
				return t.probe(ctx, mark, Rejecting)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, t := range group {
			if t.hi <= mark {
				continue
			}
			sign, err := c.compare(ctx, t, leader)
			if err != nil {
				return nil, err
			}
			if sign > 0 {
				leader = t
			}
		}
	}
	return leader, nil
}

// entry is one point of the map.
func (c *contest) entry(t, leader *track, best Bound) Bound {
	if t == leader {
		return best
	}
	b := t.bound()
	if b.Status != BudgetSpent || t.spent() {
		return b
	}
	b.Status = Rejected
	if tol := c.pb.Options.MapTolerance; tol > 0 && t.enclosed(t.grid.steps(tol)) {
		b.Status = Mapped
	}
	return b
}
