package sim_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"runexp/serving/latency"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

// systems are stable ones that use every feature, for the laws to hold on.
func systems(t *testing.T) map[string]sim.Config {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	colocated := surface(t, 8, true, rng)
	accel := surface(t, 1, false, rng)
	node := sim.Node{Cores: 8, Service: colocated.WithNoise(noise{}), Accelerators: 2, AccelService: accel}
	full := sim.Config{
		Nodes: []sim.Node{node}, Policy: policy.Policy{BatchSize: 40, OffloadThreshold: 300},
		Arrivals: mustArrivals(t, "poisson"), Sizes: mustSizes(t, "production"),
		RateQPS: 0.25 * 8 / colocated.Mean(8, 200).Seconds(), Queries: 20_000, Warmup: 500, Seed: 3,
	}
	cluster := full
	cluster.Nodes, cluster.Router, cluster.RateQPS = repeat(node, 3), sim.JSQ, 3*full.RateQPS
	choices := full
	choices.Policy.EqualSplit, choices.Policy.SmallestFirst, choices.Policy.ActiveCores = true, true, 6
	return map[string]sim.Config{
		"choices": choices,
		"M/M/5":   queue(t, "poisson", 5, "exp:2ms", 2200),
		"node":    full,
		"cluster": cluster,
	}
}

// Every query ends, after it arrives and starts; nothing is lost or made up.
func TestConservationAndCausality(t *testing.T) {
	for name, c := range systems(t) {
		r, seen := observe(t, c)
		if len(seen) != c.Queries+c.Warmup || r.Queries != int64(c.Queries) {
			t.Fatalf("%s: %d queries observed, %d counted, want %d after %d", name, len(seen), r.Queries, c.Queries, c.Warmup)
		}
		var requests, items, offloaded, offItems int64
		var last sim.Query
		for i, q := range seen {
			if q.Arrival < last.Arrival || q.Start < q.Arrival || q.Done < q.Start || q.Wait < 0 || q.Straggle < 0 || q.Straggle > q.Done-q.Start {
				t.Fatalf("%s: query %d breaks causality: %+v after %+v", name, i, q, last)
			}
			if want := int32(c.Policy.Requests(int(q.Size))); !q.Offloaded && q.Requests != want {
				t.Fatalf("%s: query %d of %d items is split into %d requests, not %d", name, i, q.Size, q.Requests, want)
			}
			if last = q; i < c.Warmup {
				continue
			}
			requests, items = requests+int64(q.Requests), items+int64(q.Size)
			if q.Offloaded {
				offloaded, offItems = offloaded+1, offItems+int64(q.Size)
			}
		}
		if r.Requests != requests || r.OffloadedQueries != float64(offloaded)/float64(c.Queries) || r.OffloadedItems != float64(offItems)/float64(items) {
			t.Errorf("%s: result %+v does not add up to %d requests, %d offloaded queries, %d items", name, r, requests, offloaded, offItems)
		}
	}
}

// Little's law for the queries being served: what the devices say that they did
// is what the queries got.
func TestLittlesLaw(t *testing.T) {
	for name, c := range systems(t) {
		r, seen := observe(t, c)
		seen = seen[c.Warmup:]
		var service time.Duration
		for _, q := range seen {
			service += q.Service
		}
		span := seen[len(seen)-1].Arrival - seen[0].Arrival
		devices := 0.0
		for _, n := range c.Nodes {
			devices += r.CPUUtil*float64(n.Cores) + r.AccelUtil*float64(n.Accelerators)
		}
		if got := service.Seconds() / span.Seconds(); math.Abs(devices/got-1) > 0.02 { // work crosses the ends of the window
			t.Errorf("%s: %v devices are busy, the queries kept %v", name, devices, got)
		}
	}
}

// No core idles while a request waits: whenever a query waited, all cores were
// busy until the moment it started. Utilisation is the busy time so found.
func TestWorkConservation(t *testing.T) {
	c := queue(t, "poisson", 5, "exp:2ms", 2200)
	c.Queries, c.Warmup = 5000, 500
	r, seen := observe(t, c)
	for i, q := range seen {
		if q.Start == q.Arrival {
			continue
		}
		busy := 0
		for _, other := range seen[max(0, i-200):i] { // earlier ones have ended
			if other.Start < q.Start && other.Done >= q.Start {
				busy++
			}
		}
		if busy != 5 {
			t.Fatalf("query %d waited with %d of 5 cores busy", i, busy)
		}
	}
	from, to := seen[c.Warmup-1].Arrival, seen[len(seen)-1].Arrival
	var busy time.Duration
	ended := 0
	for _, q := range seen {
		busy += max(0, min(q.Done, to)-max(q.Start, from))
		if q.Done > from && q.Done <= to {
			ended++
		}
	}
	span := to - from
	if want := float64(busy) / float64(span) / 5; math.Abs(r.CPUUtil-want) > 1e-9 {
		t.Errorf("utilisation is %v, not %v", r.CPUUtil, want)
	}
	if want := float64(ended) / span.Seconds(); math.Abs(r.AchievedQPS/want-1) > 1e-9 {
		t.Errorf("achieved rate is %v, not %v", r.AchievedQPS, want)
	}
}

// A query of k requests on idle cores takes ceil(k/cores) services, exactly.
func TestForkJoin(t *testing.T) {
	for _, f := range []struct{ cores, requests, rounds int }{
		{4, 1, 1}, {4, 4, 1}, {4, 5, 2}, {4, 10, 3}, {1, 10, 10}, {16, 10, 1},
	} {
		c := queue(t, "fixed", f.cores, "const:2ms", 1)
		c.Sizes, c.Policy.BatchSize = mustSizes(t, "fixed:200"), 200/f.requests
		if c.Policy.Requests(200) != f.requests {
			t.Fatal("bad case")
		}
		c.Queries, c.Warmup = 100, 0
		r, _ := observe(t, c)
		want := time.Duration(f.rounds) * 2 * time.Millisecond
		if r.P50 != want || r.Max != want || r.Mean != want {
			t.Errorf("%d requests on %d cores take %v, not %v", f.requests, f.cores, r.P50, want)
		}
	}
}

// Under common random numbers every query of a FIFO node waits at least as
// long at a higher rate, so no quantile falls.
func TestMonotoneInLoad(t *testing.T) {
	c := queue(t, "poisson", 4, "exp:2ms", 1)
	c.Sizes, c.Policy.BatchSize = mustSizes(t, "production"), 200
	c.Queries, c.Warmup = 20_000, 0
	var last sim.Result
	for rate := 50.0; rate < 1400; rate *= 1.07 {
		c.RateQPS = rate
		r, _ := observe(t, c)
		const rounding = 50 * time.Nanosecond // arrivals are rounded to a ns, at each rate anew
		if r.P50 < last.P50-rounding || r.P95 < last.P95-rounding || r.P99 < last.P99-rounding || r.Mean < last.Mean-rounding {
			t.Errorf("at %v queries/s latency falls: %+v after %+v", rate, r, last)
		}
		last = r
	}
	if last.P95 < 10*time.Millisecond {
		t.Errorf("the last rate is no load: %v", last.P95)
	}
}

func TestSameSeedSameResult(t *testing.T) {
	for name, c := range systems(t) {
		a, _ := observe(t, c)
		c.Observe = nil
		b, err := sim.Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: one seed gives\n%+v and\n%+v", name, a, b)
		}
		c.Seed++
		if other, _ := observe(t, c); other.Mean == a.Mean {
			t.Errorf("%s: another seed gives the same mean", name)
		}
	}
}

// Saturation must be told apart with the default window.
func TestStable(t *testing.T) {
	check := func(name string, c sim.Config, want bool) {
		t.Helper()
		c.Queries, c.Warmup = sim.DefaultQueries, sim.DefaultWarmup(sim.DefaultQueries, len(c.Nodes))
		for seed := range uint64(5) {
			c.Seed = seed
			if r, _ := observe(t, c); r.Stable != want {
				t.Errorf("%s, seed %d: stable is %v at an offered load of %v", name, seed, r.Stable, r.OfferedLoad)
			}
		}
	}
	for _, rho := range []float64{0.5, 0.9, 0.95, 0.98, 1.02, 1.2, 3} {
		check("M/M/1", queue(t, "poisson", 1, "exp:2ms", 500*rho), rho < 1)
		check("M/M/40", queue(t, "poisson", 40, "exp:2ms", 40*500*rho), rho < 1)
		cluster := queue(t, "poisson", 1, "exp:2ms", 50*500*rho)
		cluster.Nodes = repeat(cluster.Nodes[0], 50)
		for _, cluster.Router = range []string{sim.Random, sim.PowerOfTwo} {
			check("50 x M/M/1 "+cluster.Router, cluster, rho < 1)
		}
		accel := queue(t, "poisson", 40, "const:1ms", 500*rho)
		accel.Policy.OffloadThreshold = 1
		accel.Nodes[0].Accelerators, accel.Nodes[0].AccelService = 1, latency.Constant(2*time.Millisecond)
		check("accelerator", accel, rho < 1)
	}
	check("D/D/1 at load 1", queue(t, "fixed", 1, "const:2ms", 500), true) // nothing ever waits
	uneven := queue(t, "poisson", 1, "exp:2ms", 800)
	slow := uneven.Nodes[0]
	slow.Service, _ = latency.ParseService("exp:4ms")
	uneven.Nodes, uneven.Router = []sim.Node{{Cores: 10, Service: uneven.Nodes[0].Service}, slow}, sim.Random
	check("one node of two drowns", uneven, false)
	uneven.Policy.OffloadThreshold = 1000
	for i := range uneven.Nodes { // the way in which the end of a query is known late
		n := &uneven.Nodes[i]
		n.Accelerators, n.AccelService, n.AccelBatch = 1, latency.Constant(time.Millisecond), sim.Batching{MaxItems: 1000}
	}
	check("one node of two drowns, beside batches", uneven, false)
	down := queue(t, "poisson", 1, "exp:2ms", 600)
	down.Nodes, down.Router = repeat(down.Nodes[0], 2), sim.JSQ
	check("two nodes", down, true)
	down.Failures = []sim.Failure{{Node: 1, At: 1, For: time.Hour}}
	check("two nodes, one of them down", down, false)
}

// The tail of an idle split query is its straggler; of a loaded queue, the
// queue; of a loaded accelerator, the accelerator.
func TestTailAttribution(t *testing.T) {
	idle := queue(t, "fixed", 10, "exp:2ms", 1)
	idle.Sizes, idle.Queries = mustSizes(t, "fixed:10"), 20_000
	r, _ := observe(t, idle)
	// The longest of 10 exponential services is a mean service longer than the
	// second longest, more so when it is the reason for being slow.
	if r.TailQueue != 0 || r.TailAccel != 0 || r.TailStraggler < 0.3 || r.TailStraggler > 0.9 {
		t.Errorf("idle: queue %v, straggler %v, accelerator %v", r.TailQueue, r.TailStraggler, r.TailAccel)
	}
	busy := queue(t, "poisson", 1, "exp:2ms", 475)
	if r, _ := observe(t, busy); r.TailQueue < 0.9 || r.TailStraggler != 0 || r.TailAccel != 0 {
		t.Errorf("busy: queue %v, straggler %v, accelerator %v", r.TailQueue, r.TailStraggler, r.TailAccel)
	}
	accel := busy
	accel.Policy.OffloadThreshold = 1
	accel.Nodes = []sim.Node{{Cores: 1, Service: busy.Nodes[0].Service, Accelerators: 1, AccelService: busy.Nodes[0].Service}}
	if r, _ := observe(t, accel); r.TailAccel < 0.9 || r.TailStraggler != 0 || r.TailQueue != 0 {
		t.Errorf("accelerator: queue %v, straggler %v, accelerator %v", r.TailQueue, r.TailStraggler, r.TailAccel)
	}
}

func TestBadConfig(t *testing.T) {
	good := func() sim.Config { return queue(t, "poisson", 1, "exp:2ms", 100) }
	curve, err := latency.NewCurve("rm1 on skylake", []latency.Knot{{Batch: 1, Latency: 1000}, {Batch: 256, Latency: 2000}}, 512)
	if err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*sim.Config){
		"rate: 0 queries/s is not a positive number":    func(c *sim.Config) { c.RateQPS = 0 },
		"rate: NaN queries/s is not a positive number":  func(c *sim.Config) { c.RateQPS = math.NaN() },
		"rate: +Inf queries/s is not a positive number": func(c *sim.Config) { c.RateQPS = math.Inf(1) },
		"take over a century":                           func(c *sim.Config) { c.RateQPS = 1e-6 },
		"queries: 0 is not at least 1":                  func(c *sim.Config) { c.Queries = 0 },
		"warmup: -1 is negative":                        func(c *sim.Config) { c.Warmup = -1 },
		"nodes: none":                                   func(c *sim.Config) { c.Nodes = nil },
		"node 0: cores: 0 is not at least 1":            func(c *sim.Config) { c.Nodes[0].Cores = 0 },
		"node 0: service: none":                         func(c *sim.Config) { c.Nodes[0].Service = nil },
		"node 0: accelerators: 2 without a service":     func(c *sim.Config) { c.Nodes[0].Accelerators = 2 },
		"node 0: accelerators: -1 is negative":          func(c *sim.Config) { c.Nodes[0].Accelerators = -1 },
		"batch_size: 0 is not at least 1":               func(c *sim.Config) { c.Policy.BatchSize = 0 },
		"router: none for 2 nodes":                      func(c *sim.Config) { c.Nodes = repeat(c.Nodes[0], 2) },
		`router: unknown "jsq2"`:                        func(c *sim.Config) { c.Router = "jsq2" },
		"arrivals: none":                                func(c *sim.Config) { c.Arrivals = nil },
		"sizes: none":                                   func(c *sim.Config) { c.Sizes = nil },
		"node 0: service rm1 on skylake: batch 600 is outside [1, 512]": func(c *sim.Config) {
			c.Nodes[0].Service, c.Sizes, c.Policy.BatchSize = latency.FromCurve(curve), mustSizes(t, "production"), 600
		},
		"node 0: service rm1 on skylake: batch 999 is outside [1, 512]": func(c *sim.Config) {
			c.Nodes[0].Accelerators, c.Nodes[0].AccelService = 1, latency.FromCurve(curve)
			c.Sizes, c.Policy.OffloadThreshold = mustSizes(t, "production"), 500
		},
	} {
		c := good()
		spoil(&c)
		if _, err := sim.Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	fine := good() // offloaded queries and small requests never see the end of the curve
	fine.Nodes[0].Service, fine.Sizes, fine.Policy = latency.FromCurve(curve), mustSizes(t, "production"), policy.Policy{BatchSize: 512}
	if _, err := sim.Run(context.Background(), fine); err != nil {
		t.Errorf("a curve that covers all requests: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := queue(t, "poisson", 1, "exp:2ms", 100)
	c.Queries = 1 << 35
	served := 0
	c.Observe = func(block []sim.Query) {
		if served += len(block); served > 10_000 {
			cancel()
		}
	}
	if _, err := sim.Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v after %d queries", err, served)
	}
}

// Twice the queries allocate no more often.
func TestAllocatesNothingPerQuery(t *testing.T) {
	for name, c := range systems(t) {
		allocs := func(queries int) float64 {
			c.Queries = queries
			return testing.AllocsPerRun(3, func() {
				if _, err := sim.Run(context.Background(), c); err != nil {
					t.Fatal(err)
				}
			})
		}
		if few, many := allocs(10_000), allocs(40_000); many > few+20 {
			t.Errorf("%s: %v allocations for 10,000 queries, %v for 40,000", name, few, many)
		}
	}
}

// Past a million queries quantiles come from a histogram: within 0.05 %, and
// intervals as wide.
func TestLongWindow(t *testing.T) {
	if testing.Short() {
		t.Skip("two million queries")
	}
	c := queue(t, "poisson", 1, "exp:2ms", 350)
	c.Queries = 1<<20 + 1
	counted, _ := observe(t, c)
	c.Queries--
	exact, _ := observe(t, c)
	near := func(name string, a, b time.Duration, within float64) {
		t.Helper()
		if math.Abs(a.Seconds()/b.Seconds()-1) > within {
			t.Errorf("%s: %v from the histogram, %v exactly", name, a, b)
		}
	}
	near("p50", counted.P50, exact.P50, 6e-4)
	near("p95", counted.P95, exact.P95, 6e-4)
	near("p99", counted.P99, exact.P99, 6e-4)
	near("p99.9", counted.P999, exact.P999, 6e-4)
	near("mean", counted.Mean, exact.Mean, 1e-4)
	near("max", counted.Max, exact.Max, 0)
	near("width of p95", counted.P95Hi-counted.P95Lo, exact.P95Hi-exact.P95Lo, 0.05)
	near("width of p99", counted.P99Hi-counted.P99Lo, exact.P99Hi-exact.P99Lo, 0.05)
}

// Nothing is allocated per query: ten times as many of them need no more
// allocations, of whatever kind the node.
func TestNoAllocationPerQuery(t *testing.T) {
	for name, c := range systems(t) {
		allocations := func(queries int) float64 {
			c.Queries = queries
			return testing.AllocsPerRun(1, func() {
				if _, err := sim.Run(context.Background(), c); err != nil {
					t.Fatal(err)
				}
			})
		}
		few, many := allocations(20_000), allocations(200_000)
		if many > few+10 { // a backlog that grew once
			t.Errorf("%s: %v allocations for 20,000 queries, %v for 200,000", name, few, many)
		}
	}
}
