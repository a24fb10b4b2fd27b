// Package sim answers what tail latency a load sees: it runs queries through
// nodes of cores and accelerators in virtual time.
//
// Its stance: an answer comes with the interval it deserves, an overloaded
// system is called unstable and not given a tail, and the same Config gives
// the same Result to the last bit on any machine.
//
// Start reading at Config and Run.
package sim

import (
	"context"
	"errors"
	"time"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
)

// Routers of a cluster.
const (
	Random     = "random"      // each query to a node drawn uniformly
	RoundRobin = "round_robin" // nodes in turn
	JSQ        = "jsq"         // the node with the fewest queries in it
	PowerOfTwo = "po2"         // the emptier of two nodes drawn uniformly
)

// Node is one server: identical cores behind one FIFO queue, and accelerators
// behind another.
type Node struct {
	Cores        int
	Service      *latency.Service // of one request on one core
	Accelerators int
	AccelService *latency.Service // of one whole query; nil without accelerators
}

// Config is one trial.
type Config struct {
	Nodes    []Node
	Router   string // "" with a single node
	Policy   policy.Policy
	Arrivals load.Arrivals
	Sizes    load.Sizes
	RateQPS  float64 // offered to the whole cluster
	Queries  int     // counted, after the warm-up
	Warmup   int     // dropped queries before them
	Seed     uint64
}

// Result is what one trial measured. A quantile of a trial that is not Stable
// describes the length of the run, not the system: never compare it.
type Result struct {
	Queries     int64 // counted
	Requests    int64 // that the counted queries were split into
	OfferedQPS  float64
	AchievedQPS float64 // completed per second of the window
	AchievedIPS float64 // items

	Mean, P50, P75, P90, P95, P99, P999, Max time.Duration
	// The 95 % intervals of P95 and P99. Where the window is too short to
	// know one, it is [0, Unbounded].
	P95Lo, P95Hi, P99Lo, P99Hi time.Duration

	Wait             time.Duration // mean wait of a request before it is served
	CPUUtil          float64       // 0..1, over all cores
	AccelUtil        float64       // 0..1, over all accelerators
	OffloadedQueries float64       // share
	OffloadedItems   float64       // share

	// OfferedLoad is the work that arrived in the window over what the busiest
	// kind of device could do: Stable means that it is not above 1.
	OfferedLoad float64
	Stable      bool

	// Shares of the latency of the slowest 5 % of queries.
	TailQueue, TailStraggler, TailAccel float64
}

// Unbounded is the upper end of an interval that is not known.
const Unbounded = time.Duration(1<<63 - 1)

// DefaultWarmup returns the warm-up for a window of so many queries.
func DefaultWarmup(queries int) int { return queries / 10 }

// Run simulates one trial.
func Run(ctx context.Context, c Config) (Result, error) {
	return Result{}, errors.New("sim: not built")
}
