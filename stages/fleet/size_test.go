package fleet

import (
	"strings"
	"testing"
	"time"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

// question asks about machines of four cores where a query takes a fixed 10 ms
// on one core: one serves something below 400 queries/s.
func question(t *testing.T) Question {
	t.Helper()
	service := func(spec string) *latency.Service {
		s, err := latency.ParseService(spec)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	sizes, err := load.ParseSizes("fixed:1", 1)
	if err != nil {
		t.Fatal(err)
	}
	arrivals, err := load.ParseArrivals("poisson")
	if err != nil {
		t.Fatal(err)
	}
	return Question{
		DemandQPS: 2000, SLA: policy.SLA{Quantile: 0.95, Limit: 30 * time.Millisecond},
		Node: sim.Node{Cores: 4, Service: service("const:10ms")}, Fast: sim.Node{Cores: 4, Service: service("const:8ms")}, Slow: sim.Node{Cores: 4, Service: service("const:15ms")},
		Sizes: sizes, Arrivals: arrivals, Router: sim.Random, Queries: 20_000, Seed: 1,
	}
}

// Machines times what one serves is the demand; the cluster meets the target in
// a simulation that the search has not seen; the ends of the curve enclose.
func TestSize(t *testing.T) {
	q := question(t)
	a, err := Size(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if a.One.QPS <= 300 || a.One.QPS >= 400 {
		t.Errorf("one machine serves %v, want a little below 400", a.One.QPS)
	}
	if a.Machines != needed(q.DemandQPS, a.One.QPS) {
		t.Errorf("%d machines for %v at %v each", a.Machines, q.DemandQPS, a.One.QPS)
	}
	if !a.At.Stable || a.At.Tail > q.SLA.Limit {
		t.Errorf("the cluster: %+v", a.At)
	}
	if !(a.Fewest <= a.Machines && a.Machines <= a.Most) || a.Fewest == a.Most {
		t.Errorf("%d machines in %d..%d", a.Machines, a.Fewest, a.Most)
	}
	if a.Most < needed(q.DemandQPS, 4/0.015) {
		t.Errorf("at most %d machines, but slow ones saturate at 267 queries/s", a.Most)
	}
	if again, err := Size(t.Context(), q); err != nil || again.At != a.At {
		t.Errorf("the same question, another answer: %v", err)
	}
}

func TestSizeEnds(t *testing.T) {
	for _, tc := range []struct {
		why    string
		change func(*Question)
		check  func(Answer, error) bool
	}{
		{"a tiny demand needs one machine and no comparison with none",
			func(q *Question) { q.DemandQPS = 1 }, func(a Answer, err error) bool { return err == nil && a.Machines == 1 && !a.Less.Stable }},
		{"a target below the service time is refused with both numbers",
			func(q *Question) { q.SLA.Limit = 5 * time.Millisecond },
			func(_ Answer, err error) bool {
				return err != nil && strings.Contains(err.Error(), "p95 of an idle machine is 10ms, the target is 5ms")
			}},
		{"slow machines that miss the target leave the upper end open",
			func(q *Question) { q.SLA.Limit = 12 * time.Millisecond },
			func(a Answer, err error) bool { return err == nil && a.Most == 0 && a.Machines > 5 }},
		{"a p99 target is harder than a p95 one",
			func(q *Question) { q.SLA.Quantile = 0.99 }, func(a Answer, err error) bool { return err == nil && a.One.QPS < 385 }},
		{"a policy that is given is kept",
			func(q *Question) { q.Policy = policy.Policy{BatchSize: 1} }, func(a Answer, err error) bool { return err == nil && a.Policy == policy.Policy{BatchSize: 1} }},
	} {
		q := question(t)
		tc.change(&q)
		if a, err := Size(t.Context(), q); !tc.check(a, err) {
			t.Errorf("%s: %+v, %v", tc.why, a, err)
		}
	}
}
