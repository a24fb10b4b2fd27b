package optimize

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"runexp/serving/policy"
	"runexp/serving/tune"
	"runexp/stages/node"
	"runexp/stages/record"
)

// mixConfig is of two kinds of server: old has fewer cores, each half as fast.
func mixConfig() (Config, []record.LatencyCurve) {
	curves := rows()
	for _, r := range rows() {
		if r.Platform == "cpu" {
			r.Platform, r.LatencyNS = "old", 2*r.LatencyNS
			curves = append(curves, r)
		}
	}
	c := config()
	c.Nodes, c.Targets, c.Thresholds, c.Router = c.Nodes[:1], c.Targets[:2], nil, "po2"
	c.Models[0].SLANS = 100e6
	old := node.Machine{CPU: "old", Accel: record.None, Cores: 2}
	c.Mixes = []node.Mix{{Name: "mix", Parts: []node.Part{{Machine: c.Nodes[0], Servers: 2}, {Machine: old, Servers: 2}}}}
	return c, curves
}

// Policies of their own come within noise of the best of all pairs, and the
// rows say the same however many problems are searched at once.
func TestMixes(t *testing.T) {
	c, curves := mixConfig()
	c.Workers = 1
	out, err := Points(t.Context(), c, curves, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Mixes) != len(c.Targets)*3*2 {
		t.Fatalf("%d rows", len(out.Mixes))
	}
	byAssignment := map[string]record.MixPoint{}
	for _, r := range out.Mixes {
		byAssignment[r.Target+" "+r.Assignment] = r
		if r.Status != "converged" || r.Servers != 4 || r.PartServers != 2 || *r.P95NS > r.SLANS || *r.GainOverStatic != r.MaxQPS/byAssignment[r.Target+" static"].MaxQPS {
			t.Errorf("%+v", r)
		}
	}
	mixtures, err := c.mixtures(node.NewCatalogue(curves, nil), &Output{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range mixtures {
		best := bestPair(t, x, []int{8, 16, 32, 64, 128, 256})
		static, shared, own := byAssignment[x.target.Name+" static"], byAssignment[x.target.Name+" shared"], byAssignment[x.target.Name+" own"]
		if own.MaxQPS < 0.97*best || own.MaxQPS < 0.98*shared.MaxQPS || shared.MaxQPS < 0.98*static.MaxQPS {
			t.Errorf("%s: static %v, shared %v, own %v; best of all pairs %v", x, static.MaxQPS, shared.MaxQPS, own.MaxQPS, best)
		}
	}
	c.Workers = 3
	again, err := Points(t.Context(), c, curves, nil, quiet)
	if err != nil || !reflect.DeepEqual(again, out) {
		t.Errorf("other rows with three workers, %v", err)
	}
}

// bestPair is the largest MaxQPS of all pairs of batch sizes, by the queries
// that judge the mix.
func bestPair(t *testing.T, x mixture, batches []int) (best float64) {
	for _, b0 := range batches {
		for _, b1 := range batches {
			b, err := x.judge(t.Context(), assigned{policies: node.Assignment{{BatchSize: b0}, {BatchSize: b1}}})
			if err != nil {
				t.Fatal(err)
			}
			best = max(best, b.QPS)
		}
	}
	return best
}

// A mix whose servers are all alike is the plain cluster of so many.
func TestMixOfOneKind(t *testing.T) {
	c, curves := mixConfig()
	c.Servers, c.Policies = 3, []string{tune.Joint{}.Name()}
	m := c.Nodes[0]
	c.Mixes = []node.Mix{{Name: "alike", Parts: []node.Part{{Machine: m, Servers: 1}, {Machine: m, Servers: 2}}}}
	cat, out := node.NewCatalogue(curves, nil), Output{}
	mixtures, err := c.mixtures(cat, &out)
	if err != nil {
		t.Fatal(err)
	}
	points, err := Points(t.Context(), c, curves, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range points.Points {
		shared, err := mixtures[i].shared(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if shared.qps != p.MaxQPS || shared.policies[0].BatchSize != int(p.BatchSize) {
			t.Errorf("%s: %+v, the plain cluster %+v", p.Target, shared, p)
		}
	}
}

// A kind of server without a curve is left out with a warning; a target that
// nothing meets is a row that says so.
func TestMixFaults(t *testing.T) {
	c, curves := mixConfig()
	c.Mixes[0].Parts[1].Machine.CPU = "unknown"
	var out Output
	if list, err := c.mixtures(node.NewCatalogue(curves, nil), &out); err != nil || len(list) > 0 || len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], "unknown") {
		t.Errorf("%d problems, warnings %q, %v", len(list), out.Warnings, err)
	}
	c, curves = mixConfig()
	c.Models[0].SLANS = 300_000 // below one item's time
	mixtures, err := c.mixtures(node.NewCatalogue(curves, nil), &out)
	if err != nil {
		t.Fatal(err)
	}
	found, err := mixtures[0].search(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Warnings) != 3 {
		t.Errorf("warnings %q", found.Warnings)
	}
	for _, r := range found.Mixes {
		if r.Status != string(tune.Infeasible) || r.MaxQPS != 0 || r.P95NS != nil || r.GainOverStatic != nil {
			t.Errorf("%+v", r)
		}
	}
}

// One policy for all offloads where there is an accelerator.
func TestShared(t *testing.T) {
	m := node.Mix{Parts: []node.Part{{Machine: node.Machine{Accelerators: 1}}, {Machine: node.Machine{}}}}
	got := m.Shared(policy.Policy{BatchSize: 64, OffloadThreshold: 100, AccelBatch: 512})
	want := node.Assignment{{BatchSize: 64, OffloadThreshold: 100, AccelBatch: 512}, {BatchSize: 64}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
