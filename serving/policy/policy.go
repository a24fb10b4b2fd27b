// Package policy says how a query is served: how it is split over cores, when
// it goes to an accelerator, and which tail latency it must meet.
package policy

import (
	"fmt"
	"time"
)

// Policy holds the two knobs of the scheduler, both in items, and choices that
// the paper's scheduler does not have, all off at their zero value.
type Policy struct {
	// BatchSize is the largest request that one core takes; a query of n items
	// is split into ceil(n/BatchSize) requests.
	BatchSize int
	// OffloadThreshold sends a query of at least this many items whole to an
	// accelerator. Zero means never.
	OffloadThreshold int

	// EqualSplit cuts a query into requests that differ by one item at most,
	// instead of full ones and a remainder; their number is the same.
	EqualSplit bool
	// SmallestFirst queues the requests of a query smallest first, the remainder
	// before the full ones. Queries stay in order of arrival.
	SmallestFirst bool
	// ActiveCores is how many cores take requests, which then share caches and
	// memory with fewer others. Zero means all.
	ActiveCores int
	// AccelBatch lets an accelerator that comes free take several waiting queries
	// at once, up to so many items. Zero takes one by one.
	AccelBatch int
}

// Validate reports a knob that is out of range.
func (p Policy) Validate() error {
	if p.BatchSize < 1 {
		return fmt.Errorf("batch_size: %d is not at least 1", p.BatchSize)
	}
	if p.OffloadThreshold < 0 {
		return fmt.Errorf("offload_threshold: %d is negative", p.OffloadThreshold)
	}
	if p.ActiveCores < 0 {
		return fmt.Errorf("active_cores: %d is negative", p.ActiveCores)
	}
	if p.AccelBatch < 0 {
		return fmt.Errorf("accel_batch: %d is negative", p.AccelBatch)
	}
	return nil
}

// Offloads reports whether a query of this many items goes to an accelerator.
func (p Policy) Offloads(size int) bool {
	return p.OffloadThreshold > 0 && size >= p.OffloadThreshold
}

// Requests returns into how many requests a query of this many items is split.
func (p Policy) Requests(size int) int {
	return 1 + (size-1)/p.BatchSize
}

// Part returns the items of the next request of a query of which so many items,
// to be put into so many requests, are left.
func (p Policy) Part(left, requests int) int {
	switch {
	case p.EqualSplit && p.SmallestFirst:
		return left / requests
	case p.EqualSplit:
		return (left + requests - 1) / requests
	case p.SmallestFirst:
		return left - (requests-1)*p.BatchSize
	}
	return min(left, p.BatchSize)
}

// Cores returns how many of a node's cores take requests.
func (p Policy) Cores(present int) int {
	if p.ActiveCores == 0 {
		return present
	}
	return min(present, p.ActiveCores)
}

// Static returns the production baseline of the paper: the largest query is
// split evenly over all cores, and nothing is offloaded.
func Static(maxQuerySize, cores int) Policy {
	return Policy{BatchSize: 1 + (maxQuerySize-1)/cores}
}

// SLA is a tail-latency target: the Quantile of latency must be at most Limit.
type SLA struct {
	Quantile float64 // 0.95 for a p95 target
	Limit    time.Duration
}

// Validate reports a target that no latency can meet.
func (s SLA) Validate() error {
	if !(s.Quantile > 0 && s.Quantile < 1) {
		return fmt.Errorf("sla: quantile %v is not between 0 and 1", s.Quantile)
	}
	if s.Limit <= 0 {
		return fmt.Errorf("sla: limit %v is not positive", s.Limit)
	}
	return nil
}
