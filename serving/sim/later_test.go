package sim_test

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"runexp/serving/latency"
	"runexp/serving/sim"
)

// fleet is a small cluster at a load of about a half.
func fleet(t *testing.T, router string) sim.Config {
	t.Helper()
	c := systems(t)["cluster"]
	c.Router, c.RateQPS = router, 0.7*c.RateQPS
	c.Queries, c.Warmup = 5000, 100
	return c
}

// A failure after the end of the run, or batches of one query, change nothing:
// the slow way through the simulator finds what the fast one does.
func TestLaterEqualsNow(t *testing.T) {
	for _, router := range []string{sim.Random, sim.RoundRobin, sim.PowerOfTwo} {
		c := fleet(t, router)
		_, want := observe(t, c)
		c.Failures = []sim.Failure{{Node: 1, At: 1000 * time.Hour, For: time.Second}}
		if _, got := observe(t, c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: a failure that never comes changes the run", router)
		}
		c.Failures = nil
		for i := range c.Nodes {
			c.Nodes[i].AccelBatch = sim.Batching{MaxItems: 1}
		}
		if _, got := observe(t, c); !reflect.DeepEqual(got, want) && router != sim.PowerOfTwo { // there, ends are not known to the router
			t.Errorf("%s: batches of one query change the run", router)
		}
	}
}

// Whatever fails, every query is answered once, in order of arrival, by a node
// that was up all the while.
func TestNothingIsLost(t *testing.T) {
	for _, router := range []string{sim.Random, sim.RoundRobin, sim.PowerOfTwo, sim.JSQ} {
		c := fleet(t, router)
		_, plain := observe(t, c)
		span := plain[len(plain)-1].Arrival
		c.Failures = []sim.Failure{
			{Node: 0, At: span / 4, For: span / 8}, {Node: 1, At: span / 4, For: span / 8}, {Node: 2, At: span / 4, For: span / 20},
			{Node: 0, At: span / 2, For: span / 8},
		}
		r, seen := observe(t, c)
		if len(seen) != len(plain) {
			t.Fatalf("%s: %d queries, %d without failures", router, len(seen), len(plain))
		}
		retries := int64(0)
		for i, q := range seen {
			if q.Arrival != plain[i].Arrival || q.Size != plain[i].Size {
				t.Fatalf("%s: query %d is another one: %+v, not %+v", router, i, q, plain[i])
			}
			if q.Start < q.Arrival || q.Done <= q.Start {
				t.Errorf("%s: query %d breaks causality: %+v", router, i, q)
			}
			for _, f := range c.Failures {
				if int(q.Node) == f.Node && q.Start < f.At+f.For && q.Done > f.At {
					t.Errorf("%s: query %d is answered by node %d from %v to %v, down from %v to %v", router, i, q.Node, q.Start, q.Done, f.At, f.At+f.For)
				}
			}
			if i >= c.Warmup {
				retries += int64(q.Retries)
			}
		}
		if retries == 0 || r.Retries != retries {
			t.Errorf("%s: %d retries, %d reported", router, retries, r.Retries)
		}
		if !slices.ContainsFunc(seen, func(q sim.Query) bool { return q.Retries > 0 && q.Done-q.Arrival > span/20 }) {
			t.Errorf("%s: nobody waited while all nodes were down", router)
		}
	}
}

// A batch ends at once for all in it, holds no more than it may, and starts
// when it is full or its first query has waited long enough.
func TestBatching(t *testing.T) {
	c := queue(t, "poisson", 1, "const:1ms", 20_000)
	c.Sizes, c.Policy.OffloadThreshold, c.Policy.BatchSize = mustSizes(t, "fixed:10"), 1, 10
	limits := sim.Batching{MaxItems: 80, MaxDelay: 300 * time.Microsecond}
	c.Nodes[0].Accelerators, c.Nodes[0].AccelService, c.Nodes[0].AccelBatch = 2, latency.Constant(500*time.Microsecond), limits
	c.Queries = 20_000
	r, seen := observe(t, c)
	if !r.Stable {
		t.Error("20,000 queries/s are more than one by one could be served, but not more than in eights")
	}
	full := 0
	for i := 0; i < len(seen); {
		end := i
		for end < len(seen) && seen[end].Done == seen[i].Done && seen[end].Start == seen[i].Start {
			end++
		}
		n := end - i
		if n > 8 {
			t.Fatalf("a batch of %d queries of 10 items", n)
		}
		if n == 8 {
			full++
		} else if waited := seen[i].Start - seen[i].Arrival; waited < limits.MaxDelay {
			t.Fatalf("a batch of %d starts after %v", n, waited)
		}
		i = end
	}
	if full == 0 {
		t.Error("no batch was ever full")
	}
	quiet := c
	quiet.RateQPS, quiet.Queries = 1, 200
	if r, _ := observe(t, quiet); r.P50 != limits.MaxDelay+500*time.Microsecond {
		t.Errorf("a query alone takes %v", r.P50)
	}
}

// Outages of a node that follow one another keep it down, in whatever order they
// are given.
func TestOutagesInARow(t *testing.T) {
	c := fleet(t, sim.Random)
	_, plain := observe(t, c)
	at, long := plain[1000].Arrival, plain[2000].Arrival-plain[1000].Arrival
	for _, c.Failures = range [][]sim.Failure{
		{{Node: 0, At: at, For: long}, {Node: 0, At: at + long, For: long}},
		{{Node: 0, At: at + long, For: long}, {Node: 0, At: at, For: long}},
	} {
		_, seen := observe(t, c)
		for i, q := range seen {
			if q.Node == 0 && q.Start < at+2*long && q.Done > at {
				t.Fatalf("%v: query %d is served from %v to %v", c.Failures, i, q.Start, q.Done)
			}
		}
	}
}

// A query that gives up leaves the queue of an accelerator then, so that the
// shortest queue is not sought by counting the gone.
func TestGoneAreNotCounted(t *testing.T) {
	c := queue(t, "poisson", 1, "const:1ms", 300)
	slow, fast := c.Nodes[0], c.Nodes[0]
	slow.Accelerators, slow.AccelService = 1, latency.Constant(time.Second)
	fast.Accelerators, fast.AccelService = 1, latency.Constant(10*time.Millisecond)
	c.Nodes, c.Router, c.Policy.OffloadThreshold = []sim.Node{slow, fast}, sim.JSQ, 1
	c.Admission = sim.Admission{Wait: 5 * time.Millisecond}
	c.Queries, c.Warmup = 4000, 0
	sent := func() (n [2]int) {
		_, seen := observe(t, c)
		for _, q := range seen {
			n[q.Node]++
		}
		return n
	}
	plain := sent()
	for i := range c.Nodes {
		c.Nodes[i].AccelBatch = sim.Batching{MaxItems: 1}
	}
	if got := sent(); math.Abs(float64(got[0]-plain[0])) > 0.1*float64(plain[0]) {
		t.Errorf("one by one %v are sent to the nodes, %v where ends are not known beforehand", plain, got)
	}
}

func TestBadFailures(t *testing.T) {
	for _, b := range []struct {
		want     string
		failures []sim.Failure
	}{
		{"node 3 of 3", []sim.Failure{{Node: 3, At: 1, For: 1}}},
		{"node 0 fails at 1s for 0s", []sim.Failure{{At: time.Second}}},
		{"than the 1e+08 that can be held back", []sim.Failure{{At: 1, For: 1e5 * time.Hour}}},
		{"while it is down", []sim.Failure{{At: 1, For: 10}, {At: 5, For: 1}}},
		{"more failures than nodes (3)", []sim.Failure{{At: 1, For: 9}, {Node: 1, At: 1, For: 9}, {Node: 2, At: 1, For: 9}, {Node: 3, At: 1, For: 9}}},
	} {
		c := fleet(t, sim.Random)
		c.Failures = b.failures
		if _, err := sim.Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), b.want) {
			t.Errorf("%v does not mention %q", err, b.want)
		}
	}
}
