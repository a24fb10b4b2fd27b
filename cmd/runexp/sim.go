package main

import (
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"runexp/serving/load"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// simFlags are the flags of runexp sim, as given.
type simFlags struct {
	accelPlatform           string
	service, accelService   string
	arrivals, sizes, router string
	cores, accelerators     int
	servers                 int
	batch, threshold        int
	maxQuery                int
	rate                    float64
	queries, seed           int
	precision               float64
	accelBatch              int
	accelDelay              time.Duration
	failures                []string
	admission               string
	target                  time.Duration
	timeline, records       string

	serviceFlags
}

func newSim() *cobra.Command {
	var f simFlags
	cmd := &cobra.Command{
		Use:   "sim --service DIST --cores N --rate QPS",
		Short: "one simulation from flags, no files",
		Long: `sim runs one simulation and prints what a query sees. A service is the time of
one request on one core: exp:MEAN, const:TIME, lognormal:MEAN,CV or
curve:TABLE.parquet (a latency_curve table; --model, --platform and --engine pick
from several). Nothing is on unless asked for: one server, no accelerator, no
slow-down by neighbours, no noise around a curve, no splitting of queries.
A flag that can change nothing is refused. With --precision, JSON has precision_met
besides the columns of trial.`,
		Example: `  runexp sim --service exp:2ms --cores 1 --rate 400           # M/M/1 at 80 %
  runexp sim --service const:5ms --cores 4 --rate 600 --arrivals gamma:2
  runexp sim --service exp:1ms --cores 8 --rate 2000 --servers 4 --router po2 --format json
  runexp sim --service exp:2ms --cores 4 --rate 1600 --precision 0.02 --timeline busy.json
  runexp sim --service exp:2ms --cores 4 --rate 2000 --servers 2 --fail 0@10s+5s
  runexp sim --service exp:2ms --cores 4 --rate 3000 --admit wait:20ms --target 50ms
  runexp sim --service curve:results/quick/latency_curve.parquet --model rm1 --platform skylake \
    --engine runexp --cores 40 --rate 5000 --batch 64`,
		Args: between(0, 0),
	}
	f.add(cmd)
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := required(cmd, "service", "rate"); err != nil {
			return err
		}
		if err := f.validate(); err != nil {
			return err
		}
		if err := f.effective(cmd.Flags().Changed("threshold")); err != nil {
			return err
		}
		row, err := f.simulate(cmd)
		if err != nil {
			return err
		}
		met := f.precise(row)
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), simulated{row, met})
		}
		g := trialGrid(row)
		if met != nil && !*met && row.Stable { // an unstable run has no tail to state
			g.add("precision", f.imprecise(row), "")
		}
		return g.write(cmd.OutOrStdout())
	}
	return cmd
}

func (f *simFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.service, "service", "", "time of a request on a core, as `DIST` (required)")
	fl.IntVar(&f.cores, "cores", 1, "cores of a server")
	fl.Float64Var(&f.rate, "rate", 0, "offered `QPS`, over all servers (required)")
	fl.StringVar(&f.arrivals, "arrivals", "poisson", "gaps between queries: poisson, fixed, gamma:CV, mmpp:PEAK,SHARE,LENGTH, diurnal:PEAK,PERIOD, trace:PATH, seed_gap")
	fl.StringVar(&f.sizes, "sizes", "production", "items of a query: production, mlperf, fixed:N, normal:MEAN,SD, lognormal:MU,SIGMA, file:PATH, trace:PATH")
	fl.IntVar(&f.maxQuery, "max-query", load.DefaultMaxQuery, "largest query, in items")
	fl.IntVar(&f.batch, "batch", 0, "largest request, in items; 0 never splits a query")
	fl.IntVar(&f.threshold, "threshold", 0, "queries of so many items go to an accelerator; 0 means none")
	fl.IntVar(&f.accelerators, "accelerators", 0, "accelerators of a server")
	fl.StringVar(&f.accelService, "accel-service", "", "time of a query on an accelerator, as `DIST`")
	fl.StringVar(&f.accelPlatform, "accel-platform", "", "of --accel-service curve:TABLE: which accelerator")
	fl.IntVar(&f.servers, "servers", 1, "servers behind the router")
	fl.StringVar(&f.router, "router", sim.Random, "random, round_robin, jsq or po2")
	fl.IntVar(&f.queries, "queries", 2_000_000, "queries that count, after the warm-up; with --precision, at most")
	fl.Float64Var(&f.precision, "precision", 0, "stop when the 95 % interval of the p95 is within this `share` of it; 0 runs all queries")
	fl.IntVar(&f.accelBatch, "accel-batch", 0, "an accelerator serves several queries at once, up to so many items; 0 one by one")
	fl.DurationVar(&f.accelDelay, "accel-delay", 0, "how long a query waits for others to share its batch")
	fl.StringArrayVar(&f.failures, "fail", nil, "a server that goes down and comes back, as `SERVER@TIME+TIME` (0@10s+5s); repeatable")
	fl.StringVar(&f.admission, "admit", record.AdmitAll, "which queries a busy server lets in: all, queue:N (turned away where N wait) or wait:TIME (given up after that)")
	fl.DurationVar(&f.target, "target", 0, "count the queries answered within this time")
	fl.StringVar(&f.timeline, "timeline", "", "write the second before the slowest answer to this `file`, for chrome://tracing or Perfetto")
	fl.StringVar(&f.records, "records", "", "write every query to this Parquet `file`")
	fl.IntVar(&f.seed, "seed", 1, "of every random stream")
	f.serviceFlags.add(cmd)
}

// validate reports a flag out of range; the first is enough.
func (f *simFlags) validate() error {
	switch {
	case !finite(f.rate):
		return fmt.Errorf("--rate: %v is not a finite number", f.rate)
	case f.rate <= 0:
		return fmt.Errorf("--rate: %v queries/s is not above 0", f.rate)
	case f.cores < 1:
		return fmt.Errorf("--cores: %d is not at least 1", f.cores)
	case f.servers < 1:
		return fmt.Errorf("--servers: %d is not at least 1", f.servers)
	case f.queries < 1:
		return fmt.Errorf("--queries: %d is not at least 1", f.queries)
	case f.precision < 0 || f.precision >= 1 || math.IsNaN(f.precision):
		return fmt.Errorf("--precision: %v is not a share of the p95 in [0, 1)", f.precision)
	case f.accelBatch < 0:
		return fmt.Errorf("--accel-batch: %d is negative", f.accelBatch)
	case f.accelBatch > 0 && f.accelerators == 0:
		return fmt.Errorf("--accel-batch: there is no accelerator; add --accelerators 1")
	case f.accelDelay < 0 || f.accelDelay > 0 && f.accelBatch == 0:
		return fmt.Errorf("--accel-delay: %v needs --accel-batch", f.accelDelay)
	case f.target < 0:
		return fmt.Errorf("--target: %v is negative", f.target)
	case f.seed < 0:
		return fmt.Errorf("--seed: %d is negative", f.seed)
	case f.batch < 0:
		return fmt.Errorf("--batch: %d is negative", f.batch)
	case f.accelerators < 0:
		return fmt.Errorf("--accelerators: %d is negative", f.accelerators)
	case f.accelerators > 0 && f.accelService == "":
		return fmt.Errorf("--accelerators: %d of them need --accel-service", f.accelerators)
	case f.accelerators == 0 && f.accelService != "":
		return fmt.Errorf("--accel-service: there is no accelerator; add --accelerators 1")
	case f.accelerators == 0 && f.threshold != 0:
		return fmt.Errorf("--threshold: %d without an accelerator; add --accelerators 1", f.threshold)
	case f.threshold < 0:
		return fmt.Errorf("--threshold: %d is negative", f.threshold)
	}
	if err := f.bounded(); err != nil {
		return err
	}
	return knownWord("router", f.router, []string{sim.Random, sim.RoundRobin, sim.JSQ, sim.PowerOfTwo})
}
