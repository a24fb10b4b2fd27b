package sim

import (
	"context"
	"time"

	"runexp/internal/stream"
	"runexp/serving/load"
)

// blockQueries is how many queries are drawn, served and counted together:
// enough to make drawing cheap, few enough to stay in the first-level cache.
const blockQueries = 256

// Run simulates one trial. It fails on a Config that makes no sense, before
// any work, and with the error of ctx when that ends first.
func Run(ctx context.Context, c Config) (Result, error) {
	c.Nodes = c.batching()
	if err := c.check(); err != nil {
		return Result{}, err
	}
	t := newTrial(&c)
	if err := t.run(ctx, c.Warmup, nil); err != nil {
		return Result{}, err
	}
	window := t.open()
	if err := t.run(ctx, c.Queries, window.add); err != nil {
		return Result{}, err
	}
	return window.close(), nil
}

// trial is a cluster at work.
type trial struct {
	config  *Config
	source  *load.Source
	router  router // nil with a single node
	servers []server
	group   []int // of each server: servers of one group are alike
	groups  int
	later   *later // nil where the end of a query is known when it arrives
	now     int64  // the last arrival
	pending pending

	arrivals [blockQueries]int64
	sizes    [blockQueries]int32
	block    [blockQueries]Query
}

func newTrial(c *Config) *trial {
	t := &trial{
		config:  c,
		source:  load.NewSource(c.Arrivals, c.Sizes, c.RateQPS, c.Seed),
		router:  newRouter(c.Router, len(c.Nodes), stream.New(c.Seed, "router")),
		servers: make([]server, len(c.Nodes)),
		group:   make([]int, len(c.Nodes)),
	}
	// Service times are drawn in the order of the queries whatever the node, so
	// that two clusters of one seed serve the same query in the same time.
	service, accel := stream.New(c.Seed, "service"), stream.New(c.Seed, "accelerator service")
	groups := map[Node]int{}
	for i, n := range c.Nodes {
		p := c.policyOf(n)
		t.servers[i] = server{
			cores:  newDevice(n.Service, p.Cores(n.Cores), n.Cores, service),
			accels: newDevice(n.AccelService, n.Accelerators, n.Accelerators, accel),
			policy: p, observe: c.ObserveRequests,
		}
		if c.Admission.sheds() {
			t.servers[i].doors = [kinds]*door{newDoor(c.Admission), newDoor(c.Admission)}
		}
		if _, ok := groups[n]; !ok {
			groups[n] = len(groups)
		}
		t.group[i] = groups[n]
	}
	t.groups = len(groups)
	if c.defers() {
		t.later = newLater(t)
	}
	return t
}

// run serves the next n queries and gives them to count.
func (t *trial) run(ctx context.Context, n int, count func([]Query)) error {
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		block := t.block[:min(n, blockQueries)]
		if t.later != nil {
			t.later.serve(block)
		} else {
			t.serve(block)
		}
		t.now = int64(block[len(block)-1].Arrival)
		t.pending.add(block, t.now)
		if count != nil {
			count(block)
		}
		if t.config.Observe != nil {
			t.config.Observe(block)
		}
		n -= len(block)
	}
	return nil
}

// serve draws the queries of a block and runs each to its end.
func (t *trial) serve(block []Query) {
	arrivals, sizes := t.arrivals[:len(block)], t.sizes[:len(block)]
	t.source.Next(arrivals, sizes)
	for i := range block {
		q := &block[i]
		q.Arrival, q.Size = time.Duration(arrivals[i]), sizes[i]
		if t.router == nil {
			t.servers[0].serve(q, arrivals[i])
			continue
		}
		node := t.router.pick(arrivals[i])
		q.Node = int32(node)
		t.servers[node].serve(q, arrivals[i])
		t.router.sent(node, int64(q.Done))
	}
}
