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

// mixNodes are the servers of a mix.
func (c Config) mixNodes(cat *node.Catalogue, m Mix, model, engine string) ([]sim.Node, error) {
	var nodes []sim.Node
	for _, p := range m.Parts {
		n, err := cat.Node(model, engine, p.Machine, c.Options)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node.Cluster(c.batching(n), p.Servers)...)
	}
	return nodes, nil
}

// mixed adds the trials of one model on a mix. Under the static policy each
// kind of server has its own, and batch_size is 0; a given policy that offloads
// does so where there is an accelerator.
func (c Config) mixed(plan []trial, t trial, nodes []sim.Node) ([]trial, error) {
	var all []func(sim.Node) policy.Policy
	if c.Static {
		all = append(all, func(n sim.Node) policy.Policy { return policy.Static(c.MaxQuerySize, n.Cores) })
	}
	for _, p := range c.Policies {
		all = append(all, func(n sim.Node) policy.Policy {
			p := p.policy()
			if n.Accelerators == 0 {
				p.OffloadThreshold = 0
			}
			return p
		})
	}
	for i, policyOf := range all {
		t.row.BatchSize, t.row.OffloadThreshold = 0, 0
		if given := i - (len(all) - len(c.Policies)); given >= 0 {
			t.row.BatchSize, t.row.OffloadThreshold = int32(c.Policies[given].BatchSize), int32(c.Policies[given].OffloadThreshold)
		}
		t.config.Nodes = withPolicies(nodes, policyOf)
		t.config.Policy = *t.config.Nodes[0].Policy
		capacity, err := capacityOf(t.config.Nodes, t.config.Router, t.config.Sizes)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", t.row.Model, t.row.CPUPlatform, err)
		}
		if plan, err = c.rated(plan, t, capacity); err != nil {
			return nil, err
		}
	}
	return plan, nil
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

// mixRow is the key of a mix's rows.
func mixRow(row record.Trial, m Mix, nodes []sim.Node) record.Trial {
	row.CPUPlatform, row.AccelPlatform, row.Servers = m.Name, record.Mixed, int32(len(nodes))
	row.Cores, row.Accelerators = 0, 0
	for _, n := range nodes {
		row.Cores += int32(n.Cores)
		row.Accelerators += int32(n.Accelerators)
	}
	return row
}
