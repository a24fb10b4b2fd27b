package tune

import (
	"context"

	"runexp/serving/policy"
)

// Status says why a search of rates ended.
type Status string

const (
	Converged     Status = "converged"      // MaxQPS is known to the tolerance
	BracketFailed Status = "bracket_failed" // no rate was found that misses the target
	BudgetSpent   Status = "budget"         // out of simulations: the bounds hold, but are wide
	Infeasible    Status = "infeasible"     // even an idle system misses the target
	Mapped        Status = "mapped"         // enclosed for a map only: it is not the best
	Rejected      Status = "rejected"       // dropped: it is not the best, and little else is known
)

// Bound is the latency-bounded throughput of one policy, in queries/s.
//
// Converged: QPS is the largest lattice rate that meets the target before one
// that misses it; [Lo, Hi] allows for the noise of the simulation: at Lo the
// upper end of the tail's interval meets the target, from Hi on the lower end
// misses it. Any other status: the target is met at Lo = QPS and missed at Hi,
// as far as simulated.
type Bound struct {
	Policy policy.Policy
	QPS    float64
	Lo, Hi float64
	Status Status
	At     Point     // the simulation at QPS; when Infeasible, of the all but idle system
	Above  []float64 // rates above QPS that meet the target too
	Sims   int
}

// Probe is one simulation and why it was run.
type Probe struct {
	Trial  Trial
	Point  Point
	Met    bool
	Reason Reason
}

// Reason says what a search wanted to know.
type Reason string

const (
	Bracketing Reason = "bracket"  // looking for one rate that meets and one that misses
	Bisecting  Reason = "bisect"   // closing in between the two
	Verifying  Reason = "verify"   // a full simulation where a short one had decided
	Enclosing  Reason = "interval" // how far noise may move the answer
	Scanning   Reason = "above"    // does a rate above the answer meet the target too?
	Comparing  Reason = "compare"  // is this policy better than that one?
	Rejecting  Reason = "reject"   // can this policy beat the best known one?
)

// MaxQPS returns the latency-bounded throughput of one policy and the probes
// that led to it. hint is a rate near the answer, or 0.
func MaxQPS(ctx context.Context, pb Problem, p policy.Policy, hint float64) (Bound, []Probe, error) {
	c, err := newContest(pb)
	if err != nil {
		return Bound{}, nil, err
	}
	b, err := c.track(p).report(ctx, hint)
	return b, c.probes, err
}
