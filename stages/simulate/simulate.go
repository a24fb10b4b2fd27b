// Package simulate sweeps offered load: what tail latency does each policy see
// on each machine, from idle to saturation?
//
// Its stance: a trial that is not stable has no tail, only a cause; all trials
// of a run see the same queries (common random numbers), so that two curves
// differ by what they describe. Rows depend on Config and on the tables of fit,
// never on how many trials ran at once.
//
// Start reading at Config, then Trials.
package simulate

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"runexp/internal/parallel"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/node"
	"runexp/stages/record"
)

// Output is what a sweep found.
type Output struct {
	Trials   []record.Trial // sorted by key
	Warnings []string
}

// Progress is told how many trials are done.
type Progress func(done, total int, what string)

// batchTrials trials are kept together: enough to make keeping them cheap, few
// enough that little is lost when a run is killed.
const batchTrials = 64

// keep returns the rows of a batch of trials: those that run returns, or those
// it returned when the same sweep was stopped before its end.
type keep func(batch string, run func() ([]record.Trial, error)) ([]record.Trial, error)

// Trials runs the sweep.
func Trials(ctx context.Context, c Config, curves []record.LatencyCurve, residuals []record.LatencyResidual, step Progress) (Output, error) {
	anew := func(_ string, run func() ([]record.Trial, error)) ([]record.Trial, error) { return run() }
	return trialsKept(ctx, c, curves, residuals, step, anew)
}

// trialsKept runs the sweep batch by batch.
func trialsKept(ctx context.Context, c Config, curves []record.LatencyCurve, residuals []record.LatencyResidual, step Progress, keep keep) (Output, error) {
	if err := c.Validate(); err != nil {
		return Output{}, err
	}
	var out Output
	plan, err := c.plan(node.NewCatalogue(curves, residuals), &out)
	if err != nil {
		return Output{}, err
	}
	out.Warnings = append(out.Warnings, c.unfelt(plan)...)
	for start := 0; start < len(plan); start += batchTrials {
		end := min(start+batchTrials, len(plan))
		rows, err := keep(fmt.Sprintf("trials %d to %d of %d", start+1, end, len(plan)), func() ([]record.Trial, error) {
			return c.run(ctx, plan[start:end], func(done int, what string) { step(start+done, len(plan), what) })
		})
		if err != nil {
			return out, err
		}
		out.Trials = append(out.Trials, rows...)
		step(end, len(plan), "")
	}
	slices.SortFunc(out.Trials, byKey)
	return out, nil
}

// unfelt warns of failures that come after the last query of a trial.
func (c Config) unfelt(plan []trial) (warnings []string) {
	queries := c.Queries
	if c.Precision > 0 {
		queries = c.Budget
	}
	for i, spec := range c.Failures {
		n := 0
		for _, t := range plan {
			if t.config.Failures[i].At.Seconds() > float64(queries+t.config.Warmup)/t.config.RateQPS {
				n++
			}
		}
		if n > 0 {
			warnings = append(warnings, fmt.Sprintf("failure %s comes after the last query of %d of %d trials", spec, n, len(plan)))
		}
	}
	return warnings
}

// run simulates some trials of the plan.
func (c Config) run(ctx context.Context, plan []trial, step func(done int, what string)) ([]record.Trial, error) {
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	rows := make([]record.Trial, len(plan))
	var done atomic.Int64
	err := parallel.Each(ctx, workers, len(plan), func(ctx context.Context, i int) error {
		p := plan[i]
		r, err := c.simulate(ctx, p.config)
		if err != nil {
			return fmt.Errorf("%s on %s: %w", p.row.Model, p.row.CPUPlatform, err)
		}
		rows[i] = p.row
		node.Measure(&rows[i], r)
		rows[i].PowerW = p.machine.PowerW(int(p.row.Servers), r.CPUUtil, r.AccelUtil)
		step(int(done.Add(1)), p.row.Model+" on "+p.row.CPUPlatform)
		return nil
	})
	return rows, err
}

// simulate runs one trial, as long as it takes.
func (c Config) simulate(ctx context.Context, trial sim.Config) (sim.Result, error) {
	if c.Precision > 0 {
		return sim.RunTo(ctx, trial, sim.Precision{Relative: c.Precision, Budget: c.Budget})
	}
	return sim.Run(ctx, trial)
}

// trial is one simulation to run, and the key of its row.
type trial struct {
	config  sim.Config
	row     record.Trial
	machine node.Machine
}

// plan lists the trials. A machine without a curve for a model is left out with
// a warning.
func (c Config) plan(cat *node.Catalogue, out *Output) ([]trial, error) {
	arrivals, err := node.ParseArrivals(c.Arrivals)
	if err != nil {
		return nil, err
	}
	sizes, err := node.ParseSizes(c.Sizes, c.MaxQuerySize)
	if err != nil {
		return nil, err
	}
	base := sim.Config{
		Router: c.Router, Arrivals: arrivals, Sizes: sizes,
		Queries: c.Queries, Seed: c.Seed,
	}
	for _, spec := range c.Failures {
		f, err := sim.ParseFailure(spec)
		if err != nil {
			return nil, err
		}
		base.Failures = append(base.Failures, f)
	}
	var plan []trial
	for _, model := range c.Models {
		for _, engine := range c.Engines {
			if plan, err = c.alone(plan, base, model, engine, cat, out); err != nil {
				return nil, err
			}
			for _, m := range c.Mixes {
				if plan, err = c.mixed(plan, base, model, engine, m, cat); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(plan) == 0 {
		return nil, fmt.Errorf("latency_curve: no curve for any model, engine and machine asked for")
	}
	return plan, nil
}

// alone adds the trials of a model and engine on servers that are all alike.
func (c Config) alone(plan []trial, base sim.Config, model, engine string, cat *node.Catalogue, out *Output) ([]trial, error) {
	for _, m := range c.Nodes {
		if !cat.Has(model, engine, m) {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%s: no latency curve on %s + %s (engine %s): not simulated", model, m.CPU, m.Accel, engine))
			continue
		}
		n, err := cat.Node(model, engine, m, c.Options)
		if err != nil {
			return nil, err
		}
		n = c.batching(n)
		for _, servers := range c.servers() {
			base.Nodes = node.Cluster(n, servers)
			t := c.trial(base, model, engine, m)
			t.row.Servers = int32(servers)
			if plan, err = c.policies(plan, t, n); err != nil {
				return nil, err
			}
		}
	}
	return plan, nil
}

// batching lets the accelerators of a server take several queries at once, if
// that is asked for.
func (c Config) batching(n sim.Node) sim.Node {
	if n.Accelerators > 0 {
		n.AccelBatch = sim.Batching{MaxItems: c.AccelBatch, MaxDelay: time.Duration(c.AccelDelayNS)}
	}
	return n
}

// trial is what all trials of a model and engine on a machine share.
func (c Config) trial(base sim.Config, model, engine string, m node.Machine) trial {
	t := trial{config: base, machine: m, row: c.row(model, engine, m, base.Sizes)}
	if ns, ok := c.TargetNS[model]; ok {
		t.config.Target, t.row.TargetNS = time.Duration(ns), &ns
	}
	return t
}

func (c Config) row(model, engine string, m node.Machine, sizes load.Sizes) record.Trial {
	return record.Trial{
		Experiment: c.Experiment, Model: model, CPUPlatform: m.CPU, Engine: engine, AccelPlatform: m.Accel,
		Cores: int32(m.Cores), Accelerators: int32(m.Accelerators),
		Router: c.Router, Arrivals: c.Arrivals, SizeDist: sizes.Name(), Seed: int64(c.Seed),
	}
}

// policies adds the trials of one model on one kind of machine.
func (c Config) policies(plan []trial, t trial, n sim.Node) ([]trial, error) {
	var all []policy.Policy
	if c.Static {
		all = append(all, policy.Static(c.MaxQuerySize, n.Cores))
	}
	for _, p := range c.Policies {
		if p := p.policy(); t.machine.Serves(p) && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	for _, p := range all {
		capacity, err := node.Capacity(n, p, t.config.Sizes)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", t.row.Model, t.row.CPUPlatform, err)
		}
		t.config.Policy = p
		t.row.BatchSize, t.row.OffloadThreshold = int32(p.BatchSize), int32(p.OffloadThreshold)
		if plan, err = c.rated(plan, t, capacity*float64(t.row.Servers)); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

// rated adds a trial for every rule of admission and rate.
func (c Config) rated(plan []trial, t trial, capacity float64) ([]trial, error) {
	for _, spec := range c.Admission {
		var err error
		if t.config.Admission, err = sim.ParseAdmission(spec); err != nil {
			return nil, err
		}
		t.row.Admission = spec
		for _, rate := range c.rates(capacity) {
			t.config.RateQPS, t.row.RateQPS = rate, rate
			t.config.Warmup = sim.DefaultWarmup(c.Queries, len(t.config.Nodes))
			plan = append(plan, t)
		}
	}
	return plan, nil
}

// rates returns the offered rates, ascending. Shares of the capacity are cut to
// four digits: a rate is a round number in a table, not a capacity in disguise.
func (c Config) rates(capacity float64) []float64 {
	rates := slices.Clone(c.RatesQPS)
	for _, u := range c.Utilisation {
		rates = append(rates, digits(u*capacity))
	}
	slices.Sort(rates)
	return slices.Compact(rates)
}

func digits(x float64) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64) // reads what it wrote
	return short
}

// byKey orders trials by their key columns, in the order of the row type.
func byKey(a, b record.Trial) int {
	return cmp.Or(
		cmp.Compare(a.Experiment, b.Experiment),
		cmp.Compare(a.Model, b.Model),
		cmp.Compare(a.CPUPlatform, b.CPUPlatform),
		cmp.Compare(a.Engine, b.Engine),
		cmp.Compare(a.AccelPlatform, b.AccelPlatform),
		cmp.Compare(a.Servers, b.Servers),
		cmp.Compare(a.Cores, b.Cores),
		cmp.Compare(a.Accelerators, b.Accelerators),
		cmp.Compare(a.Router, b.Router),
		cmp.Compare(a.Arrivals, b.Arrivals),
		cmp.Compare(a.SizeDist, b.SizeDist),
		cmp.Compare(a.BatchSize, b.BatchSize),
		cmp.Compare(a.OffloadThreshold, b.OffloadThreshold),
		cmp.Compare(a.Admission, b.Admission),
		cmp.Compare(a.RateQPS, b.RateQPS),
		cmp.Compare(a.Seed, b.Seed),
	)
}
