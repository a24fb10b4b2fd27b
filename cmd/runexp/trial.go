package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/node"
	"runexp/stages/record"
)

// simulate runs the trial that the flags describe.
func (f *simFlags) simulate(cmd *cobra.Command) (record.Trial, error) {
	row := f.key()
	server := sim.Node{Cores: f.cores, Accelerators: f.accelerators,
		AccelBatch: sim.Batching{MaxItems: f.accelBatch, MaxDelay: f.accelDelay}}
	var d device
	var err error
	if server.Service, d, err = f.serviceFlags.service("--service", f.service, f.cores); err != nil {
		return row, err
	}
	row.Model, row.CPUPlatform, row.Engine = d.model, d.platform, d.engine
	if f.accelerators > 0 {
		onAccel := serviceFlags{model: f.model, engine: record.EngineAccel, platform: f.accelPlatform}
		if server.AccelService, d, err = onAccel.service("--accel-service", f.accelService, 1); err != nil {
			return row, err
		}
		row.AccelPlatform = d.platform
	}
	c := sim.Config{
		Router: f.router, RateQPS: f.rate,
		Queries: f.queries, Warmup: sim.DefaultWarmup(f.queries, f.servers), Seed: uint64(f.seed),
	}
	for range f.servers {
		c.Nodes = append(c.Nodes, server)
	}
	if c.Arrivals, err = node.ParseArrivals(f.arrivals); err != nil {
		return row, fmt.Errorf("--arrivals: %w", err)
	}
	if c.Sizes, err = node.ParseSizes(f.sizes, f.maxQuery); err != nil {
		return row, fmt.Errorf("--sizes: %w", err)
	}
	if f.batch == 0 { // a query is never split
		row.BatchSize = int32(c.Sizes.Max())
	}
	c.Policy = policy.Policy{BatchSize: int(row.BatchSize), OffloadThreshold: f.threshold}
	if c.Admission, err = sim.ParseAdmission(f.admission); err != nil {
		return row, fmt.Errorf("--admit: %w", err)
	}
	if c.Target = f.target; c.Target > 0 {
		ns := c.Target.Nanoseconds()
		row.TargetNS = &ns
	}
	for _, spec := range f.failures {
		fault, err := sim.ParseFailure(spec)
		if err != nil {
			return row, fmt.Errorf("--fail: %w", err)
		}
		c.Failures = append(c.Failures, fault)
	}
	r, err := f.runTrial(cmd.Context(), &c)
	if err != nil {
		return row, err
	}
	node.Measure(&row, r)
	return row, f.details(cmd.Context(), c)
}

// key is the row as far as the flags alone say.
func (f *simFlags) key() record.Trial {
	return record.Trial{
		Experiment: "sim", AccelPlatform: record.None, Servers: int32(f.servers), Cores: int32(f.cores),
		Accelerators: int32(f.accelerators), Router: f.router, Arrivals: f.arrivals, SizeDist: f.sizes,
		BatchSize: int32(f.batch), OffloadThreshold: int32(f.threshold), Admission: f.admission, RateQPS: f.rate, Seed: int64(f.seed),
	}
}

// trialGrid sets a trial for reading.
func trialGrid(t record.Trial) *grid {
	g := &grid{header: []string{"measure", "value", "95 % interval"}}
	latency := func(name string, v, lo, hi *int64) {
		interval := ""
		if lo != nil && hi != nil {
			interval = duration(*lo) + " .. " + duration(*hi)
		}
		text := "-"
		if v != nil {
			text = duration(*v)
		}
		g.add(name, text, interval)
	}
	g.add("offered", si(t.RateQPS)+" queries/s", "")
	g.add("achieved", si(t.AchievedQPS)+" queries/s", "")
	g.add("achieved", si(t.AchievedIPS)+" items/s", "")
	if t.GoodQPS != nil {
		g.add("in time", si(*t.GoodQPS)+" queries/s within "+duration(*t.TargetNS), "")
	}
	if t.Admission != record.AdmitAll {
		g.add("shed", percent(t.Shed)+" of the queries; the times below are of the others", "")
	}
	g.add("stable", map[bool]string{true: "yes", false: "no: the queue grows, so there is no tail to state"}[t.Stable], "")
	latency("mean", t.MeanNS, nil, nil)
	latency("p50", t.P50NS, t.P50LoNS, t.P50HiNS)
	latency("p95", t.P95NS, t.P95LoNS, t.P95HiNS)
	latency("p99", t.P99NS, t.P99LoNS, t.P99HiNS)
	latency("p99.9", t.P999NS, t.P999LoNS, t.P999HiNS)
	latency("max", t.MaxNS, nil, nil)
	latency("mean wait of a request", t.WaitNS, nil, nil)
	g.add("busy cores", percent(t.CPUUtil), "")
	if t.Accelerators > 0 {
		g.add("busy accelerators", percent(t.AccelUtil), "")
		g.add("offloaded queries", percent(t.OffloadedQueries), "")
		g.add("offloaded items", percent(t.OffloadedItems), "")
	}
	if t.TailQueue != nil {
		g.add("slowest 5 % waited for a core", percent(*t.TailQueue), "")
		g.add("for their last request", percent(*t.TailStraggler), "")
		g.add("for the accelerator", percent(*t.TailAccel), "")
	}
	g.add("queries counted", count(int(t.Queries)), "")
	return g
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
