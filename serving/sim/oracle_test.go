package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"runexp/internal/stream"
	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

// oracle is the same system written as a textbook event-driven simulation: a
// clock, queues of requests that wait, cores that are busy until some time.
// It shares no code with package sim and tries nothing clever. It is told
// which node each query went to and checks that the router may do so.
type oracle struct {
	config sim.Config
	nodes  []*oracleNode
	open   []int // queries inside each node
}

type oracleNode struct {
	cores, accels oracleBank
}

// oracleBank is a bank of devices with one queue.
type oracleBank struct {
	service *latency.Service
	size    int
	running []*oracleRequest
	queue   []*oracleRequest
}

type oracleRequest struct {
	query       *oracleQuery
	batch       int
	ratio       float64
	start, done int64
}

type oracleQuery struct {
	arrival  int64
	node     int
	requests []*oracleRequest
	left     int
}

// advance runs all nodes up to time now, events at now included.
func (o *oracle) advance(now int64) {
	for i, n := range o.nodes {
		o.open[i] -= n.cores.advance(now) + n.accels.advance(now)
	}
}

// advance returns how many queries ended.
func (b *oracleBank) advance(now int64) (ended int) {
	for {
		next, at := -1, now+1
		for i, r := range b.running {
			if r.done < at {
				next, at = i, r.done
			}
		}
		if next < 0 {
			return ended
		}
		ended += b.endAll(at)
		b.startAll(at)
	}
}

func (b *oracleBank) endAll(at int64) (ended int) {
	b.running = slices.DeleteFunc(b.running, func(r *oracleRequest) bool {
		if r.done > at {
			return false
		}
		if r.query.left--; r.query.left == 0 {
			ended++
		}
		return true
	})
	return ended
}

// startAll starts waiting requests on idle devices. One that takes no time
// leaves its device idle for the next.
func (b *oracleBank) startAll(at int64) {
	for len(b.queue) > 0 && len(b.running) < b.size {
		r := b.queue[0]
		b.queue = b.queue[1:]
		active := 1
		for _, other := range b.running {
			if other.done > at {
				active++
			}
		}
		r.start = at
		r.done = at + int64(float64(b.service.Table(active, r.batch))*r.ratio+0.5)
		b.running = append(b.running, r)
		if r.done == at {
			return // ends, and lets others start, in the next round of advance
		}
	}
}

// arrive brings in a query.
func (o *oracle) arrive(q *oracleQuery, offload bool, ratios func(batch int) float64, size int) {
	n := o.nodes[q.node]
	bank, largest := &n.cores, o.config.Policy.BatchSize
	if offload {
		bank, largest = &n.accels, size
	}
	for size > 0 {
		r := &oracleRequest{query: q, batch: min(size, largest)}
		r.ratio = ratios(r.batch)
		size -= r.batch
		q.requests = append(q.requests, r)
	}
	q.left = len(q.requests)
	o.open[q.node]++
	bank.queue = append(bank.queue, q.requests...)
	bank.startAll(q.arrival)
	o.open[q.node] -= bank.advance(q.arrival)
}

// checkRoute reports a choice that the router must not make.
func (o *oracle) checkRoute(node, index int, rng *rand.Rand) error {
	n := len(o.nodes)
	want := node
	switch o.config.Router {
	case sim.RoundRobin:
		want = index % n
	case sim.Random:
		want = rng.IntN(n)
	case sim.PowerOfTwo:
		a, b := rng.IntN(n), rng.IntN(n-1)
		if b >= a {
			b++
		}
		if want = a; o.open[b] < o.open[a] {
			want = b
		}
	case sim.JSQ:
		if least := slices.Min(o.open); o.open[node] != least {
			return fmt.Errorf("node %d has %d queries, another one %d", node, o.open[node], least)
		}
	}
	if node != want {
		return fmt.Errorf("node %d, want %d", node, want)
	}
	return nil
}

// noise is a law the oracle can draw from as well.
type noise struct{}

func (noise) Ratio(rng *rand.Rand, batch int) float64 { return rng.ExpFloat64() }
func (noise) Mean(int) float64                        { return 1 }

// replay runs the oracle over what the simulator observed and returns an error
// at the first difference.
func replay(c sim.Config, noisy bool, seen []sim.Query) error {
	o := &oracle{config: c, open: make([]int, len(c.Nodes))}
	for _, n := range c.Nodes {
		o.nodes = append(o.nodes, &oracleNode{
			cores:  oracleBank{service: n.Service, size: n.Cores},
			accels: oracleBank{service: n.AccelService, size: n.Accelerators},
		})
	}
	router := stream.New(c.Seed, "router")
	ratios := map[bool]*rand.Rand{false: stream.New(c.Seed, "service"), true: stream.New(c.Seed, "accelerator service")}
	queries := make([]*oracleQuery, len(seen))
	for i, want := range load.Draw(c.Arrivals, c.Sizes, c.RateQPS, len(seen), c.Seed) {
		got := seen[i]
		if got.Arrival != want.Arrival || int(got.Size) != want.Size {
			return fmt.Errorf("query %d: it is %+v, the load has %+v", i, got, want)
		}
		o.advance(int64(want.Arrival))
		if len(c.Nodes) > 1 {
			if err := o.checkRoute(int(got.Node), i, router); err != nil {
				return fmt.Errorf("query %d: router: %w", i, err)
			}
		}
		offload := c.Nodes[got.Node].Accelerators > 0 && c.Policy.OffloadThreshold > 0 && want.Size >= c.Policy.OffloadThreshold
		if offload != got.Offloaded {
			return fmt.Errorf("query %d of %d items: offloaded %v, want %v", i, want.Size, got.Offloaded, offload)
		}
		queries[i] = &oracleQuery{arrival: int64(want.Arrival), node: int(got.Node)}
		o.arrive(queries[i], offload, func(batch int) float64 {
			if noisy {
				return ratios[offload].ExpFloat64()
			}
			return 1
		}, want.Size)
	}
	o.advance(1 << 62)
	for i, q := range queries {
		if want := q.fate(); seen[i].Start != want.Start || seen[i].Done != want.Done ||
			seen[i].Wait != want.Wait || seen[i].Straggle != want.Straggle || seen[i].Requests != want.Requests {
			return fmt.Errorf("query %d:\n got %+v\nwant %+v", i, seen[i], want)
		}
	}
	return nil
}

// fate is what the oracle says of a query that has ended.
func (q *oracleQuery) fate() sim.Query {
	var ends []int64
	var wait int64
	for _, r := range q.requests {
		ends = append(ends, r.done)
		wait += r.start - q.arrival
	}
	slices.Sort(ends)
	last := len(ends) - 1
	var straggle int64
	if last > 0 {
		straggle = ends[last] - ends[last-1]
	}
	return sim.Query{
		Start: time.Duration(q.requests[0].start), Done: time.Duration(ends[last]),
		Wait: time.Duration(wait), Straggle: time.Duration(straggle), Requests: int32(len(ends)),
	}
}

// randomConfig draws a small system: any feature may be on.
func randomConfig(t *testing.T, rng *rand.Rand) (c sim.Config, noisy bool) {
	t.Helper()
	noisy = rng.IntN(2) == 0
	colocated := rng.IntN(2) == 0
	routers := []string{sim.Random, sim.RoundRobin, sim.JSQ, sim.PowerOfTwo}
	sizes := []string{"production", "fixed:7", "mlperf", "lognormal:4,1", "normal:20,30"}
	arrivals := []string{"poisson", "fixed", "gamma:3", "mmpp:3,0.2,50", "seed_gap"}
	c = sim.Config{
		Router:   routers[rng.IntN(len(routers))],
		Policy:   policy.Policy{BatchSize: 1 + rng.IntN(300)},
		Arrivals: mustArrivals(t, arrivals[rng.IntN(len(arrivals))]),
		Sizes:    mustSizes(t, sizes[rng.IntN(len(sizes))]),
		Queries:  600, Warmup: rng.IntN(100), Seed: rng.Uint64(),
	}
	if rng.IntN(2) == 0 {
		c.Policy.OffloadThreshold = 1 + rng.IntN(400)
	}
	var work float64 // seconds per query on one core, about
	for range 1 + rng.IntN(5) {
		n := sim.Node{Cores: 1 + rng.IntN(6), Accelerators: rng.IntN(3)}
		n.Service = surface(t, n.Cores, colocated, rng)
		if n.AccelService = surface(t, 1, false, rng); noisy {
			n.Service, n.AccelService = n.Service.WithNoise(noise{}), n.AccelService.WithNoise(noise{})
		}
		c.Nodes = append(c.Nodes, n)
		work += float64(n.Cores) / n.Service.Mean(1, 200).Seconds()
	}
	c.RateQPS = work * (0.2 + rng.Float64())
	return c, noisy
}

// surface is a service of whole microseconds, so that many events coincide.
func surface(t *testing.T, cores int, colocated bool, rng *rand.Rand) *latency.Service {
	t.Helper()
	byActive := map[int]*latency.Curve{}
	one, thousand := 1+rng.IntN(50), 60+rng.IntN(1000)
	for active := 1; active <= cores; active++ {
		slow := 1.0
		if colocated {
			slow += 0.3 * float64(active-1)
		}
		us := func(n int) time.Duration { return time.Duration(float64(n)*slow) * time.Microsecond }
		curve, err := latency.NewCurve("test", []latency.Knot{{Batch: 1, Latency: us(one)}, {Batch: 1000, Latency: us(thousand)}}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		byActive[active] = curve
		if !colocated {
			break
		}
	}
	s, err := latency.NewSurface("test", byActive)
	if err != nil {
		t.Fatal(err)
	}
	service, err := latency.FromSurface(s, cores)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func TestEqualsOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(2020, 5))
	for i := range 400 {
		c, noisy := randomConfig(t, rng)
		var seen []sim.Query
		c.Observe = func(block []sim.Query) { seen = append(seen, block...) }
		if _, err := sim.Run(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		if len(seen) != c.Queries+c.Warmup {
			t.Fatalf("config %d: observed %d queries of %d", i, len(seen), c.Queries+c.Warmup)
		}
		if err := replay(c, noisy, seen); err != nil {
			t.Fatalf("config %d (%d nodes, %s, %s, %+v, noisy %v): %v", i, len(c.Nodes), c.Router, c.Arrivals.Name(), c.Policy, noisy, err)
		}
	}
}

func mustArrivals(t testing.TB, spec string) load.Arrivals {
	t.Helper()
	a, err := load.ParseArrivals(spec)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustSizes(t testing.TB, spec string) load.Sizes {
	t.Helper()
	s, err := load.ParseSizes(spec, load.DefaultMaxQuery)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
