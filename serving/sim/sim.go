// Package sim answers what tail latency a load sees: it runs queries through
// nodes of cores and accelerators in virtual time.
//
// Its stance: an answer comes with the interval it deserves, an overloaded
// system is called unstable and not given a tail, and the same Config gives
// the same Result to the last bit on any machine.
//
// There is no event list. Queues are first come, first served and service is
// not preempted, so the moment a request is assigned its start and its end are
// known: the earliest core to come free takes it. A node is a heap of the
// times at which its cores come free, and queries are taken in order of
// arrival. Starts never decrease on a node, so even a service time that
// depends on how many cores are active at the start is exact.
//
// Start reading at Config and Run, then server.serve.
package sim

import (
	"slices"
	"time"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
)

// Routers of a cluster.
const (
	Random     = "random"      // each query to a node drawn uniformly
	RoundRobin = "round_robin" // nodes in turn
	JSQ        = "jsq"         // the node with the fewest queries in it; ties drawn uniformly
	PowerOfTwo = "po2"         // the emptier of two different nodes drawn uniformly
)

// DefaultQueries is the window for a p95 unless more is asked for: the count
// that MLPerf requires, a minimum and not a promise of accuracy.
const DefaultQueries = 57_344

// perServer is how many queries fill an empty server of a cluster: the relaxation
// of an M/M/1 at a load of 0.9 takes some 350 of its queries.
const perServer = 500

// DefaultWarmup returns the warm-up for a window of so many queries: a tenth,
// which covers the relaxation of a single core up to a load of about 0.95, and
// enough for each server of a cluster, which sees a share of the queries.
func DefaultWarmup(queries, servers int) int {
	if servers == 1 {
		return queries / 10
	}
	return max(queries/10, perServer*servers)
}

// Node is one server: identical cores behind one FIFO queue of requests, and
// accelerators behind a FIFO queue of whole queries.
type Node struct {
	Cores        int
	Service      *latency.Service // of one request on one core
	Accelerators int
	AccelService *latency.Service // of one whole query, or batch; nil without accelerators
	AccelBatch   Batching
	// Policy, if not nil, is the policy of this node in place of Config.Policy:
	// node types of a mixed cluster may need different ones.
	Policy *policy.Policy
}

// Batching lets an accelerator serve several queries at once, as inference
// servers do: it waits until MaxItems are there, or until the first query has
// waited MaxDelay, and takes those that fit. The zero value serves queries one
// by one.
type Batching struct {
	MaxItems int
	MaxDelay time.Duration
}

// Config is one trial.
type Config struct {
	Nodes    []Node
	Router   string // may be empty with a single node
	Policy   policy.Policy
	Arrivals load.Arrivals
	Sizes    load.Sizes
	RateQPS  float64 // offered to the whole cluster
	Queries  int     // counted, after the warm-up
	Warmup   int     // dropped queries before them
	Seed     uint64
	Failures []Failure // in any order

	Admission Admission
	// Target is what a query must answer within to count as GoodQPS; 0 is any
	// time.
	Target time.Duration

	// Observe, if not nil, is given every query, warm-up included, in order of
	// arrival, in runs of a few hundred. It must not keep the slice.
	Observe func([]Query)
	// ObserveRequests, if not nil, is given every request when it is assigned,
	// query after query in order of arrival. A request that a failure cuts short
	// is given as planned, and again when it is sent again.
	ObserveRequests func(Request)
}

// Request is a slice of a query on a core, or a whole query on an accelerator.
type Request struct {
	Arrival    time.Duration // of its query
	Start, End time.Duration
	Batch      int32 // items
	Node       int32
	Offloaded  bool
	First      bool // of its query
}

// policyOf returns the policy that a node follows.
func (c *Config) policyOf(n Node) policy.Policy {
	if n.Policy != nil {
		return *n.Policy
	}
	return c.Policy
}

// batching returns the nodes with what their policies say of batching on
// accelerators.
func (c *Config) batching() []Node {
	nodes := slices.Clone(c.Nodes)
	for i, n := range nodes {
		if most := c.policyOf(n).AccelBatch; most > 0 && n.Accelerators > 0 {
			nodes[i].AccelBatch.MaxItems = most
		}
	}
	return nodes
}

// Query is the fate of one query. Times count from the start of the trial.
type Query struct {
	Arrival   time.Duration
	Start     time.Duration // of its first request
	Done      time.Duration // end of its last request
	Wait      time.Duration // between arrival and start, summed over its requests
	Service   time.Duration // on cores or accelerators, summed over its requests
	Straggle  time.Duration // at the end, while all its requests but one are done
	Size      int32         // items
	Requests  int32         // it was split into; 1 when offloaded
	Node      int32
	Offloaded bool
	Shed      bool  // turned away at Done: nothing else is known
	Retries   int32 // how often a failure made it start again
}

// Latency is what the user sees: from the intended arrival to the last item.
func (q *Query) Latency() time.Duration { return q.Done - q.Arrival }

// Result is what one trial measured over its window, which runs from the
// arrival of the last warm-up query to that of the last query. Latency is that
// of all queries that arrive in the window and are let in, whenever they end.
//
// A quantile of a trial that is not Stable describes the length of the run,
// not the system: never compare it.
type Result struct {
	Queries     int64 // counted, shed ones too
	Requests    int64 // that the counted queries were split into
	Retries     int64 // of counted queries, after failures
	OfferedQPS  float64
	AchievedQPS float64 // queries that ended in the window, per second
	AchievedIPS float64 // their items
	GoodQPS     float64 // queries that arrived in the window and met Config.Target, per second
	Shed        float64 // share of the counted queries that were turned away

	Mean, P50, P75, P90, P95, P99, P999, Max time.Duration
	// The 95 % intervals of the quantiles, valid for correlated delays. Where the
	// window is too short to know an end, it is 0 or Unbounded.
	P50Lo, P50Hi, P75Lo, P75Hi, P90Lo, P90Hi   time.Duration
	P95Lo, P95Hi, P99Lo, P99Hi, P999Lo, P999Hi time.Duration

	Wait             time.Duration // mean wait of a request before it is served
	Service          time.Duration // mean time of a request on its core or accelerator
	CPUUtil          float64       // 0..1, over all cores
	AccelUtil        float64       // 0..1, over all accelerators; 0 without any
	OffloadedQueries float64       // share
	OffloadedItems   float64       // share

	// OfferedLoad is the work let in in the window over what the devices
	// could do in that time, for the most loaded kind of device.
	OfferedLoad float64
	// Stable is OfferedLoad <= 1, or an Admission that sheds: no backlog had to
	// grow through the window.
	Stable bool

	// Shares of the summed latency of the slowest 5 % of queries: before their
	// first request got a core, while one straggling request was left, and
	// before an accelerator took them. The rest is service.
	TailQueue, TailStraggler, TailAccel float64
}

// Unbounded is the upper end of an interval that is not known.
const Unbounded = time.Duration(1<<63 - 1)
