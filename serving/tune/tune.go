// Package tune answers "largest rate such that" and "best policy": MaxQPS is
// the latency-bounded throughput of one policy, and a Searcher looks for the
// policy with the largest one.
//
// Its stance: a search is only as good as its comparisons. Every simulation
// uses common random numbers, so two rates or two policies differ by what they
// do and not by their luck; rates lie on one geometric lattice, so what a
// search finds does not depend on where it began to look; a search returns what
// it found, why it stopped, and every simulation it asked for. The package sees
// simulations only as a function, Evaluate: it knows nothing of queues.
//
// All searches rest on one assumption, that the tail does not fall as the rate
// rises. Where rates above the answer meet the target all the same, the answer
// reports them (Bound.Above).
//
// Start reading at Problem, then track (all that is known about one policy),
// then DeepRecSched, the search of the paper.
package tune

import (
	"context"
	"fmt"
	"math"
	"time"

	"runexp/serving/policy"
)

// Trial asks for one simulation: a policy under an offered rate, over so many
// queries counted after warm-up.
type Trial struct {
	Policy  policy.Policy
	RateQPS float64
	Queries int
}

// Point is what one simulation found. Tail is the latency quantile that the
// target speaks of; Lo and Hi enclose it with the simulation's own confidence,
// 0 and math.MaxInt64 where the run was too short to say.
type Point struct {
	Tail, Lo, Hi time.Duration
	Stable       bool // the queue did not grow through the run
	AchievedIPS  float64
	CPUUtil      float64 // 0..1, mean over cores
	AccelUtil    float64 // 0..1, mean over accelerators
}

// Evaluate runs one simulation. It must be a pure function of the trial, safe
// for concurrent use, and a shorter trial must see the first queries of a
// longer one.
type Evaluate func(context.Context, Trial) (Point, error)

// Problem is what a search is given.
type Problem struct {
	Evaluate Evaluate
	// Capacity, if not nil, returns a rate in queries/s that no run of this
	// policy can sustain: there and above, work arrives faster than it can be
	// done. It saves simulations; a value too large is harmless, a value too
	// small would hide feasible rates.
	Capacity func(policy.Policy) float64
	// Score, if not nil, is what to maximise instead of QPS, of a policy driven
	// at its MaxQPS: queries per joule, say. It may grow with the rate, but not
	// faster than in proportion.
	Score func(Bound) float64
	// Late, if not nil, runs one simulation and returns the share of queries
	// that miss the target in each of a few contiguous batches of the run. Only
	// Judge asks for it.
	Late    func(context.Context, Trial) ([]float64, error)
	SLA     policy.SLA
	Space   Space
	Options Options
}

// Options bound the work of a search. Zero values take the defaults stated.
type Options struct {
	// Tolerance is the ratio of neighbouring lattice rates less one: MaxQPS is
	// found to this relative accuracy. Default 0.01.
	Tolerance float64
	// Queries is the length of a full simulation. Every reported bound rests on
	// full simulations. Default 57344, MLPerf's count for a 95th percentile.
	Queries int
	// Short is the length of a first look, which decides alone only where its
	// interval clears the target by Margin. Default Queries/16, but enough that a
	// hundred queries make the slowest 5 %; Queries or more means that every
	// simulation is a full one.
	Short int
	// Budget is the largest number of simulations of one policy, short ones
	// included. Default 100.
	Budget int
	// MapTolerance makes Exhaustive enclose every policy of its grid to this
	// relative accuracy, so that the whole map can be drawn. Zero draws none.
	MapTolerance float64
	// Workers is how many simulations Exhaustive runs at once. Results do not
	// depend on it. Default 1.
	Workers int
}

// Margin is how far the interval of a short simulation must stay from the
// target for its verdict to stand: a factor on either side. It allows for the
// start-up transient, which a short run under-reports, and for intervals at
// nominal rather than true coverage.
const Margin = 1.25

// Floor is the smallest rate tried, as a share of the capacity. A system that
// misses its target at a thousandth of its capacity misses it idle.
const Floor = 1e-3

func (o Options) withDefaults() Options {
	if o.Tolerance == 0 {
		o.Tolerance = 0.01
	}
	if o.Queries == 0 {
		o.Queries = 57344
	}
	if o.Short == 0 {
		o.Short = max(2000, o.Queries/16)
	}
	if o.Budget == 0 {
		o.Budget = 100
	}
	if o.Workers == 0 {
		o.Workers = 1
	}
	return o
}

// Validate reports an option out of range.
func (o Options) Validate() error {
	switch {
	case !(o.Tolerance >= 0 && o.Tolerance <= 1):
		return fmt.Errorf("tolerance: %v is not between 0 and 1", o.Tolerance)
	case !(o.MapTolerance >= 0) || math.IsInf(o.MapTolerance, 1):
		return fmt.Errorf("map_tolerance: %v is not a relative accuracy", o.MapTolerance)
	case o.Queries < 0:
		return fmt.Errorf("queries: %d is negative", o.Queries)
	case o.Short < 0:
		return fmt.Errorf("short: %d is negative", o.Short)
	case o.Budget < 0:
		return fmt.Errorf("budget: %d is negative", o.Budget)
	}
	return nil
}

// prepare checks the problem and fills in defaults.
func (p Problem) prepare() (Problem, error) {
	if p.Evaluate == nil {
		panic("tune: Problem without Evaluate")
	}
	if err := p.SLA.Validate(); err != nil {
		return p, err
	}
	if err := p.Options.Validate(); err != nil {
		return p, err
	}
	p.Options = p.Options.withDefaults()
	return p, nil
}
