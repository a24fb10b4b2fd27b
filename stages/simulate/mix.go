package simulate

import (
	"fmt"
	"math"
	"slices"

	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/node"
	"runexp/stages/record"
)

// Mix is a cluster of servers of several kinds. It stands for itself in rows:
// its name is their cpu_platform, record.Mixed their accelerator, and cores and
// accelerators are those of all its servers.
type Mix struct {
	Name  string    `json:"name"`
	Parts []MixPart `json:"parts"`
}

// MixPart is some servers of one kind.
type MixPart struct {
	Machine node.Machine `json:"machine"`
	Servers int          `json:"servers"`
}

// Servers is how many servers a mix has.
func (m Mix) Servers() (n int) {
	for _, p := range m.Parts {
		n += p.Servers
	}
	return n
}

func (m Mix) validate() error {
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

// machine stands for the mix in the key of its rows. Its watts are not known.
func (m Mix) machine() node.Machine {
	all := node.Machine{CPU: m.Name, Accel: record.Mixed}
	for _, p := range m.Parts {
		all.Cores += p.Servers * p.Machine.Cores
		all.Accelerators += p.Servers * p.Machine.Accelerators
	}
	return all
}

// mixed adds the trials of a model and engine on servers that differ.
func (c Config) mixed(plan []trial, base sim.Config, model, engine string, m Mix, cat *node.Catalogue) ([]trial, error) {
	var nodes []sim.Node
	for _, p := range m.Parts {
		n, err := cat.Node(model, engine, p.Machine, c.Options)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node.Cluster(c.batching(n), p.Servers)...)
	}
	t := c.trial(base, model, engine, m.machine())
	t.row.Servers = int32(m.Servers())
	for _, a := range c.assignments() {
		t.config.Nodes = withPolicies(nodes, a.policyOf)
		t.config.Policy = *t.config.Nodes[0].Policy
		t.row.BatchSize, t.row.OffloadThreshold = int32(a.key.BatchSize), int32(a.key.OffloadThreshold)
		capacity, err := capacityOf(t.config.Nodes, t.config.Router, t.config.Sizes)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", model, m.Name, err)
		}
		if plan, err = c.rated(plan, t, capacity); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

// assignment says which policy each kind of server has, and what rows call it.
type assignment struct {
	key      Policy
	policyOf func(sim.Node) policy.Policy
}

// assignments are the ways to drive a mix. Under the static policy each kind of
// server has its own, and rows have batch_size 0; a given policy that offloads
// does so where there is an accelerator.
func (c Config) assignments() []assignment {
	var all []assignment
	if c.Static {
		all = append(all, assignment{policyOf: func(n sim.Node) policy.Policy { return policy.Static(c.MaxQuerySize, n.Cores) }})
	}
	for _, given := range c.Policies {
		all = append(all, assignment{given, func(n sim.Node) policy.Policy {
			p := given.policy()
			if n.Accelerators == 0 {
				p.OffloadThreshold = 0
			}
			return p
		}})
	}
	return all
}

// withPolicies gives every server its policy; servers that are alike stay alike.
func withPolicies(nodes []sim.Node, policyOf func(sim.Node) policy.Policy) []sim.Node {
	kinds := map[sim.Node]*policy.Policy{}
	list := slices.Clone(nodes)
	for i, n := range nodes {
		if kinds[n] == nil {
			p := policyOf(n)
			kinds[n] = &p
		}
		list[i].Policy = kinds[n]
	}
	return list
}

// capacityOf is the rate that servers sustain together. A router that does not
// look gives each the same share, so the slowest decides; one that looks keeps
// all of them busy.
func capacityOf(nodes []sim.Node, router string, sizes load.Sizes) (float64, error) {
	sum, least := 0.0, math.Inf(1)
	for _, n := range nodes {
		qps, err := node.Capacity(n, *n.Policy, sizes)
		if err != nil {
			return 0, err
		}
		sum, least = sum+qps, min(least, qps)
	}
	if router == sim.Random || router == sim.RoundRobin {
		return least * float64(len(nodes)), nil
	}
	return sum, nil
}
