// Package node turns rows of latency_curve and latency_residual into simulated
// servers: the bridge from tables to serving, shared by every stage that
// simulates.
//
// Its stance: a node is only what rows say. A curve that is not in the table is
// an error naming what is missing, and nothing is read past the last batch size
// that a row answers for.
//
// Start reading at Machine, what is asked for, then Catalogue.Node, what is
// made of it.
package node

import (
	"fmt"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// Machine is one kind of server: a CPU, perhaps accelerators, and what they
// draw and cost.
type Machine struct {
	CPU          string  `json:"cpu"`
	Accel        string  `json:"accel"` // record.None without one
	Cores        int     `json:"cores"`
	Idle         int     `json:"idle,omitempty"` // more cores, which serve nothing
	Accelerators int     `json:"accelerators"`
	Watts        Watts   `json:"watts"`          // all zero where not known
	PricePerHour float64 `json:"price_per_hour"` // dollars, accelerators included; 0 where not known
}

// Watts is what the devices of a machine draw.
type Watts struct {
	CPUIdle   float64 `json:"cpu_idle"`   // all sockets
	CPUTDP    float64 `json:"cpu_tdp"`    // all sockets
	AccelIdle float64 `json:"accel_idle"` // one accelerator
	AccelTDP  float64 `json:"accel_tdp"`  // one accelerator
}

// Validate reports a machine that cannot be simulated.
func (m Machine) Validate() error {
	switch {
	case m.CPU == "":
		return fmt.Errorf("nodes: a machine has no cpu")
	case m.Cores < 1:
		return fmt.Errorf("nodes: %s: cores: %d is not at least 1", m.CPU, m.Cores)
	case m.Idle < 0:
		return fmt.Errorf("nodes: %s: idle: %d is negative", m.CPU, m.Idle)
	case m.Accelerators < 0:
		return fmt.Errorf("nodes: %s: accelerators: %d is negative", m.CPU, m.Accelerators)
	case (m.Accelerators == 0) != (m.Accel == record.None):
		return fmt.Errorf("nodes: %s: %d accelerators called %q", m.CPU, m.Accelerators, m.Accel)
	case m.PricePerHour < 0:
		return fmt.Errorf("nodes: %s: price_per_hour: %v is negative", m.CPU, m.PricePerHour)
	}
	return nil
}

// Serves reports whether a policy makes sense here: it offloads only where
// there is an accelerator to offload to.
func (m Machine) Serves(p policy.Policy) bool {
	return m.Accelerators > 0 || p.OffloadThreshold == 0 && p.AccelBatch == 0
}

// PowerW returns what so many such machines draw at a mean utilisation of their
// cores that serve and accelerators, idle + (TDP - idle) x utilisation per
// device, or nil where the watts are not known.
func (m Machine) PowerW(servers int, cpuUtil, accelUtil float64) *float64 {
	w := m.Watts
	if w.CPUTDP == 0 || m.Accelerators > 0 && w.AccelTDP == 0 {
		return nil
	}
	cpuUtil *= float64(m.Cores) / float64(m.Cores+m.Idle)
	cpu := w.CPUIdle + (w.CPUTDP-w.CPUIdle)*cpuUtil
	accel := w.AccelIdle + (w.AccelTDP-w.AccelIdle)*accelUtil
	total := float64(servers) * (cpu + float64(m.Accelerators)*accel)
	return &total
}

// Cluster returns copies of one node.
func Cluster(n sim.Node, servers int) []sim.Node {
	nodes := make([]sim.Node, servers)
	for i := range nodes {
		nodes[i] = n
	}
	return nodes
}

// Capacity returns the rate in queries/s at which a policy keeps the busiest
// kind of device of one node busy all the time: no larger rate can be
// sustained. Cores are taken at the pace they have when all that take requests
// are active.
func Capacity(n sim.Node, p policy.Policy, sizes load.Sizes) (float64, error) {
	if err := check(n, p, sizes.Max()); err != nil {
		return 0, err
	}
	cores := p.Cores(n.Cores)
	cpu := sizes.Expect(func(size int) float64 {
		if p.Offloads(size) {
			return 0
		}
		return work(n.Service, cores, p, size)
	})
	accel := sizes.Expect(func(size int) float64 {
		if !p.Offloads(size) {
			return 0
		}
		if full := p.AccelBatch; full > size { // its share of a full batch, at best
			return n.AccelService.Mean(1, full).Seconds() * float64(size) / float64(full)
		}
		return n.AccelService.Mean(1, size).Seconds()
	})
	return 1 / max(cpu/float64(cores), accel/float64(max(1, n.Accelerators))), nil
}

// work returns the seconds that a query of this many items keeps cores busy,
// all of them active: its requests have two sizes at most.
func work(s *latency.Service, cores int, p policy.Policy, size int) float64 {
	large, small := p.BatchSize, size%p.BatchSize
	larger, smaller := size/p.BatchSize, min(small, 1) // requests of each size
	if p.EqualSplit {
		n := p.Requests(size)
		large, small = size/n+1, size/n
		larger, smaller = size%n, n-size%n
	}
	sum := 0.0
	if larger > 0 {
		sum = float64(larger) * s.Mean(cores, large).Seconds()
	}
	if smaller > 0 {
		sum += float64(smaller) * s.Mean(cores, small).Seconds()
	}
	return sum
}

// check reports a policy whose requests are past what a curve answers for.
func check(n sim.Node, p policy.Policy, maxQuery int) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := n.Service.Check(min(p.BatchSize, maxQuery)); err != nil {
		return err
	}
	if p.OffloadThreshold == 0 || p.OffloadThreshold > maxQuery {
		return nil
	}
	if n.Accelerators == 0 {
		return fmt.Errorf("offload_threshold: %d on a node without an accelerator", p.OffloadThreshold)
	}
	return n.AccelService.Check(max(maxQuery, p.AccelBatch))
}
