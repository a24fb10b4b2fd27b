package node

import (
	"fmt"
	"math"
	"slices"

	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// Mix is a cluster of servers of several kinds. It stands for itself in rows:
// its name is their cpu_platform, record.Mixed their accelerator, and cores and
// accelerators are those of all its servers.
type Mix struct {
	Name  string `json:"name"`
	Parts []Part `json:"parts"`
}

// Part is some servers of one kind.
type Part struct {
	Machine Machine `json:"machine"`
	Servers int     `json:"servers"`
}

// Servers is how many servers a mix has.
func (m Mix) Servers() (n int) {
	for _, p := range m.Parts {
		n += p.Servers
	}
	return n
}

// Validate reports a mix that cannot be simulated.
func (m Mix) Validate() error {
	for _, p := range m.Parts {
		if err := p.Machine.Validate(); err != nil {
			return err
		}
		if p.Servers < 1 {
			return fmt.Errorf("mixes: %s: %d servers is not at least 1", m.Name, p.Servers)
		}
	}
	if m.Servers() < 2 {
		return fmt.Errorf("mixes: %s: %d servers are no cluster", m.Name, m.Servers())
	}
	return nil
}

// Machine stands for the mix in the key of its rows. Its watts are not known.
func (m Mix) Machine() Machine {
	all := Machine{CPU: m.Name, Accel: record.Mixed}
	for _, p := range m.Parts {
		all.Cores += p.Servers * p.Machine.Cores
		all.Accelerators += p.Servers * p.Machine.Accelerators
	}
	return all
}

// Assignment is a policy for each part of a mix.
type Assignment []policy.Policy

// Assign chooses the policy of each part.
func (m Mix) Assign(policyOf func(Machine) policy.Policy) Assignment {
	a := make(Assignment, len(m.Parts))
	for i, p := range m.Parts {
		a[i] = policyOf(p.Machine)
	}
	return a
}

// Shared gives all parts one policy, which offloads where there is an
// accelerator.
func (m Mix) Shared(p policy.Policy) Assignment {
	return m.Assign(func(on Machine) policy.Policy {
		p := p
		if on.Accelerators == 0 {
			p.OffloadThreshold, p.AccelBatch = 0, 0
		}
		return p
	})
}

// Kinds makes one node for each part.
func (m Mix) Kinds(cat *Catalogue, model, engine string, o Options) ([]sim.Node, error) {
	var kinds []sim.Node
	for _, p := range m.Parts {
		n, err := cat.Node(model, engine, p.Machine, o)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, n)
	}
	return kinds, nil
}

// Nodes are the servers of a mix, kind by kind, under an assignment. kinds has
// one node for each part.
func (m Mix) Nodes(kinds []sim.Node, a Assignment) []sim.Node {
	var nodes []sim.Node
	for i, p := range m.Parts {
		n := kinds[i]
		n.Policy = &a[i]
		nodes = append(nodes, Cluster(n, p.Servers)...)
	}
	return nodes
}

// Capacity is the rate that the servers of a mix sustain together. A router
// that does not look gives each the same share, so the slowest decides; the
// shortest queue keeps all of them busy. The shorter of two sends the k slowest
// of n servers at least the queries for which both draws are among them, k(k-1)
// in n(n-1), so the worst k decides.
func (m Mix) Capacity(kinds []sim.Node, a Assignment, router string, sizes load.Sizes) (float64, error) {
	var each []float64 // of every server
	for i, p := range m.Parts {
		qps, err := Capacity(kinds[i], a[i], sizes)
		if err != nil {
			return 0, err
		}
		each = append(each, slices.Repeat([]float64{qps}, p.Servers)...)
	}
	slices.Sort(each)
	n := float64(len(each))
	if router == sim.Random || router == sim.RoundRobin {
		return each[0] * n, nil
	}
	sum, least := 0.0, math.Inf(1)
	for i, qps := range each {
		sum += qps
		if k := float64(i + 1); k > 1 {
			least = min(least, sum*n*(n-1)/(k*(k-1)))
		}
	}
	if router == sim.PowerOfTwo {
		return least, nil
	}
	return sum, nil
}
