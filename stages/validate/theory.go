package validate

import (
	"fmt"
	"math"
	"time"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/serving/theory"
)

// kase is one system with a known answer.
type kase struct {
	check, name string
	config      sim.Config
	metrics     []metric
}

// metric is one number of one run, and what it should be. Expected is NaN
// where the run itself says so, through of.
type metric struct {
	name     string
	expected float64
	of       func(r *run) (observed, expected float64)
}

// run is one replication: its result, every counted query, and its waits in
// seconds.
type run struct {
	sim.Result
	nodes   []sim.Node
	rateQPS float64
	queries []sim.Query
	waits   []float64
}

// ms is the unit of every service time here.
const ms = 1e-3

// service of 2 ms makes the service rate 500/s.
const service, serviceRate = 2 * ms, 500

// cases are all of them, in the order of the rows.
func cases(queries int) []kase {
	var all []kase
	for _, family := range []func() []kase{
		memoryless, regular, general, renewal, split, forkJoin, clusters, little,
	} {
		all = append(all, family()...)
	}
	for i := range all {
		c := &all[i].config
		c.Queries = queries
		if c.Warmup == 0 {
			c.Warmup = sim.DefaultWarmup(queries, len(c.Nodes))
		}
	}
	return all
}

// memoryless are M/M/1 and M/M/c: latencies and positive waits are exponential.
func memoryless() (all []kase) {
	for _, rho := range []float64{0.3, 0.7, 0.9} {
		rest := (1 - rho) * serviceRate
		all = append(all, kase{"theory", fmt.Sprintf("M/M/1 at load %v", rho), queue("poisson", 1, "exp:2ms", rho*serviceRate), []metric{
			meanLatency(1 / rest), quantile("p50_ns", 0.5, 1/rest), quantile("p95_ns", 0.95, 1/rest), quantile("p99_ns", 0.99, 1/rest),
			meanWait(rho / rest), waiting(0, rho), cpuUtil(rho),
		}})
	}
	for _, m := range []struct {
		cores int
		rho   float64
	}{{4, 0.8}, {40, 0.9}} {
		erlangs := m.rho * float64(m.cores)
		wait, rest := theory.ErlangC(m.cores, erlangs), (float64(m.cores)-erlangs)*serviceRate
		all = append(all, kase{"theory", fmt.Sprintf("M/M/%d at load %v", m.cores, m.rho), queue("poisson", m.cores, "exp:2ms", erlangs*serviceRate), []metric{
			meanLatency(service + wait/rest), meanWait(wait / rest), waiting(0, wait),
			waitQuantile("wait_p95_ns", 0.95, theory.ExponentialQuantile(0.95, wait, rest)),
			waitQuantile("wait_p99_ns", 0.99, theory.ExponentialQuantile(0.99, wait, rest)),
			cpuUtil(m.rho),
		}})
	}
	return all
}

// regular is M/D/1, on a core and on an accelerator.
func regular() []kase {
	const rho = 0.8
	accel := queue("poisson", 1, "const:1ms", rho*serviceRate)
	accel.Policy.OffloadThreshold = 1
	accel.Nodes[0].Accelerators, accel.Nodes[0].AccelService = 1, latency.Constant(2*time.Millisecond)
	wait := theory.MeanWait(rho*serviceRate, service, service*service)
	metrics := []metric{
		meanLatency(wait + service), meanWait(wait), waiting(0, rho),
		waiting(2.5*service, 1-theory.MD1Wait(rho, 2.5)), waiting(7*service, 1-theory.MD1Wait(rho, 7)),
	}
	return []kase{
		{"theory", "M/D/1 at load 0.8", queue("poisson", 1, "const:2ms", rho*serviceRate), metrics},
		{"theory", "M/D/1 on an accelerator at load 0.8", accel, metrics},
	}
}

// general is M/G/1: a skewed law, and production queries whose time is
// proportional to their size.
func general() []kase {
	const rho, cv = 0.7, 1.5
	wait := theory.MeanWait(rho*serviceRate, service, service*service*(1+cv*cv))
	items := queue("poisson", 1, "const:1ms", 300)
	items.Sizes, items.Policy.BatchSize = sizes("production"), load.DefaultMaxQuery
	items.Nodes[0].Service = proportional(10 * time.Microsecond)
	perItem := func(n int) float64 { return float64(n) * 1e-5 }
	first := items.Sizes.Expect(perItem)
	second := items.Sizes.Expect(func(n int) float64 { return perItem(n) * perItem(n) })
	return []kase{
		{"theory", "M/G/1 of lognormal service, CV 1.5, at load 0.7", queue("poisson", 1, "lognormal:2ms,1.5", rho*serviceRate), []metric{
			meanLatency(wait + service), meanWait(wait), waiting(0, rho),
		}},
		{"theory", fmt.Sprintf("M/G/1 of production queries at load %.2f", 300*first), items, []metric{
			meanLatency(theory.MeanWait(300, first, second) + first), waiting(0, 300*first),
		}},
	}
}

// renewal is GI/M/1: latency is exponential whatever the gaps.
func renewal() (all []kase) {
	for _, g := range []struct {
		name, arrivals string
		rho, cv        float64
	}{
		{"D/M/1", "fixed", 0.8, 0}, {"E_4/M/1", "gamma:0.5", 0.7, 0.5}, {"gamma/M/1 of CV 2", "gamma:2", 0.7, 2},
	} {
		rate := g.rho * serviceRate
		sigma := theory.Sigma(theory.GammaLST(1/rate, g.cv), serviceRate)
		mean := 1 / (serviceRate * (1 - sigma))
		all = append(all, kase{"theory", fmt.Sprintf("%s at load %v", g.name, g.rho), queue(g.arrivals, 1, "exp:2ms", rate), []metric{
			meanLatency(mean), quantile("p95_ns", 0.95, mean), quantile("p99_ns", 0.99, mean), waiting(0, sigma),
		}})
	}
	return all
}

// split are queries of four requests on one core, M^[4]/M/1 and M^[4]/D/1: a
// query is served like one of the summed time, and its requests wait 1.5
// services of a request more than it on average.
func split() []kase {
	const request = 0.5 * ms
	m, d := queue("poisson", 1, "exp:0.5ms", 350), queue("poisson", 1, "const:0.5ms", 400)
	m.Sizes, d.Sizes = sizes("fixed:4"), sizes("fixed:4")
	stages := theory.MeanWait(350, service, service*service*(1+1./4)) // four exponential stages: CV 1/2
	fixed := theory.MeanWait(400, service, service*service)
	return []kase{
		{"theory", "M^[4]/M/1 at load 0.7", m, []metric{
			meanLatency(stages + service), meanWait(stages + 1.5*request), waiting(0, 0.7),
		}},
		{"theory", "M^[4]/D/1 at load 0.8", d, []metric{
			meanLatency(fixed + service), meanWait(fixed + 1.5*request), waiting(2.5*service, 1-theory.MD1Wait(0.8, 2.5)),
		}},
	}
}

// forkJoin are fixed requests on idle cores: exact to the nanosecond.
func forkJoin() (all []kase) {
	for _, f := range []struct{ cores, requests int }{{4, 1}, {4, 4}, {4, 5}, {4, 10}, {1, 10}, {16, 10}} {
		c := queue("fixed", f.cores, "const:2ms", 1)
		c.Sizes, c.Policy.BatchSize = sizes("fixed:200"), 200/f.requests
		latency := float64(theory.ForkJoin(f.requests, f.cores)) * service
		all = append(all, kase{"fork_join", fmt.Sprintf("%d requests on %d idle cores", f.requests, f.cores), c, []metric{
			quantile0("p50_ns", latency), meanLatency(latency),
		}})
	}
	return all
}

// clusters: routed at random each node is an M/M/1 queue; by turns of four, an
// E_4/M/1 queue; and the power of two choices has a limit of its own.
func clusters() []kase {
	const rho = 0.7
	random := queue("poisson", 1, "exp:2ms", 4*rho*serviceRate)
	random.Nodes, random.Router = repeat(random.Nodes[0], 4), sim.Random
	turns := random
	turns.Router = sim.RoundRobin
	sigma := theory.Sigma(theory.GammaLST(1/(rho*serviceRate), 0.5), serviceRate)
	two := queue("poisson", 1, "exp:2ms", 1000*0.9*serviceRate)
	two.Nodes, two.Router, two.Warmup = repeat(two.Nodes[0], 1000), sim.PowerOfTwo, 60_000
	return []kase{
		{"theory", "4 x M/M/1, random, at load 0.7", random, []metric{
			meanLatency(service / (1 - rho)), quantile("p95_ns", 0.95, service/(1-rho)),
		}},
		{"theory", "4 x E_4/M/1, round robin, at load 0.7", turns, []metric{
			meanLatency(service / (1 - sigma)), quantile("p95_ns", 0.95, service/(1-sigma)),
		}},
		{"theory", "1000 x M/M/1, power of two, at load 0.9", two, []metric{meanLatency(service * theory.PowerOfTwo(0.9))}},
	}
}

// little is L = lambda W on systems that no closed form covers: the mean number
// of busy devices against rate times service.
func little() []kase {
	node := sim.Node{Cores: 8, Service: proportional(10 * time.Microsecond), Accelerators: 1, AccelService: latency.Constant(2 * time.Millisecond)}
	one := queue("poisson", 1, "const:1ms", 2000)
	one.Nodes, one.Sizes = []sim.Node{node}, sizes("production")
	one.Policy = policy.Policy{BatchSize: 40, OffloadThreshold: 400}
	many := one
	many.Nodes, many.Router, many.RateQPS = repeat(node, 3), sim.JSQ, 6000
	return []kase{
		{"little", "M/M/4 at load 0.8", queue("poisson", 4, "exp:2ms", 0.8*4*serviceRate), []metric{busy()}},
		{"little", "split and offloaded production queries", one, []metric{busy()}},
		{"little", "3 such nodes, shortest queue", many, []metric{busy()}},
	}
}

func queue(arrivals string, cores int, service string, rate float64) sim.Config {
	s, err := latency.ParseService(service)
	if err != nil {
		panic(err) // the specs stand above
	}
	a, err := load.ParseArrivals(arrivals)
	if err != nil {
		panic(err)
	}
	return sim.Config{
		Nodes: []sim.Node{{Cores: cores, Service: s}}, Policy: policy.Policy{BatchSize: 1},
		Arrivals: a, Sizes: sizes("fixed:1"), RateQPS: rate,
	}
}

func sizes(spec string) load.Sizes {
	s, err := load.ParseSizes(spec, load.DefaultMaxQuery)
	if err != nil {
		panic(err)
	}
	return s
}

// proportional is a service that takes so long per item.
func proportional(item time.Duration) *latency.Service {
	const most = load.DefaultMaxQuery
	c, err := latency.NewCurve("proportional", []latency.Knot{{Batch: 1, Latency: item}, {Batch: most, Latency: most * item}}, most)
	if err != nil {
		panic(err)
	}
	return latency.FromCurve(c)
}

func repeat(n sim.Node, times int) []sim.Node {
	nodes := make([]sim.Node, times)
	for i := range nodes {
		nodes[i] = n
	}
	return nodes
}

// exponentialQuantile of a mean.
func exponentialQuantile(q, mean float64) float64 { return -math.Log(1-q) * mean }
