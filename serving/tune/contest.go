package tune

import (
	"cmp"
	"context"

	"runexp/internal/parallel"
	"runexp/serving/policy"
)

// contest is the state of one search: what is known about each policy it has
// touched, and the probes so far.
type contest struct {
	pb     Problem
	tracks map[policy.Policy]*track
	probes []Probe
}

func newContest(pb Problem) (*contest, error) {
	pb, err := pb.prepare()
	if err != nil {
		return nil, err
	}
	return &contest{pb: pb, tracks: map[policy.Policy]*track{}}, nil
}

func (c *contest) track(p policy.Policy) *track {
	t, ok := c.tracks[p]
	if !ok {
		t = newTrack(&c.pb, p, &c.probes)
		c.tracks[p] = t
	}
	return t
}

// sims returns the simulations of the whole search.
func (c *contest) sims() int { return len(c.probes) }

// score is what the search maximises.
func (c *contest) score(b Bound) float64 {
	if c.pb.Score == nil {
		return b.QPS
	}
	return c.pb.Score(b)
}

// compare says which of two policies is better: +1 for a, -1 for b, 0 where the
// tolerance cannot tell them apart.
//
// For MaxQPS that is the sign of their difference on the lattice, and it
// simulates no more than it takes to tell: a policy that meets where the other
// misses has won, whatever their exact values.
func (c *contest) compare(ctx context.Context, a, b *track) (int, error) {
	if c.pb.Score != nil {
		return c.compareScores(ctx, a, b)
	}
	for {
		switch {
		case a.lo >= b.hi:
			return +1, nil
		case b.lo >= a.hi:
			return -1, nil
		case a.hi-a.lo <= 1 && b.hi-b.lo <= 1: // overlapping, so the same
			return 0, nil
		case a.spent() || b.spent():
			return cmp.Compare(a.lo, b.lo), nil
		}
		t, k := telling(a, b)
		if err := t.probe(ctx, k, Comparing); err != nil {
			return 0, err
		}
	}
}

// compareScores needs both policies at their MaxQPS.
func (c *contest) compareScores(ctx context.Context, a, b *track) (int, error) {
	for _, t := range []*track{a, b} {
		if err := t.converge(ctx, 0); err != nil {
			return 0, err
		}
	}
	x, y := c.score(a.bound()), c.score(b.bound())
	if ratio := 1 + c.pb.Options.Tolerance; x <= y*ratio && y <= x*ratio {
		return 0, nil
	}
	return cmp.Compare(x, y), nil
}

// beats reports whether a policy is preferred to another, given the sign of
// their comparison: the better one; of two that it could not tell apart, the
// one with the higher score, or, where the target is out of reach of both, the
// one whose idle system has the smaller tail.
func (c *contest) beats(a, b *track, sign int) bool {
	if sign != 0 {
		return sign > 0
	}
	x, y := a.bound(), b.bound()
	if a.hopeless() && b.hopeless() {
		return x.At.Tail < y.At.Tail
	}
	return c.score(x) > c.score(y)
}

// telling picks the simulation most likely to decide a comparison: one policy
// at an end of the other's bracket, where one of the two verdicts decides at
// once; failing that, the next one that narrows a bracket.
func telling(a, b *track) (*track, int) {
	switch {
	case !b.hopeless() && a.lo < b.hi && b.hi < a.hi:
		return a, b.hi
	case !a.hopeless() && b.lo < a.hi && a.hi < b.hi:
		return b, a.hi
	case b.anyMet() && a.lo < b.lo && b.lo < a.hi:
		return a, b.lo
	case a.anyMet() && b.lo < a.lo && a.lo < b.hi:
		return b, a.lo
	case b.hi-b.lo > 1:
		return b, b.next(0)
	}
	return a, a.next(0)
}

// wave runs one job for each track i, at most Workers at once. Each writes its own
// probes, which are put together in the order of the tracks, so the outcome
// does not depend on the number of workers.
func (c *contest) wave(ctx context.Context, tracks []*track, job func(ctx context.Context, i int) error) error {
	logs := make([][]Probe, len(tracks))
	err := parallel.Each(ctx, c.pb.Options.Workers, len(tracks), func(ctx context.Context, i int) error {
		tracks[i].log = &logs[i]
		return job(ctx, i)
	})
	for i, t := range tracks {
		t.log = &c.probes
		c.probes = append(c.probes, logs[i]...)
	}
	return err
}
