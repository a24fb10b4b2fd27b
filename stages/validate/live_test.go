package validate

import (
	"math"
	"slices"
	"testing"
	"time"

	"runexp/models"
	"runexp/serving/live"
	"runexp/serving/sim"
	"runexp/stages/node"
	"runexp/stages/record"
)

// liveConfig is a short run of a small model.
func liveConfig(t *testing.T) (Config, *node.Catalogue) {
	t.Helper()
	cfg, err := models.ByName("ncf")
	if err != nil {
		t.Fatal(err)
	}
	var rows []record.LatencyCurve
	for _, batch := range []int32{1, 16, 64} {
		ns := int64(20_000 + 5_000*batch)
		rows = append(rows, record.LatencyCurve{Model: "ncf", Platform: platform, Engine: engine, Workers: 1, BatchSize: batch, LatencyNS: ns, LoNS: ns, HiNS: ns})
	}
	return Config{Seed: 1, Replications: 2, Queries: 1000, Live: &LiveConfig{
		Experiment: "test", Models: []Model{{Config: cfg}}, TableScale: 0.01, Placements: []string{Shared},
		Arrivals: "poisson", Sizes: "production", MaxQuerySize: 1000, BatchSize: 64, Accel: record.None,
		Utilisation: []float64{0.05}, Seconds: 2,
	}}, node.NewCatalogue(rows, nil)
}

// Every run is compared in every way. A run that a busy machine did not let end
// in time is made again.
func TestLive(t *testing.T) {
	c, cat := liveConfig(t)
	var out Output
	for range 10 {
		var err error
		if out, err = Live(t.Context(), c, cat, silent); err != nil {
			t.Fatal(err)
		}
		if len(out.Live) > 0 {
			break
		}
	}
	var checks []string
	for _, r := range out.Rows {
		if !slices.Contains(checks, r.CheckName) {
			checks = append(checks, r.CheckName)
		}
		if !(r.Expected > 0) || !(r.Observed > 0) {
			t.Errorf("%s %s: expected %v, observed %v", r.CheckName, r.Metric, r.Expected, r.Observed)
		}
	}
	for _, want := range []string{"live", "now", "replay", "service", "drift"} {
		if !slices.Contains(checks, want) {
			t.Errorf("no row of check %s, only of %v", want, checks)
		}
	}
	if len(out.Live) != 1 || len(out.Twin) != 1 {
		t.Errorf("%d trials, %d twins", len(out.Live), len(out.Twin))
	}
}

// Service times that are the present curve, half of them a tenth above it, have
// exactly the drift between both curves, and the tenth is what idleness costs.
func TestServices(t *testing.T) {
	c, cat := liveConfig(t)
	b := bench{config: c, place: live.Placement{Engines: []int{0}}}
	var err error
	if b.node, err = cat.Node("ncf", engine, node.Machine{CPU: platform, Accel: record.None, Cores: 1}, node.Options{}); err != nil {
		t.Fatal(err)
	}
	scaled, err := cat.Scaled("ncf", platform, engine, func(int) float64 { return 1.2 }).
		Node("ncf", engine, node.Machine{CPU: platform, Accel: record.None, Cores: 1}, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got live.Result
	for batch := 1; batch <= 64; batch++ {
		took := time.Duration(scaled.Service.Table(1, batch))
		got.Served = append(got.Served, live.Service{Batch: batch, Took: took, Queued: true}, live.Service{Batch: batch, Took: took * 11 / 10})
	}
	for _, r := range b.services(got, scaled.Service) {
		want := map[string]float64{"drift": 0.2, "idle": 0.1}[r.CheckName]
		if r = judge(r); math.Abs(r.RelError-want) > 1e-4 {
			t.Errorf("%s: %v, want %v", r.CheckName, r.RelError, want)
		}
	}
	got.Served = got.Served[:1]
	if rows := b.services(got, scaled.Service); len(rows) != 1 {
		t.Errorf("without an idle request there are %d rows", len(rows))
	}
}

// A quantile whose interval is not known has none.
func TestTails(t *testing.T) {
	rows := tails(sim.Result{P95: 10, P95Lo: 9, P95Hi: 12}, sim.Result{P95: 11, P95Lo: 0, P95Hi: sim.Unbounded})
	p95 := rows[1]
	if p95.Metric != "p95_ns" || p95.Expected != 11 || p95.Observed != 10 || *p95.Lo != 9 || *p95.Hi != 12 || p95.ExpectedLo != nil {
		t.Errorf("%+v", p95)
	}
}
