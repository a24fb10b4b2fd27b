package tune

import (
	"context"

	"runexp/internal/sample"
	"runexp/serving/policy"
)

// Verdict says which of two policies is better, and how sure that is.
type Verdict struct {
	A, B Bound // by full simulations, without the interval of noise
	// RateQPS is a rate between the two MaxQPS, or at both if they are the same,
	// at which both policies served the same queries: LateA and LateB are the
	// shares that missed the target there.
	RateQPS      float64
	LateA, LateB float64
	// Better is the probability that A misses the target less often at that rate,
	// so that its MaxQPS is larger. It is a half for two policies that cannot be
	// told apart.
	Better float64
}

// Judge compares two policies that searches have chosen. A search picks what
// was lucky with its queries, so the Problem should have other ones than the
// searches had, and more. Hints are rates near the answers, or 0.
//
// The two differ by little where it matters, but the queries are the same: the
// difference of their shares of late queries, batch by batch, has far less
// noise than either share.
func Judge(ctx context.Context, pb Problem, a, b policy.Policy, hintA, hintB float64) (Verdict, error) {
	c, err := newContest(pb)
	if err != nil {
		return Verdict{}, err
	}
	x, y := c.track(a), c.track(b)
	if err := x.converge(ctx, hintA); err != nil {
		return Verdict{}, err
	}
	if err := y.converge(ctx, hintB); err != nil {
		return Verdict{}, err
	}
	v := Verdict{A: x.bound(), B: y.bound(), Better: 0.5}
	switch {
	case a == b || x.hopeless() && y.hopeless():
		return v, nil
	case x.hopeless() || y.hopeless():
		v.Better = 0
		if y.hopeless() {
			v.Better = 1
		}
		return v, nil
	}
	v.RateQPS = c.grid().rate((x.lo + y.lo + 1) / 2)
	return v, c.compareLate(ctx, a, b, &v)
}

func (c *contest) grid() lattice { return lattice{1 + c.pb.Options.Tolerance} }

// compareLate fills in what both policies do with the same queries at RateQPS.
func (c *contest) compareLate(ctx context.Context, a, b policy.Policy, v *Verdict) error {
	late := func(p policy.Policy) ([]float64, error) {
		return c.pb.Late(ctx, Trial{Policy: p, RateQPS: v.RateQPS, Queries: c.pb.Options.Queries})
	}
	x, err := late(a)
	if err != nil {
		return err
	}
	y, err := late(b)
	if err != nil {
		return err
	}
	v.LateA, v.LateB = sample.Mean(x), sample.Mean(y)
	less := make([]float64, len(x))
	for i := range less {
		less[i] = y[i] - x[i]
	}
	v.Better = sample.Positive(less)
	return nil
}
