package sim_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"runexp/internal/sample"
	"runexp/serving/latency"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/serving/theory"
)

// Theory: each case is a queue with a closed form. It is simulated from
// replications seeds, and the closed form must lie in the 99.9 % interval of
// the mean over them, which must be narrow enough to mean something. With
// fixed seeds the test either always passes or never does; a wrong simulator
// has a chance of one in a thousand per metric.
const replications = 20

// precision is the largest half-width of an interval, relative to theory.
const precision = 0.2

// metric is one number of one replication, in seconds or a share. waits holds
// what each counted query waited before its start, in seconds.
type metric struct {
	name string
	want float64
	of   func(r sim.Result, waits []float64) float64
}

func mean(want float64) metric {
	return metric{"mean latency", want, func(r sim.Result, _ []float64) float64 { return r.Mean.Seconds() }}
}

func requestWait(want float64) metric {
	return metric{"mean wait of a request", want, func(r sim.Result, _ []float64) float64 { return r.Wait.Seconds() }}
}

func p95(want float64) metric {
	return metric{"p95 latency", want, func(r sim.Result, _ []float64) float64 { return r.P95.Seconds() }}
}

func p99(want float64) metric {
	return metric{"p99 latency", want, func(r sim.Result, _ []float64) float64 { return r.P99.Seconds() }}
}

func waitQuantile(q, want float64) metric {
	return metric{"quantile of wait", want, func(_ sim.Result, waits []float64) float64 {
		return sample.Select(waits, q)[0]
	}}
}

func waitBeyond(t, want float64) metric {
	return metric{"share that waits longer", want, func(_ sim.Result, waits []float64) float64 {
		n := 0
		for _, w := range waits {
			if w > t {
				n++
			}
		}
		return float64(n) / float64(len(waits))
	}}
}

// queue is a single node.
func queue(t *testing.T, arrivals string, cores int, service string, rate float64) sim.Config {
	t.Helper()
	s, err := latency.ParseService(service)
	if err != nil {
		t.Fatal(err)
	}
	return sim.Config{
		Nodes:    []sim.Node{{Cores: cores, Service: s}},
		Policy:   policy.Policy{BatchSize: 1},
		Arrivals: mustArrivals(t, arrivals), Sizes: mustSizes(t, "fixed:1"),
		RateQPS: rate, Queries: 100_000, Warmup: 10_000,
	}
}

const ms = 1e-3

// system is one queue.
type system struct {
	name    string
	config  sim.Config
	metrics []metric
}

func TestTheory(t *testing.T) {
	var cases []system
	for _, family := range []func(*testing.T) []system{
		memoryless, regularService, otherArrivals, splitQueries, productionSizes, clusters,
	} {
		cases = append(cases, family(t)...)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { checkTheory(t, c) })
	}
}

// M/M/1 and M/M/c: latency and positive waits are exponential.
func memoryless(t *testing.T) (cases []system) {
	for _, rho := range []float64{0.3, 0.7, 0.9} {
		rest := (1 - rho) / (2 * ms) // mu - lambda
		cases = append(cases, system{fmt.Sprintf("M/M/1 at %v", rho), queue(t, "poisson", 1, "exp:2ms", rho*500), []metric{
			mean(1 / rest), p95(-math.Log(0.05) / rest), p99(-math.Log(0.01) / rest),
			requestWait(rho / rest), waitBeyond(0, rho), waitBeyond(10*ms, rho*math.Exp(-10*ms*rest)),
		}})
	}
	for _, m := range []struct {
		cores int
		rho   float64
	}{{4, 0.8}, {40, 0.9}} {
		erlangs := m.rho * float64(m.cores)
		pWait, rest := theory.ErlangC(m.cores, erlangs), (float64(m.cores)-erlangs)*500
		cases = append(cases, system{fmt.Sprintf("M/M/%d at %v", m.cores, m.rho), queue(t, "poisson", m.cores, "exp:2ms", erlangs*500), []metric{
			mean(2*ms + pWait/rest), requestWait(pWait / rest), waitBeyond(0, pWait),
			waitQuantile(0.95, math.Log(pWait/0.05)/rest), waitQuantile(0.99, math.Log(pWait/0.01)/rest),
		}})
	}
	return cases
}

// M/D/1 on a core and on an accelerator, and M/G/1.
func regularService(t *testing.T) []system {
	accel := queue(t, "poisson", 1, "const:1ms", 400)
	accel.Policy.OffloadThreshold = 1
	accel.Nodes[0].Accelerators, accel.Nodes[0].AccelService = 1, latency.Constant(2*time.Millisecond)
	metrics := []metric{
		mean(theory.MeanWait(400, 2*ms, 4e-6) + 2*ms), requestWait(theory.MeanWait(400, 2*ms, 4e-6)), waitBeyond(0, 0.8),
		waitBeyond(5*ms, 1-theory.MD1Wait(0.8, 2.5)), waitBeyond(14*ms, 1-theory.MD1Wait(0.8, 7)),
	}
	return []system{
		{"M/D/1", queue(t, "poisson", 1, "const:2ms", 400), metrics},
		{"M/D/1 on the accelerator", accel, metrics},
		{"M/G/1", queue(t, "poisson", 1, "lognormal:2ms,1.5", 350), []metric{
			requestWait(theory.MeanWait(350, 2*ms, 4e-6*(1+1.5*1.5))), waitBeyond(0, 0.7),
		}},
	}
}

// GI/M/1: latency is exponential with mean 1/(mu (1-sigma)).
func otherArrivals(t *testing.T) (cases []system) {
	for _, g := range []struct {
		name, arrivals string
		rate           float64
		lst            func(s float64) float64
	}{
		{"D/M/1", "fixed", 400, func(s float64) float64 { return math.Exp(-s / 400) }},
		{"E_4/M/1", "gamma:0.5", 350, func(s float64) float64 { return math.Pow(1+s/(4*350), -4) }},
		{"gamma/M/1 of CV 2", "gamma:2", 350, func(s float64) float64 { return math.Pow(1+s/(0.25*350), -0.25) }},
	} {
		sigma := theory.Sigma(g.lst, 500)
		rest := 500 * (1 - sigma)
		cases = append(cases, system{g.name, queue(t, g.arrivals, 1, "exp:2ms", g.rate), []metric{
			mean(1 / rest), p95(-math.Log(0.05) / rest), p99(-math.Log(0.01) / rest), waitBeyond(0, sigma),
		}})
	}
	return cases
}

// Queries of four requests on one core, M^[4]/M/1 and M^[4]/D/1: the query is
// served like one of the summed time, and its requests wait 1.5 services more
// than it on average.
func splitQueries(t *testing.T) []system {
	m, d := queue(t, "poisson", 1, "exp:0.5ms", 350), queue(t, "poisson", 1, "const:0.5ms", 400)
	m.Sizes, d.Sizes = mustSizes(t, "fixed:4"), mustSizes(t, "fixed:4")
	erlang := theory.MeanWait(350, 2*ms, 4*5*0.25e-6) // four stages
	regular := theory.MeanWait(400, 2*ms, 4e-6)
	return []system{
		{"M^[4]/M/1", m, []metric{mean(erlang + 2*ms), requestWait(erlang + 1.5*0.5*ms), waitBeyond(0, 0.7)}},
		{"M^[4]/D/1", d, []metric{mean(regular + 2*ms), requestWait(regular + 1.5*0.5*ms), waitBeyond(5*ms, 1-theory.MD1Wait(0.8, 2.5))}},
	}
}

// M/G/1 of whole production queries at 10 us an item.
func productionSizes(t *testing.T) []system {
	curve, err := latency.NewCurve("10 us an item", []latency.Knot{
		{Batch: 1, Latency: 10 * time.Microsecond}, {Batch: 1000, Latency: 10 * time.Millisecond},
	}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	c := queue(t, "poisson", 1, "const:1ms", 300)
	c.Sizes, c.Policy.BatchSize = mustSizes(t, "production"), 1000
	c.Nodes[0].Service = latency.FromCurve(curve)
	first := c.Sizes.Expect(func(n int) float64 { return float64(n) * 1e-5 })
	second := c.Sizes.Expect(func(n int) float64 { return float64(n) * float64(n) * 1e-10 })
	return []system{{"M/G/1 of production sizes", c, []metric{
		mean(theory.MeanWait(300, first, second) + first), waitBeyond(0, 300*first),
	}}}
}

// Routed at random, each node of a cluster is an M/M/1 queue; by turns, an
// E_4/M/1 queue. Under the power of two choices in a large cluster, the mean
// latency in services is the sum of rho^(2^i-2) (Vvedenskaya, Dobrushin and
// Karpelevich 1996; Mitzenmacher 1996), met to 1/nodes.
func clusters(t *testing.T) []system {
	random := queue(t, "poisson", 1, "exp:2ms", 4*350)
	random.Nodes, random.Router = repeat(random.Nodes[0], 4), sim.Random
	turns := random
	turns.Router = sim.RoundRobin
	sigma := theory.Sigma(func(s float64) float64 { return math.Pow(1+s/1400, -4) }, 500)
	two := queue(t, "poisson", 1, "exp:2ms", 1000*450)
	two.Nodes, two.Router, two.Warmup = repeat(two.Nodes[0], 1000), sim.PowerOfTwo, 60_000
	return []system{
		{"4 x M/M/1, random", random, []metric{mean(2 * ms / 0.3), p95(-math.Log(0.05) * 2 * ms / 0.3)}},
		{"4 x E_4/M/1, round robin", turns, []metric{mean(2 * ms / (1 - sigma)), p95(-math.Log(0.05) * 2 * ms / (1 - sigma))}},
		{"1000 x M/M/1, power of two", two, []metric{mean(2 * ms * theory.PowerOfTwo(0.9))}},
	}
}

func repeat(n sim.Node, times int) []sim.Node {
	nodes := make([]sim.Node, times)
	for i := range nodes {
		nodes[i] = n
	}
	return nodes
}

func checkTheory(t *testing.T, c system) {
	t.Helper()
	got := make([][]float64, len(c.metrics))
	for seed := range uint64(replications) {
		c.config.Seed = 1000 + seed
		r, seen := observe(t, c.config)
		if !r.Stable {
			t.Errorf("seed %d is called unstable at an offered load of %v", c.config.Seed, r.OfferedLoad)
		}
		waits := make([]float64, 0, c.config.Queries)
		for _, q := range seen[c.config.Warmup:] {
			waits = append(waits, (q.Start - q.Arrival).Seconds())
		}
		for i, m := range c.metrics {
			got[i] = append(got[i], m.of(r, waits))
		}
	}
	for i, m := range c.metrics {
		at := sample.Mean(got[i])
		half := sample.StudentT(0.9995, replications-1) * math.Sqrt(sample.Variance(got[i])/replications)
		t.Logf("%-24s theory %.6g, simulated %.6g +- %.2g", m.name, m.want, at, half)
		if math.Abs(at-m.want) > half {
			t.Errorf("%s is %v +- %v (99.9 %%), theory says %v", m.name, at, half, m.want)
		}
		if half > precision*m.want {
			t.Errorf("%s is only known to %v of %v", m.name, half, m.want)
		}
	}
}

// observe runs a config and returns every query, warm-up included.
func observe(t *testing.T, c sim.Config) (sim.Result, []sim.Query) {
	t.Helper()
	seen := make([]sim.Query, 0, c.Queries+c.Warmup)
	c.Observe = func(block []sim.Query) { seen = append(seen, block...) }
	r, err := sim.Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r, seen
}
