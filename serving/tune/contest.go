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

// compare returns the sign of MaxQPS(a) - MaxQPS(b) on the lattice, simulating
// no more than it takes to tell: a policy that meets where the other misses has
// won, whatever their exact values. Equal means in the same lattice cell.
func (c *contest) compare(ctx context.Context, a, b *track) (int, error) {
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

// beats reports whether a policy is preferred, given the sign of its comparison
// with another: a larger MaxQPS, or, where the target is out of reach of both,
// the smaller tail of an idle system.
func (t *track) beats(other *track, sign int) bool {
	if sign == 0 && t.hopeless() && other.hopeless() {
		return t.bound().At.Tail < other.bound().At.Tail
	}
	return sign > 0
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

// wave runs one job per track, at most Workers at once. Each writes its own
// probes, which are put together in the order of the tracks, so the outcome
// does not depend on the number of workers.
func (c *contest) wave(ctx context.Context, tracks []*track, job func(context.Context, *track) error) error {
	logs := make([][]Probe, len(tracks))
	err := parallel.Each(ctx, c.pb.Options.Workers, len(tracks), func(ctx context.Context, i int) error {
		tracks[i].log = &logs[i]
		return job(ctx, tracks[i])
	})
	for i, t := range tracks {
		t.log = &c.probes
		c.probes = append(c.probes, logs[i]...)
	}
	return err
}
