package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"runexp/hw"
	"runexp/models"
	"runexp/pipeline/artifact"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/accel"
	"runexp/stages/fit"
	"runexp/stages/fleet"
	"runexp/stages/node"
	"runexp/stages/record"
)

// sizeFlags are the flags of runexp size, as given.
type sizeFlags struct {
	model, sla, platform, accel string
	engine, from                string
	arrivals, sizes, router     string
	maxQuery, batch, threshold  int
	demand                      float64
	available                   int
	queries, seed               int
}

func newSize() *cobra.Command {
	var f sizeFlags
	cmd := &cobra.Command{
		Use:   "size --model M --demand QPS --sla p95=25ms --platform P [--accel A]",
		Short: "machines needed for a demand under a tail-latency target",
		Long: `size says how many machines of one kind serve a demand within a tail-latency target.
It searches for the policy of one machine and simulates clusters of it under the
demand with other random numbers: as many as the policy's rate divides the demand
into behind the random router, the fewest that meet the target behind another. The
interval holds the noise of the
simulation and the range of the latency curve (a projected CPU is assumed, not
measured); N+1 adds one machine that may fail. Latency comes from the tables of an
experiment (--from), or without any run from the reference engine.`,
		Example: `  runexp size --model wnd --demand 20000 --sla p95=25ms --platform skylake
  runexp size --model rm1 --demand 50e3 --sla p99=100ms --platform skylake --accel t4 --format json
  runexp size --model rm1 --demand 900 --sla p95=100ms --platform host --engine runexp --from results/quick`,
		Args: between(0, 0),
	}
	f.add(cmd)
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := required(cmd, "model", "demand"); err != nil {
			return err
		}
		info, err := f.answer(cmd)
		if err != nil {
			return err
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), info)
		}
		return info.grid().write(cmd.OutOrStdout())
	}
	return cmd
}

func (f *sizeFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.model, "model", "", "which `model` (required)")
	fl.Float64Var(&f.demand, "demand", 0, "queries per second to serve, as `QPS` (required)")
	fl.StringVar(&f.sla, "sla", "", "target, as `p95=TIME`, p99=TIME or p99.9=TIME; by default the paper's p95 target of the model")
	fl.StringVar(&f.platform, "platform", "skylake", "CPU of the machines")
	fl.StringVar(&f.accel, "accel", record.None, "accelerator beside each CPU")
	fl.StringVar(&f.engine, "engine", record.EngineReference, "software on the CPU: reference, or with --from also runexp or user")
	fl.StringVar(&f.from, "from", "", "take latencies from the tables in this `folder`, such as results/quick")
	fl.StringVar(&f.arrivals, "arrivals", "poisson", "gaps between queries, as for runexp sim")
	fl.StringVar(&f.sizes, "sizes", "production", "items of a query, as for runexp sim")
	fl.IntVar(&f.maxQuery, "max-query", load.DefaultMaxQuery, "largest query, in items")
	fl.IntVar(&f.batch, "batch", 0, "largest request, in items; 0 searches for the best policy")
	fl.IntVar(&f.threshold, "threshold", 0, "with --batch: queries of so many items go to the accelerator")
	fl.StringVar(&f.router, "router", sim.Random, "random, round_robin, jsq or po2")
	fl.IntVar(&f.available, "available", 0, "machines there are; 0 means any number")
	fl.IntVar(&f.queries, "queries", 0, "queries of each simulation of one machine; 0 is MLPerf's count for the quantile")
	fl.IntVar(&f.seed, "seed", 1, "of every random stream")
}

// engines are the kinds of software that a curve of a CPU is of.
var engines = []string{record.EngineReference, record.EngineRunexp, record.EngineUser}

// validate reports a flag out of range; the first is enough.
func (f *sizeFlags) validate() error {
	switch {
	case !finite(f.demand):
		return fmt.Errorf("--demand: %v is not a finite number", f.demand)
	case f.demand <= 0:
		return fmt.Errorf("--demand: %v queries/s is not above 0", f.demand)
	case f.available < 0:
		return fmt.Errorf("--available: %d is negative", f.available)
	case f.queries != 0 && f.queries < 1000:
		return fmt.Errorf("--queries: %d is neither 0 nor at least 1000", f.queries)
	case f.seed < 0:
		return fmt.Errorf("--seed: %d is negative", f.seed)
	case f.batch < 0:
		return fmt.Errorf("--batch: %d is negative", f.batch)
	case f.threshold < 0:
		return fmt.Errorf("--threshold: %d is negative", f.threshold)
	case f.threshold > 0 && (f.batch == 0 || f.accel == record.None):
		return fmt.Errorf("--threshold: %d needs --batch and --accel", f.threshold)
	case f.from == "" && f.platform == hw.HostName:
		return fmt.Errorf("--platform: host is measured, not catalogued; add --from RESULTS/EXPERIMENT of a run that profiled it")
	case !slices.Contains(engines, f.engine):
		return fmt.Errorf("--engine: %w", knownWord("engine", f.engine, engines))
	case f.from == "" && f.engine != record.EngineReference:
		return fmt.Errorf("--engine: %s is measured; add --from RESULTS/EXPERIMENT of a run that has it", f.engine)
	}
	if err := knownWord("platform", f.platform, hw.CPUNames()); err != nil {
		return fmt.Errorf("--platform: %w", err)
	}
	if f.accel != record.None { // which is near to some misspelt name, but never meant
		if err := knownWord("accelerator", f.accel, hw.AccelNames()); err != nil {
			return fmt.Errorf("--accel: %w", err)
		}
	}
	if f.from == "" {
		if _, _, err := models.Resolve(f.model); err != nil {
			return fmt.Errorf("--model: %w", err)
		}
	}
	return knownWord("router", f.router, []string{sim.Random, sim.RoundRobin, sim.JSQ, sim.PowerOfTwo})
}

// parseTarget reads p95=TIME, p99=TIME or p99.9=TIME; empty is the paper's target.
func (f *sizeFlags) parseTarget() (policy.SLA, error) {
	if f.sla == "" {
		m, err := models.ByName(f.model)
		if err != nil || m.Target() == 0 {
			return policy.SLA{}, fmt.Errorf("--sla: the paper has no target for %s; add --sla p95=TIME", f.model)
		}
		return policy.SLA{Quantile: 0.95, Limit: m.Target()}, nil
	}
	quantile, text, _ := strings.Cut(f.sla, "=")
	q, ok := map[string]float64{"p95": 0.95, "p99": 0.99, "p99.9": 0.999}[quantile]
	limit, err := time.ParseDuration(text)
	if !ok || err != nil || limit <= 0 {
		return policy.SLA{}, fmt.Errorf("--sla: %q is not p95=TIME, p99=TIME or p99.9=TIME, such as p95=25ms", f.sla)
	}
	return policy.SLA{Quantile: q, Limit: limit}, nil
}

// answer does what the flags ask.
func (f *sizeFlags) answer(cmd *cobra.Command) (sizeInfo, error) {
	if err := f.validate(); err != nil {
		return sizeInfo{}, err
	}
	sla, err := f.parseTarget()
	if err != nil {
		return sizeInfo{}, err
	}
	q := fleet.Question{
		DemandQPS: f.demand, SLA: sla, Router: f.router, Queries: f.queries, Seed: uint64(f.seed),
		Policy: policy.Policy{BatchSize: f.batch, OffloadThreshold: f.threshold},
	}
	if q.Arrivals, err = node.ParseArrivals(f.arrivals); err != nil {
		return sizeInfo{}, fmt.Errorf("--arrivals: %w", err)
	}
	if q.Sizes, err = node.ParseSizes(f.sizes, f.maxQuery); err != nil {
		return sizeInfo{}, fmt.Errorf("--sizes: %w", err)
	}
	curves, residuals, err := f.curves()
	if err != nil {
		return sizeInfo{}, err
	}
	machine, err := f.machine()
	if err != nil {
		return sizeInfo{}, err
	}
	for _, end := range []struct {
		into *sim.Node
		of   func(record.LatencyCurve) int64
	}{
		{&q.Node, func(r record.LatencyCurve) int64 { return r.LatencyNS }},
		{&q.Fast, func(r record.LatencyCurve) int64 { return r.LoNS }},
		{&q.Slow, func(r record.LatencyCurve) int64 { return r.HiNS }},
	} {
		*end.into, err = node.NewCatalogue(moved(curves, end.of), residuals).Node(f.model, f.engine, machine, node.Options{Colocation: true, Noise: true})
		if err != nil {
			return sizeInfo{}, err
		}
	}
	return f.sized(cmd.Context(), q, machine)
}

// sized answers, and holds the answer against the machines there are.
func (f *sizeFlags) sized(ctx context.Context, q fleet.Question, machine node.Machine) (sizeInfo, error) {
	a, err := fleet.Size(ctx, q)
	if err != nil {
		return sizeInfo{}, fmt.Errorf("%s on %s: %w", f.model, f.platform, err)
	}
	if f.available > 0 && a.Machines > f.available {
		served := float64(f.available) * a.One.QPS
		return sizeInfo{}, fmt.Errorf("--available: %d machines serve %.4g of %.4g queries/s within the target: %.4g are missing, %d machines are needed",
			f.available, min(served, f.demand), f.demand, max(0, f.demand-served), a.Machines)
	}
	return f.describe(a, q, machine), nil
}

// moved puts every curve at one end of its range.
func moved(rows []record.LatencyCurve, to func(record.LatencyCurve) int64) []record.LatencyCurve {
	out := make([]record.LatencyCurve, len(rows))
	for i, r := range rows {
		r.LatencyNS = to(r)
		r.LoNS, r.HiNS = r.LatencyNS, r.LatencyNS
		out[i] = r
	}
	return out
}

// machine is the platform as the catalogue has it.
func (f *sizeFlags) machine() (node.Machine, error) {
	n, err := hw.NodeOf(f.platform, f.accel)
	if err != nil {
		return node.Machine{}, err
	}
	w, err := n.Power(hw.PowerLinear)
	return node.Machine{CPU: n.CPU, Accel: n.Accel, Cores: n.Cores, Accelerators: n.Accelerators, Watts: node.Watts(w), PricePerHour: n.PricePerHour}, err
}

// curves come from the tables of an experiment, or from what is published.
func (f *sizeFlags) curves() ([]record.LatencyCurve, []record.LatencyResidual, error) {
	if f.from != "" {
		curves, err := artifact.ReadFile[record.LatencyCurve](filepath.Join(f.from, "latency_curve.parquet"))
		if err != nil {
			return nil, nil, err
		}
		if err := knownWord("model", f.model, modelsIn(curves)); err != nil {
			return nil, nil, fmt.Errorf("--model: %s: %w", f.from, err)
		}
		residuals, err := artifact.ReadFile[record.LatencyResidual](filepath.Join(f.from, "latency_residual.parquet"))
		return curves, residuals, err
	}
	m, _, err := models.Resolve(f.model)
	if err != nil {
		return nil, nil, fmt.Errorf("--model: %w", err)
	}
	silent := func(string, ...any) {} // the range of every knot says what is assumed
	var accels []string
	if f.accel != record.None {
		accels = []string{f.accel}
	}
	rows, _, err := accel.Rows(accel.Config{Models: []models.Config{m}, Accelerators: accels, BatchSizes: []int{1, 4, 16, 64, 256, 1024}}, silent)
	if err != nil {
		return nil, nil, err
	}
	return fit.Curves(fit.Config{
		Models: []models.Config{m}, TableScale: 1, CPUs: []string{f.platform}, Accelerators: accels,
		Engines: []string{record.EngineReference}, Method: fit.LogLog, Extrapolate: 1,
	}, fit.Inputs{Accel: rows}, silent)
}

func modelsIn(rows []record.LatencyCurve) (names []string) {
	for _, r := range rows {
		if !slices.Contains(names, r.Model) {
			names = append(names, r.Model)
		}
	}
	return names
}
