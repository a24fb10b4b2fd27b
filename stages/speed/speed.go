// Package speed measures the simulator itself: simulated requests per second
// on one core, statistics included, against the number of servers.
//
// Its stance: what is timed is a whole trial as experiments run it, at 80 %
// load, several times over, and every repetition is a row.
//
// Start reading at Config, then Measure.
package speed

import (
	"context"
	"fmt"
	"math"
	"time"

	"runexp/internal/timing"
	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same machine and Config.
const Version = 1

// Config says what is timed.
type Config struct {
	Servers     []int    `json:"servers"`
	Routers     []string `json:"routers"`
	Queries     int      `json:"queries"` // counted in each trial
	Repetitions int      `json:"repetitions"`
}

// Default is what the published figure shows.
func Default() Config {
	return Config{
		Servers:     []int{1, 10, 100, 1000, 10_000},
		Routers:     []string{sim.Random, sim.RoundRobin, sim.PowerOfTwo, sim.JSQ},
		Queries:     1 << 20,
		Repetitions: 5,
	}
}

// Scenarios of a node.
const (
	Constant = "constant" // 40 cores, every request takes as long
	Full     = "full"     // split queries, noise, co-location and an accelerator
)

// cores of a node; perCore is what one core serves in a second.
const cores, perCore = 40, 500

// Measure times every trial, one at a time.
func Measure(ctx context.Context, c Config, step func(done, total int, what string)) ([]record.SimSpeed, error) {
	var rows []record.SimSpeed
	plan := c.plan()
	for i, t := range plan {
		step(i, len(plan), fmt.Sprintf("%s, %d servers, %s", t.scenario, len(t.config.Nodes), t.config.Router))
		for rep := range c.Repetitions {
			row, err := t.run(ctx, rep)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

type trial struct {
	scenario string
	config   sim.Config
}

func (c Config) plan() []trial {
	base := sim.Config{Arrivals: poisson(), Sizes: sizes("fixed:1"), Policy: policy.Policy{BatchSize: 1000}, Queries: c.Queries, Seed: 1}
	var plan []trial
	for _, n := range c.Servers {
		for _, router := range c.Routers {
			t := trial{Constant, base}
			t.config.Router, t.config.RateQPS = router, 0.8*cores*perCore*float64(n)
			node := sim.Node{Cores: cores, Service: latency.Constant(time.Second / perCore)}
			for range n {
				t.config.Nodes = append(t.config.Nodes, node)
			}
			plan = append(plan, t)
		}
	}
	full := trial{Full, base}
	full.config.Nodes, full.config.Router = []sim.Node{fullNode()}, sim.Random
	full.config.Sizes, full.config.Policy, full.config.RateQPS = sizes("production"), policy.Policy{BatchSize: 64, OffloadThreshold: 500}, 8000
	return append(plan, full)
}

func (t trial) run(ctx context.Context, rep int) (record.SimSpeed, error) {
	// Enough to fill every node once, so that none is timed empty.
	t.config.Warmup = 200 * len(t.config.Nodes)
	start := timing.Now()
	r, err := sim.Run(ctx, t.config)
	if err != nil {
		return record.SimSpeed{}, err
	}
	took := timing.Now() - start
	requests := r.Requests + int64(math.Round(float64(t.config.Warmup)*float64(r.Requests)/float64(r.Queries)))
	return record.SimSpeed{
		Scenario: t.scenario, Servers: int32(len(t.config.Nodes)), Router: t.config.Router, Rep: int32(rep),
		Requests: requests, WallNS: int64(took), RequestsPer: float64(requests) / took.Seconds(),
	}, nil
}

// fullNode slows down as cores become active, scatters by 10 % and has an
// accelerator.
func fullNode() sim.Node {
	byActive := map[int]*latency.Curve{}
	for _, active := range []int{1, cores} {
		slow := time.Duration(100 + active)
		byActive[active] = must(latency.NewCurve("speed", []latency.Knot{
			{Batch: 1, Latency: slow * time.Microsecond}, {Batch: 1024, Latency: 100 * slow * time.Microsecond},
		}, 1024))
	}
	service := must(latency.FromSurface(must(latency.NewSurface("speed", byActive)), cores))
	var knots []latency.RatioKnot
	for _, batch := range []int{1, 32, 1024} {
		for i := range 51 {
			knots = append(knots, latency.RatioKnot{Batch: batch, Quantile: float64(i) / 50, Ratio: 0.8 + 0.4*float64(i)/50})
		}
	}
	return sim.Node{
		Cores: cores, Service: service.WithNoise(must(latency.NewResidual("speed", knots))),
		Accelerators: 1, AccelService: latency.Constant(500 * time.Microsecond),
	}
}

func poisson() load.Arrivals { return must(load.ParseArrivals("poisson")) }

func sizes(spec string) load.Sizes { return must(load.ParseSizes(spec, load.DefaultMaxQuery)) }

// must is for what is written above and cannot fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
