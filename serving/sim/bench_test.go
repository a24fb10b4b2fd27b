package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

// BenchmarkSim reports simulated requests per second of one core, statistics
// included, at 80 % load.
func BenchmarkSim(b *testing.B) {
	simple := sim.Node{Cores: 40, Service: latency.Constant(2 * time.Millisecond)}
	full := fullNode(b)
	whole, split := policy.Policy{BatchSize: 1000}, policy.Policy{BatchSize: 64, OffloadThreshold: 500}
	bench(b, "cores=40/service=const/sizes=fixed", sim.Config{
		Nodes: []sim.Node{simple}, Policy: whole, Sizes: mustSizes(b, "fixed:1"), RateQPS: 0.8 * 40 * 500,
	})
	bench(b, "cores=40/service=colocated+noise/sizes=production/batch=64/accelerators=1", sim.Config{
		Nodes: []sim.Node{full}, Policy: split, Sizes: mustSizes(b, "production"), RateQPS: 8000,
	})
	for _, servers := range []int{1, 100, 10_000} {
		for _, router := range []string{sim.Random, sim.RoundRobin, sim.PowerOfTwo, sim.JSQ} {
			bench(b, fmt.Sprintf("cores=40/service=const/servers=%d/router=%s", servers, router), sim.Config{
				Nodes: repeat(simple, servers), Router: router, Policy: whole,
				Sizes: mustSizes(b, "fixed:1"), RateQPS: 0.8 * 40 * 500 * float64(servers),
			})
		}
	}
}

// fullNode has 40 co-located cores with noise and an accelerator.
func fullNode(b *testing.B) sim.Node {
	b.Helper()
	byActive := map[int]*latency.Curve{}
	for _, active := range []int{1, 40} {
		slow := time.Duration(100 + active)
		c, err := latency.NewCurve("bench", []latency.Knot{
			{Batch: 1, Latency: slow * time.Microsecond}, {Batch: 1024, Latency: 100 * slow * time.Microsecond},
		}, 1024)
		if err != nil {
			b.Fatal(err)
		}
		byActive[active] = c
	}
	surface, err := latency.NewSurface("bench", byActive)
	if err != nil {
		b.Fatal(err)
	}
	service, err := latency.FromSurface(surface, 40)
	if err != nil {
		b.Fatal(err)
	}
	var knots []latency.RatioKnot
	rng := rand.New(rand.NewPCG(1, 1))
	for _, batch := range []int{1, 32, 1024} {
		ratio := 0.8
		for i := range 51 {
			ratio += 0.01 * rng.Float64()
			knots = append(knots, latency.RatioKnot{Batch: batch, Quantile: float64(i) / 50, Ratio: ratio})
		}
	}
	residual, err := latency.NewResidual("bench", knots)
	if err != nil {
		b.Fatal(err)
	}
	return sim.Node{
		Cores: 40, Service: service.WithNoise(residual),
		Accelerators: 1, AccelService: latency.Constant(500 * time.Microsecond),
	}
}

func bench(b *testing.B, name string, c sim.Config) {
	b.Run(name, func(b *testing.B) {
		arrivals, err := load.ParseArrivals("poisson")
		if err != nil {
			b.Fatal(err)
		}
		c.Arrivals, c.Queries, c.Seed = arrivals, 1<<20, 1
		c.Warmup = len(c.Nodes) * 200
		var requests int64
		for b.Loop() {
			r, err := sim.Run(context.Background(), c)
			if err != nil {
				b.Fatal(err)
			}
			requests += r.Requests + int64(c.Warmup)*r.Requests/r.Queries
		}
		b.ReportMetric(float64(requests)/b.Elapsed().Seconds(), "requests/s")
		b.ReportMetric(0, "ns/op") // a trial is not an operation of interest
	})
}
