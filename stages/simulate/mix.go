package simulate

import (
	"fmt"

	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/node"
)

// mixed adds the trials of a model and engine on servers that differ.
func (c Config) mixed(plan []trial, base sim.Config, model, engine string, m node.Mix, cat *node.Catalogue) ([]trial, error) {
	kinds, err := m.Kinds(cat, model, engine, c.Options)
	if err != nil {
		return nil, err
	}
	for i := range kinds {
		kinds[i] = c.batching(kinds[i])
	}
	t := c.trial(base, model, engine, m.Machine())
	t.row.Servers = int32(m.Servers())
	for _, d := range c.drives(m) {
		capacity, err := m.Capacity(kinds, d.policies, t.config.Router, t.config.Sizes)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", model, m.Name, err)
		}
		t.config.Nodes, t.config.Policy = m.Nodes(kinds, d.policies), d.policies[0]
		t.row.BatchSize, t.row.OffloadThreshold = int32(d.key.BatchSize), int32(d.key.OffloadThreshold)
		if plan, err = c.rated(plan, t, capacity); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

// drive is a way to drive a mix, and what rows call it.
type drive struct {
	key      Policy
	policies node.Assignment
}

// drives are the ways to drive a mix. Under the static policy each kind of
// server has its own, and rows have batch_size 0.
func (c Config) drives(m node.Mix) []drive {
	var all []drive
	if c.Static {
		all = append(all, drive{policies: m.Assign(func(on node.Machine) policy.Policy { return policy.Static(c.MaxQuerySize, on.Cores) })})
	}
	for _, given := range c.Policies {
		all = append(all, drive{given, m.Shared(given.policy())})
	}
	return all
}
