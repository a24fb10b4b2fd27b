// Package policy says how a query is served: how it is split over cores, when
// it goes to an accelerator, and which tail latency it must meet.
package policy

import (
	"fmt"
	"time"
)

// Policy holds the two knobs of the scheduler, both in items.
type Policy struct {
	// BatchSize is the largest request that one core takes; a query of n items
	// is split into ceil(n/BatchSize) requests.
	BatchSize int
	// OffloadThreshold sends a query of at least this many items whole to an
	// accelerator. Zero means never.
	OffloadThreshold int
}

// Validate reports a knob that is out of range.
func (p Policy) Validate() error {
	if p.BatchSize < 1 {
		return fmt.Errorf("batch_size: %d is not at least 1", p.BatchSize)
	}
	if p.OffloadThreshold < 0 {
		return fmt.Errorf("offload_threshold: %d is negative", p.OffloadThreshold)
	}
	return nil
}

// Offloads reports whether a query of this many items goes to an accelerator.
func (p Policy) Offloads(size int) bool {
	return p.OffloadThreshold > 0 && size >= p.OffloadThreshold
}

// Requests returns into how many requests a query of this many items is split.
func (p Policy) Requests(size int) int {
	return (size + p.BatchSize - 1) / p.BatchSize
}

// Static returns the production baseline of the paper: the largest query is
// split evenly over all cores, and nothing is offloaded.
func Static(maxQuerySize, cores int) Policy {
	return Policy{BatchSize: (maxQuerySize + cores - 1) / cores}
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
