package sim_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"runexp/serving/latency"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

// A node that uses k of its cores is a node of k cores, but for the utilisation
// of what stands idle.
func TestActiveCoresAreANodeOfFewer(t *testing.T) {
	few := systems(t)["node"]
	few.Nodes[0].Cores, few.RateQPS = 5, few.RateQPS/2
	many := few
	many.Nodes = repeat(few.Nodes[0], 1)
	many.Nodes[0].Cores, many.Policy.ActiveCores = 8, 5
	a, b := mustRun(t, few), mustRun(t, many)
	if math.Abs(b.CPUUtil-a.CPUUtil*5/8) > 1e-12 {
		t.Errorf("utilisation %v of 5 cores is %v of 8", a.CPUUtil, b.CPUUtil)
	}
	b.CPUUtil = a.CPUUtil
	if !reflect.DeepEqual(a, b) {
		t.Errorf("5 cores: %+v\n5 of 8: %+v", a, b)
	}
}

// A query on an idle node ends with its largest request, and the order in which
// its requests queue is the order in which they start.
func TestHowAQueryIsCut(t *testing.T) {
	curve, err := latency.NewCurve("linear", []latency.Knot{{Batch: 1, Latency: time.Microsecond}, {Batch: 1000, Latency: time.Millisecond}}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	surface, err := latency.NewSurface("linear", map[int]*latency.Curve{1: curve})
	if err != nil {
		t.Fatal(err)
	}
	service, err := latency.FromSurface(surface, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		policy policy.Policy
		cores  int
		want   time.Duration
	}{
		{"full requests set the pace", policy.Policy{BatchSize: 64}, 2, 64 * time.Microsecond},
		{"equal parts are smaller", policy.Policy{BatchSize: 64, EqualSplit: true}, 2, 50 * time.Microsecond},
		{"on one core the cut does not matter", policy.Policy{BatchSize: 64, EqualSplit: true}, 1, 100 * time.Microsecond},
		{"three requests on two cores: 40 + 20 and 40", policy.Policy{BatchSize: 40}, 2, 60 * time.Microsecond},
		{"three requests on two cores: 20 + 40 and 40", policy.Policy{BatchSize: 40, SmallestFirst: true}, 2, 60 * time.Microsecond},
		{"three requests on two cores: 36 + 36 and 28", policy.Policy{BatchSize: 36, SmallestFirst: true}, 2, 64 * time.Microsecond},
	} {
		r := mustRun(t, sim.Config{
			Nodes: []sim.Node{{Cores: c.cores, Service: service}}, Policy: c.policy,
			Arrivals: mustArrivals(t, "fixed"), Sizes: mustSizes(t, "fixed:100"), RateQPS: 100, Queries: 100,
		})
		if r.Max != c.want || r.P50 != c.want {
			t.Errorf("%s: latency %v, want %v", c.reason, r.Max, c.want)
		}
	}
}

// A policy that batches on accelerators is a node that does; without an
// accelerator there is nothing to batch.
func TestPolicyBatchesOnAccelerators(t *testing.T) {
	byNode := systems(t)["node"]
	byPolicy := byNode
	byNode.Nodes = repeat(byNode.Nodes[0], 1)
	byNode.Nodes[0].AccelBatch.MaxItems = 900
	byPolicy.Policy.AccelBatch = 900
	if a, b := mustRun(t, byNode), mustRun(t, byPolicy); !reflect.DeepEqual(a, b) {
		t.Errorf("by the node: %+v\nby the policy: %+v", a, b)
	}
	queue := queue(t, "poisson", 5, "exp:2ms", 2200)
	want := mustRun(t, queue)
	queue.Policy.AccelBatch = 900
	if got := mustRun(t, queue); !reflect.DeepEqual(got, want) {
		t.Errorf("without an accelerator: %+v, want %+v", got, want)
	}
}

// Nodes may follow policies of their own: one that repeats the common policy
// changes nothing, another holds on its node alone.
func TestPolicyOfANode(t *testing.T) {
	common := systems(t)["cluster"]
	same := common
	same.Nodes = repeat(common.Nodes[0], 3)
	p := common.Policy
	for i := range same.Nodes {
		same.Nodes[i].Policy = &p
	}
	if a, b := mustRun(t, common), mustRun(t, same); !reflect.DeepEqual(a, b) {
		t.Errorf("the common policy: %+v\nthe same on each node: %+v", a, b)
	}
	own := policy.Policy{BatchSize: 10}
	same.Nodes[1].Policy = &own
	same.Nodes[2].Policy = nil
	_, seen := observe(t, same)
	for _, q := range seen {
		want := common.Policy
		if q.Node == 1 {
			want = own
		}
		if q.Offloaded != want.Offloads(int(q.Size)) || !q.Offloaded && int(q.Requests) != want.Requests(int(q.Size)) {
			t.Fatalf("node %d: %+v", q.Node, q)
		}
	}
	bad := policy.Policy{}
	same.Nodes[1].Policy = &bad
	if _, err := sim.Run(t.Context(), same); err == nil || err.Error() != "node 1: batch_size: 0 is not at least 1" {
		t.Errorf("a policy without a batch size: %v", err)
	}
}

func mustRun(t *testing.T, c sim.Config) sim.Result {
	t.Helper()
	r, err := sim.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
