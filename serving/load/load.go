// Package load draws the work that a server sees: when queries arrive and how
// many items each asks to be ranked.
//
// Its stance: generation is open-loop, so a slow server never slows its load,
// and every query has a size of its own. Gaps and sizes come from two separate
// streams of the seed, and gaps are drawn at rate 1 and then scaled, so two
// simulations of one seed see the same queries at any rate (common random
// numbers).
//
// Start reading at Arrivals and Sizes, then ParseArrivals and ParseSizes.
package load

import "math/rand/v2"

// Arrivals is an arrival process: the law of the gaps between queries.
type Arrivals interface {
	// Name is the spec that ParseArrivals reads back.
	Name() string
	// Gaps starts the process at a rate in queries per second. The function
	// returned fills dst with the next gaps, in seconds; their mean in the long
	// run is 1/rateQPS.
	Gaps(rng *rand.Rand, rateQPS float64) func(dst []float64)
}

// Sizes is the law of query sizes, in items.
type Sizes interface {
	// Name is the spec that ParseSizes reads back.
	Name() string
	// Max is the largest size that is ever drawn.
	Max() int
	// Expect returns the mean of f over the law: Expect(size) is the mean size,
	// Expect(requests of a size) the requests per query.
	Expect(f func(size int) float64) float64
	// Draws starts a series of sizes. The function returned fills dst with the
	// next ones, each in [1, Max].
	Draws(rng *rand.Rand) func(dst []int32)
}

// MeanSize returns the mean of a law of sizes, in items per query.
func MeanSize(s Sizes) float64 {
	return s.Expect(func(size int) float64 { return float64(size) })
}
