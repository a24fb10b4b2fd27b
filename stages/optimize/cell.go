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

func (x cell) sla() policy.SLA { return sla(x.model, x.target) }

// sla is a model's target.
func sla(m Model, t Target) policy.SLA {
	return policy.SLA{Quantile: quantile, Limit: time.Duration(float64(m.SLANS)*t.Factor + 0.5)}
}

// oracle reports whether the joint grid is searched here.
func (x cell) oracle() bool {
	c := x.config
	if !slices.Contains(c.Policies, tune.Exhaustive{}.Name()) {
		return false
	}
	return anyOf(c.Oracle, x.key())
}

// key is what names the cell.
func (x cell) key() Cell {
	return Cell{x.model.Name, x.target.Name, x.machine.CPU, x.machine.Accel, x.engine}
}

// problem is the cell under one law of sizes, with one objective.
func (x cell) problem(sizes, objective string) (tune.Problem, error) {
	r, err := x.rigs.get(rigKey{x.model.Name, x.engine, sizes, x.machine, x.config.Seed})
	if err != nil {
		return tune.Problem{}, err
	}
	options := x.config.options()
	options.Workers = x.workers
	pb := tune.Problem{
		Evaluate: r.eval, Capacity: r.capacity, SLA: x.sla(),
		Space: x.config.space(x.machine), Options: options,
	}
	if objective == QPSPerWatt {
		pb.Score = x.perWatt
	}
	return pb, nil
}

// perWatt is the queries per joule of a policy at its MaxQPS.
func (x cell) perWatt(b tune.Bound) float64 {
	return b.QPS / *x.machine.PowerW(x.config.Servers, b.At.CPUUtil, b.At.AccelUtil)
}

// search runs every search of the cell, for every objective, and makes rows of
// what they found.
func (x cell) search(ctx context.Context) (Output, error) {
	var out Output
	if below, err := x.hopeless(); err != nil || below > 0 {
		return x.impossible(below), err
	}
	for _, objective := range x.config.Objectives {
		t := table{cell: x, objective: objective}
		for _, s := range searchers {
			if !x.wants(s) {
				continue
			}
			if err := x.run(ctx, s, &t); err != nil {
				return Output{}, err
			}
		}
		if objective == QPS {
			if err := x.judge(ctx, &t); err != nil {
				return Output{}, err
			}
		}
		out.join(t.out)
	}
	return out, nil
}

// wants reports whether a search is asked for here.
func (x cell) wants(s tune.Searcher) bool {
	if !slices.Contains(x.config.Policies, s.Name()) {
		return false
	}
	_, dear := s.(tune.Exhaustive)
	return !dear || x.oracle()
}

// run searches on the sizes that are served, and, where the answer depends on
// sizes and is cheap, on the others, to serve these with what it chose there.
func (x cell) run(ctx context.Context, s tune.Searcher, t *table) error {
	served, err := x.problem(x.config.Sizes, t.objective)
	if err != nil {
		return err
	}
	r, err := s.Search(ctx, served)
	if err != nil {
		return err
	}
	t.add(s.Name(), r)
	switch s.(type) {
	case tune.Static, tune.Exhaustive:
		return nil
	}
	for _, sizes := range x.config.TunedOn {
		if sizes == x.config.Sizes {
			continue
		}
		other, err := x.problem(sizes, t.objective)
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
