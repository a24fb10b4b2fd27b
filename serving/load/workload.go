package load

import (
	"time"

	"runexp/internal/stream"
)

// Query is one ranking call: when it should arrive and how many items it has.
type Query struct {
	Arrival time.Duration // since the start
	Size    int
}

// Draw returns the first n queries that every simulation of this seed sees.
func Draw(a Arrivals, s Sizes, rateQPS float64, n int, seed uint64) []Query {
	_ = stream.New(seed, "arrivals")
	return make([]Query, n)
}
