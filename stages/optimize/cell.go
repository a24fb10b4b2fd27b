package optimize

import (
	"context"
	"fmt"
	"slices"
	"time"

	"runexp/serving/policy"
	"runexp/serving/tune"
	"runexp/stages/node"
)

// quantile is the tail that targets speak of.
const quantile = 0.95

// cell is one search problem: a model on a machine under a target.
type cell struct {
	config  Config
	rigs    *rigs
	model   Model
	target  Target
	machine node.Machine
	engine  string
	workers int // simulations at once within the cell
}

func (x cell) String() string {
	return fmt.Sprintf("%s %s on %s + %s (%s)", x.model.Name, x.target.Name, x.machine.CPU, x.machine.Accel, x.engine)
}

func (x cell) sla() policy.SLA {
	limit := time.Duration(float64(x.model.SLANS)*x.target.Factor + 0.5)
	return policy.SLA{Quantile: quantile, Limit: limit}
}

// oracle reports whether the joint grid is searched here.
func (x cell) oracle() bool {
	c := x.config
	if !slices.Contains(c.Policies, tune.Exhaustive{}.Name()) {
		return false
	}
	key := Cell{x.model.Name, x.target.Name, x.machine.CPU, x.machine.Accel, x.engine}
	return len(c.Oracle) == 0 || slices.ContainsFunc(c.Oracle, func(p Cell) bool { return p.matches(key) })
}

// problem is the cell under one law of sizes.
func (x cell) problem(sizes string) (tune.Problem, error) {
	r, err := x.rigs.get(rigKey{x.model.Name, x.engine, sizes, x.machine})
	if err != nil {
		return tune.Problem{}, err
	}
	options := x.config.options()
	options.Workers = x.workers
	return tune.Problem{
		Evaluate: r.eval, Capacity: r.capacity, SLA: x.sla(),
		Space: x.config.space(x.machine), Options: options,
	}, nil
}

// search runs every search of the cell and makes rows of what they found.
func (x cell) search(ctx context.Context) (Output, error) {
	t := table{cell: x, served: x.config.Sizes}
	served, err := x.problem(t.served)
	if err != nil {
		return Output{}, err
	}
	for _, s := range searchers {
		if !slices.Contains(x.config.Policies, s.Name()) || s == (tune.Exhaustive{}) && !x.oracle() {
			continue
		}
		r, err := s.Search(ctx, served)
		if err != nil {
			return Output{}, err
		}
		t.add(s.Name(), r)
		if tunes(s) {
			if err := x.transfer(ctx, s, served, &t); err != nil {
				return Output{}, err
			}
		}
	}
	return t.out, nil
}

// tunes reports whether what a search chooses depends on the sizes it sees, and
// is cheap enough to be asked again for other sizes.
func tunes(s tune.Searcher) bool { return s != (tune.Static{}) && s != (tune.Exhaustive{}) }

// transfer tunes on other sizes and serves the ones asked for.
func (x cell) transfer(ctx context.Context, s tune.Searcher, served tune.Problem, t *table) error {
	for _, sizes := range x.config.TunedOn {
		if sizes == t.served {
			continue
		}
		other, err := x.problem(sizes)
		if err != nil {
			return err
		}
		r, err := s.Search(ctx, other)
		if err != nil {
			return err
		}
		b, probes, err := tune.MaxQPS(ctx, served, r.Bound.Policy, r.Bound.QPS)
		if err != nil {
			return err
		}
		t.transferred(s.Name(), sizes, r, b, probes)
	}
	return nil
}
