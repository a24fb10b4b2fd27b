// Package load draws the work that a server sees: when queries arrive and how
// many items each asks to be ranked.
//
// Its stance: generation is open-loop, so a slow server never slows its load,
// and every query has a size of its own. Gaps and sizes come from two separate
// streams of the seed, and gaps are drawn at rate 1 and then scaled, so two
// simulations of one seed see the same queries at any rate (common random
// numbers).
//
// Start reading at Arrivals and Sizes, then Source, which joins them.
package load

import (
	"math/rand/v2"
	"time"

	"runexp/internal/stream"
)

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

// Query is one ranking call: when it should arrive and how many items it has.
type Query struct {
	Arrival time.Duration // since the start
	Size    int
}

// Source is the endless series of queries of one seed.
type Source struct {
	gaps  func([]float64)
	sizes func([]int32)
	now   float64 // ns, of the last arrival; a float keeps gaps from being rounded one by one
	buf   []float64
}

// NewSource starts the series. The rate must be positive.
func NewSource(a Arrivals, s Sizes, rateQPS float64, seed uint64) *Source {
	return &Source{
		gaps:  a.Gaps(stream.New(seed, "arrivals"), rateQPS),
		sizes: s.Draws(stream.New(seed, "sizes")),
	}
}

// Next fills two slices of one length with the arrivals, in ns since the
// start, and sizes of the next queries.
func (s *Source) Next(arrivals []int64, sizes []int32) {
	if len(s.buf) < len(arrivals) {
		s.buf = make([]float64, len(arrivals))
	}
	gaps := s.buf[:len(arrivals)]
	s.gaps(gaps)
	for i, gap := range gaps {
		s.now += gap * float64(time.Second)
		arrivals[i] = int64(s.now + 0.5)
	}
	s.sizes(sizes)
}

// Draw returns the first n queries of a source.
func Draw(a Arrivals, s Sizes, rateQPS float64, n int, seed uint64) []Query {
	arrivals, sizes := make([]int64, n), make([]int32, n)
	NewSource(a, s, rateQPS, seed).Next(arrivals, sizes)
	queries := make([]Query, n)
	for i := range queries {
		queries[i] = Query{Arrival: time.Duration(arrivals[i]), Size: int(sizes[i])}
	}
	return queries
}
