// Package live serves queries with real models on real cores, in real time,
// under the policy, the seed and the load of a simulation: it is what the
// simulator predicts.
//
// Its stance: nothing but the model takes time. Queries and inputs are drawn
// before the clock starts; engines are threads pinned to cores that share one
// copy of the tables; the queue is two counters; the generator is open-loop and
// has a core to itself where there is one. Latency counts from the intended
// arrival, and a query that was sent late is counted and reported. The
// accelerator alone is not real: it takes what its curve says.
//
// Start reading at Config and Pool.Run, then engine.work and queue.
package live

import (
	"fmt"
	"math"
	"time"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

// Config is one probe.
type Config struct {
	Place    Placement
	Policy   policy.Policy
	Arrivals load.Arrivals
	Sizes    load.Sizes
	RateQPS  float64
	Queries  int // counted, after the warm-up
	Warmup   int // served but not counted
	Seed     uint64
	// Limit is how long the probe may take, from the first arrival to the last
	// answer. A probe that would take longer is overloaded, and says so.
	Limit time.Duration

	Accelerators int
	AccelService *latency.Service // of one whole query; nil without accelerators
}

// Result is what a probe measured.
type Result struct {
	sim.Result
	// Late is how many queries were sent more than LateAfter after they should
	// have been, Latest the worst of them.
	Late   int
	Latest time.Duration
	// Preempted is how often an engine had to leave its core to another thread,
	// which nobody simulates: on a quiet machine, with a core for each, never.
	Preempted int64
	// Pinned is whether every thread stayed on its core.
	Pinned bool
	// Overloaded is a probe that ran out of time; then nothing else is known.
	Overloaded bool
	// Replayed is what a simulator says of the same queries when each request
	// takes exactly as long as it did here. It differs from Result by what the
	// simulator leaves out: hand-over and the generator.
	Replayed sim.Result
	// Served are the service times of every request on the cores.
	Served []Service
}

// Service is the time of one request.
type Service struct {
	Batch int
	Took  time.Duration
	// Queued is whether the engine came to it from the request before, without a
	// pause.
	Queued bool
}

// pause is what an engine takes from one request to the next, at most, where
// that one has been waiting.
const pause = 20 * time.Microsecond

// LateAfter is the lateness that counts: a hundredth of the shortest p95 target
// (5 ms, ncf).
const LateAfter = 50 * time.Microsecond

// check reports what makes a config meaningless.
func (c *Config) check(p *Pool) error {
	switch {
	case c.Arrivals == nil || c.Sizes == nil:
		return fmt.Errorf("live: no load")
	case !(c.RateQPS > 0) || math.IsInf(c.RateQPS, 0):
		return fmt.Errorf("live: rate %v queries/s is not a positive number", c.RateQPS)
	case c.Queries < 1 || c.Warmup < 0:
		return fmt.Errorf("live: %d queries after %d", c.Queries, c.Warmup)
	case c.Limit <= 0:
		return fmt.Errorf("live: limit %v is not positive", c.Limit)
	case len(c.Place.Engines) != len(p.engines):
		return fmt.Errorf("live: %d cores for %d engines", len(c.Place.Engines), len(p.engines))
	case c.Policy.ActiveCores != 0 || c.Policy.AccelBatch != 0:
		return fmt.Errorf("live: active cores and batches of accelerators are simulated only")
	case c.Accelerators > 0 && c.AccelService == nil:
		return fmt.Errorf("live: %d accelerators without a service", c.Accelerators)
	}
	if err := c.Policy.Validate(); err != nil {
		return fmt.Errorf("live: %w", err)
	}
	largest := c.Sizes.Max()
	if c.Accelerators > 0 && c.Policy.Offloads(largest) {
		if err := c.AccelService.Check(largest); err != nil {
			return fmt.Errorf("live: %w", err)
		}
		largest = c.Policy.OffloadThreshold - 1
	}
	if batch := min(largest, c.Policy.BatchSize); batch > p.maxBatch {
		return fmt.Errorf("live: requests of %d items on engines for %d", batch, p.maxBatch)
	}
	return nil
}
