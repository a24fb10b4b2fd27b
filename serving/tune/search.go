package tune

import (
	"context"
	"fmt"
	"slices"

	"runexp/serving/policy"
)

// Searcher looks for the policy with the largest MaxQPS.
type Searcher interface {
	// Name is what tables call the search.
	Name() string
	// Search returns the policy it settles on. A problem without a solution is
	// no error: Result.Bound says Infeasible.
	Search(ctx context.Context, pb Problem) (Result, error)
}

// Result is what a search found.
type Result struct {
	Bound  Bound   // of the policy chosen
	Probes []Probe // every simulation, in order
	Map    []Bound // what is known of each policy of the grid (Exhaustive alone)
	Sims   int     // simulations of the whole search
}

// Space is what a search may choose from, and the node it chooses for.
type Space struct {
	MaxQuery     int // largest query, in items
	Cores        int
	Accelerators int
	// Batches are the batch sizes of the joint grid, ascending.
	Batches []int
	// Thresholds are the offload thresholds of the joint grid and the ladder of
	// the threshold climb, ascending. Never offloading is always tried too.
	Thresholds []int
	// Choices widen the space of Joint beyond batch size and threshold.
	Choices Choices
}

// Choices are what else a policy may do; the zero value is none of it. Not to
// do it is always tried too.
type Choices struct {
	EqualSplit    bool
	SmallestFirst bool
	ActiveCores   []int // fewer than all
	AccelBatches  []int
}

// Any reports whether there is something to choose.
func (c Choices) Any() bool {
	return c.EqualSplit || c.SmallestFirst || len(c.ActiveCores)+len(c.AccelBatches) > 0
}

// Validate reports a space that cannot be searched.
func (s Space) Validate() error {
	switch {
	case s.MaxQuery < 1:
		return fmt.Errorf("max_query_size: %d is not at least 1", s.MaxQuery)
	case s.Cores < 1:
		return fmt.Errorf("cores: %d is not at least 1", s.Cores)
	case s.Accelerators < 0:
		return fmt.Errorf("accelerators: %d is negative", s.Accelerators)
	}
	if err := ascending("batches", s.Batches); err != nil {
		return err
	}
	if len(s.Batches) == 0 {
		return fmt.Errorf("batches: the grid is empty")
	}
	if err := ascending("active_cores", s.Choices.ActiveCores); err != nil {
		return err
	}
	if err := ascending("accel_batches", s.Choices.AccelBatches); err != nil {
		return err
	}
	return ascending("thresholds", s.Thresholds)
}

func ascending(name string, xs []int) error {
	for i, x := range xs {
		if x < 1 {
			return fmt.Errorf("%s: %d is not at least 1", name, x)
		}
		if i > 0 && x <= xs[i-1] {
			return fmt.Errorf("%s: %d follows %d", name, x, xs[i-1])
		}
	}
	return nil
}

// static returns the baseline policy of this node.
func (s Space) static() policy.Policy { return policy.Static(s.MaxQuery, s.Cores) }

// thresholds returns the ladder of a node: nothing without an accelerator.
func (s Space) thresholds() []int {
	if s.Accelerators == 0 {
		return nil
	}
	return s.Thresholds
}

// rows returns the joint grid, one row per batch size, never offloading first.
// The static baseline's batch size always has a row, so no search that returns
// a policy of the grid or the baseline can beat the grid.
func (s Space) rows() [][]policy.Policy {
	batches := slices.Clone(s.Batches)
	if i, found := slices.BinarySearch(batches, s.static().BatchSize); !found {
		batches = slices.Insert(batches, i, s.static().BatchSize)
	}
	rows := make([][]policy.Policy, len(batches))
	for i, b := range batches {
		rows[i] = append(rows[i], policy.Policy{BatchSize: b})
		for _, t := range s.thresholds() {
			rows[i] = append(rows[i], policy.Policy{BatchSize: b, OffloadThreshold: t})
		}
	}
	return rows
}

// begin checks the problem of a searcher.
func begin(pb Problem) (*contest, error) {
	if err := pb.Space.Validate(); err != nil {
		return nil, err
	}
	return newContest(pb)
}

// finish reports on the policy chosen.
func (c *contest) finish(ctx context.Context, t *track) (Result, error) {
	b, err := t.report(ctx, 0)
	return Result{Bound: b, Probes: c.probes, Sims: c.sims()}, err
}

// Static is the production baseline of the paper: the largest query split
// evenly over all cores, nothing offloaded.
type Static struct{}

func (Static) Name() string { return "static" }

func (Static) Search(ctx context.Context, pb Problem) (Result, error) {
	c, err := begin(pb)
	if err != nil {
		return Result{}, err
	}
	return c.finish(ctx, c.track(pb.Space.static()))
}
