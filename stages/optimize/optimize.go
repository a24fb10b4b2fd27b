// Package optimize finds operating points: the policy that serves the most
// queries under a tail-latency target, for each model, engine and machine, by
// each of several searches.
//
// Its stance: every search is judged by the same simulations of the same
// queries, so a gain is a gain of the policy; every row says how it was found,
// after how many simulations, and how far it is from the best of the joint grid
// where that was searched. Rows depend on Config and on the tables of fit,
// never on how many cells were searched at once.
//
// Start reading at Config, then Points; cell.go is one search problem, rig.go
// what it simulates.
package optimize

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"runexp/internal/parallel"
	"runexp/stages/node"
	"runexp/stages/record"
)

// Output is what the searches found, each table sorted by key.
type Output struct {
	Points   []record.OperatingPoint
	Map      []record.MaxQPS
	Probes   []record.Probe
	Duels    []record.Duel
	Front    []record.Pareto
	Mixes    []record.MixPoint
	Warnings []string

	Impossible string // why no policy can meet the target of a cell, if so
}

// Progress is told how many cells are done.
type Progress func(done, total int, what string)

// keep returns what a search of one cell found: what search returns, or what it
// returned when the same run was stopped before its end.
type keep func(cell string, search func() (Output, error)) (Output, error)

// Points runs the searches.
func Points(ctx context.Context, c Config, curves []record.LatencyCurve, residuals []record.LatencyResidual, step Progress) (Output, error) {
	anew := func(_ string, search func() (Output, error)) (Output, error) { return search() }
	return pointsKept(ctx, c, curves, residuals, step, anew)
}

// pointsKept runs the searches cell by cell.
func pointsKept(ctx context.Context, c Config, curves []record.LatencyCurve, residuals []record.LatencyResidual, step Progress, keep keep) (Output, error) {
	if err := c.Validate(); err != nil {
		return Output{}, err
	}
	rs := &rigs{config: c, cat: node.NewCatalogue(curves, residuals), built: map[rigKey]*rig{}}
	var out Output
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	cells := c.cells(rs, workers, &out)
	if len(cells) == 0 {
		return Output{}, fmt.Errorf("latency_curve: no curve for any model, engine and machine asked for")
	}
	mixtures, err := c.mixtures(rs.cat, &out)
	if err != nil {
		return Output{}, err
	}
	var problems []problem
	for _, x := range cells {
		problems = append(problems, x)
	}
	for _, x := range mixtures {
		problems = append(problems, x)
	}
	found, err := solve(ctx, problems, workers, step, keep)
	if err != nil {
		return Output{}, err
	}
	for _, f := range found {
		out.join(f)
	}
	if !slices.ContainsFunc(found[:len(cells)], func(f Output) bool { return f.Impossible == "" }) {
		return Output{}, errors.New(found[0].Impossible)
	}
	if c.Pareto {
		if out.Front, err = fronts(ctx, cells, workers); err != nil {
			return Output{}, err
		}
	}
	c.idle(cells, &out)
	out.sort()
	return out, nil
}

// problem is one search: of a machine, or of a mix of machines.
type problem interface {
	fmt.Stringer
	search(context.Context) (Output, error)
}

// solve searches some problems at once.
func solve(ctx context.Context, problems []problem, workers int, step Progress, keep keep) ([]Output, error) {
	found := make([]Output, len(problems))
	var done atomic.Int64
	err := parallel.Each(ctx, workers, len(problems), func(ctx context.Context, i int) error {
		var err error
		x := problems[i]
		key := fmt.Sprintf("cell %d of %d, %s", i+1, len(problems), x)
		if found[i], err = keep(key, func() (Output, error) { return x.search(ctx) }); err != nil {
			return fmt.Errorf("%s: %w", x, err)
		}
		step(int(done.Add(1)), len(problems), x.String())
		return nil
	})
	return found, err
}

// idle warns of patterns that name no cell.
func (c Config) idle(cells []cell, out *Output) {
	for _, p := range slices.Concat(c.Cells, c.Oracle) {
		if !slices.ContainsFunc(cells, func(x cell) bool { return p.matches(x.key()) }) {
			out.Warnings = append(out.Warnings, fmt.Sprintf("no cell is called %s", p))
		}
	}
}

// cells lists the search problems: the dear ones of the oracle first, then
// target by target, so that cells searched at once seldom wait for the same
// simulation. A machine without a curve for a model is left out with a warning.
func (c Config) cells(rs *rigs, workers int, out *Output) []cell {
	var dear, cheap []cell
	for i, target := range c.Targets {
		for _, m := range c.Nodes {
			for _, model := range c.Models {
				for _, engine := range c.Engines {
					x := cell{config: c, rigs: rs, model: model, target: target, machine: m, engine: engine}
					switch {
					case !anyOf(c.Cells, x.key()):
					case rs.cat.Has(model.Name, engine, m) && x.oracle():
						dear = append(dear, x)
					case rs.cat.Has(model.Name, engine, m):
						cheap = append(cheap, x)
					case i == 0:
						out.Warnings = append(out.Warnings, fmt.Sprintf("%s: no latency curve on %s + %s (engine %s): not tuned", model.Name, m.CPU, m.Accel, engine))
					}
				}
			}
		}
	}
	all := append(dear, cheap...)
	for i := range all {
		all[i].workers = (workers + len(all) - 1) / len(all)
	}
	return all
}

func (o *Output) join(p Output) {
	o.Points = append(o.Points, p.Points...)
	o.Map = append(o.Map, p.Map...)
	o.Probes = append(o.Probes, p.Probes...)
	o.Duels = append(o.Duels, p.Duels...)
	o.Mixes = append(o.Mixes, p.Mixes...)
	o.Warnings = append(o.Warnings, p.Warnings...)
}

// sort orders the tables by their keys. Within a cell rows are in the order of
// policy, grid and step already, which a stable sort keeps.
func (o *Output) sort() {
	slices.SortStableFunc(o.Points, func(a, b record.OperatingPoint) int {
		return inOrder(
			[]string{a.Model, a.CPUPlatform, a.Engine, a.AccelPlatform, a.SizeDist, a.TunedOn, a.Objective}, a.SLANS,
			[]string{b.Model, b.CPUPlatform, b.Engine, b.AccelPlatform, b.SizeDist, b.TunedOn, b.Objective}, b.SLANS)
	})
	slices.SortStableFunc(o.Map, func(a, b record.MaxQPS) int {
		return inOrder(
			[]string{a.Model, a.CPUPlatform, a.Engine, a.AccelPlatform, a.Objective}, a.SLANS,
			[]string{b.Model, b.CPUPlatform, b.Engine, b.AccelPlatform, b.Objective}, b.SLANS)
	})
	slices.SortStableFunc(o.Duels, func(a, b record.Duel) int {
		return inOrder(
			[]string{a.Model, a.CPUPlatform, a.Engine, a.AccelPlatform}, a.SLANS,
			[]string{b.Model, b.CPUPlatform, b.Engine, b.AccelPlatform}, b.SLANS)
	})
	slices.SortStableFunc(o.Mixes, func(a, b record.MixPoint) int {
		return inOrder([]string{a.Model, a.Mix, a.Engine}, a.SLANS, []string{b.Model, b.Mix, b.Engine}, b.SLANS)
	})
	slices.SortStableFunc(o.Probes, func(a, b record.Probe) int {
		return inOrder(
			[]string{a.Model, a.CPUPlatform, a.Engine, a.AccelPlatform, a.SizeDist, a.TunedOn, a.Objective}, a.SLANS,
			[]string{b.Model, b.CPUPlatform, b.Engine, b.AccelPlatform, b.SizeDist, b.TunedOn, b.Objective}, b.SLANS)
	})
}

// inOrder compares two cells by the words of their keys, then by their targets.
func inOrder(a []string, aSLA int64, b []string, bSLA int64) int {
	return cmp.Or(slices.Compare(a, b), cmp.Compare(aSLA, bSLA))
}
