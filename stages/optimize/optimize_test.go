package optimize

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/node"
	"runexp/stages/record"
)

// rows are a model whose requests cost 0.4 ms + 0.02 ms an item on a core, a
// ninth more for each further active core, and 1 ms + 0.002 ms on the
// accelerator: large requests are efficient, and large queries pay there.
func rows() []record.LatencyCurve {
	var out []record.LatencyCurve
	for _, batch := range []int32{1, 10, 100, 1000} {
		for _, workers := range []int32{1, 4} {
			out = append(out, record.LatencyCurve{
				Model: "m", Platform: "cpu", Engine: record.EngineRunexp, Workers: workers, BatchSize: batch,
				LatencyNS: (400_000 + 20_000*int64(batch)) * int64(8+workers) / 9,
			})
		}
		out = append(out, record.LatencyCurve{
			Model: "m", Platform: "gpu", Engine: record.EngineAccel, Workers: 1, BatchSize: batch,
			LatencyNS: 1_000_000 + 2_000*int64(batch),
		})
	}
	return out
}

func config() Config {
	watts := node.Watts{CPUIdle: 40, CPUTDP: 120, AccelIdle: 60, AccelTDP: 300}
	return Config{
		Seed: 1, Models: []Model{{"m", 20e6}}, Targets: DefaultTargets(), Engines: []string{record.EngineRunexp},
		Nodes: []node.Machine{
			{CPU: "cpu", Accel: record.None, Cores: 4, Watts: watts, PricePerHour: 0.5},
			{CPU: "cpu", Accel: "gpu", Cores: 4, Accelerators: 1, Watts: watts, PricePerHour: 2},
		},
		Servers: 1, Router: "random", Arrivals: "poisson", Sizes: "production", MaxQuerySize: 1000,
		Policies: PolicyNames(), Objectives: []string{QPS},
		Batches:    []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000},
		Thresholds: []int{1, 128, 256, 512},
		Queries:    4000, Tolerance: 0.01, MapTolerance: 0.1,
		Options: node.Options{Colocation: true},
	}
}

func quiet(int, int, string) {}

func points(t *testing.T, c Config) Output {
	t.Helper()
	out, err := Points(t.Context(), c, rows(), nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cellOf is what one row shares with the others of its cell.
func cellOf(p record.OperatingPoint) Cell {
	return Cell{p.Model, p.Target, p.CPUPlatform, p.AccelPlatform, p.Engine}
}

func byPolicy(ps []record.OperatingPoint) map[Cell]map[string]record.OperatingPoint {
	out := map[Cell]map[string]record.OperatingPoint{}
	for _, p := range ps {
		if out[cellOf(p)] == nil {
			out[cellOf(p)] = map[string]record.OperatingPoint{}
		}
		out[cellOf(p)][p.Policy] = p
	}
	return out
}

func TestPointsCoverTheConfig(t *testing.T) {
	out := points(t, config())
	if want := 2 * 3 * 5; len(out.Points) != want {
		t.Fatalf("%d points, want %d", len(out.Points), want)
	}
	sims := map[[2]any]int64{}
	for _, p := range out.Probes {
		key := [2]any{Cell{p.Model, p.Target, p.CPUPlatform, p.AccelPlatform, p.Engine}, p.Policy}
		if p.Step != int32(sims[key]) {
			t.Fatalf("step %d follows %d: %+v", p.Step, sims[key]-1, p)
		}
		sims[key]++
	}
	for _, p := range out.Points {
		if p.Status != "converged" || p.MaxQPSLo > p.MaxQPS || p.MaxQPSHi <= p.MaxQPS {
			t.Errorf("not found, or outside its interval: %+v", p)
		}
		if n := sims[[2]any{cellOf(p), p.Policy}]; n != p.Sims {
			t.Errorf("%s: %d simulations, %d probes", p.Policy, p.Sims, n)
		}
		if p.AccelPlatform == record.None && p.OffloadThreshold != 0 {
			t.Errorf("offloads to nothing: %+v", p)
		}
		if p.Policy == "static" && (p.BatchSize != 250 || p.OffloadThreshold != 0 || *p.GainOverStatic != 1) {
			t.Errorf("the baseline splits 1000 over 4 cores: %+v", p)
		}
	}
	if want := 3 * (12 + 12*5); len(out.Map) != want { // 11 batches and the baseline's; 4 thresholds and never
		t.Errorf("%d entries of the map, want %d", len(out.Map), want)
	}
}

func TestPointsCompareSearches(t *testing.T) {
	for cell, by := range byPolicy(points(t, config()).Points) {
		best := by["exhaustive"].MaxQPS
		for name, p := range by {
			if gain := p.MaxQPS / by["static"].MaxQPS; math.Abs(*p.GainOverStatic-gain) > 1e-12 {
				t.Errorf("%v: %s: gain %v, want %v", cell, name, *p.GainOverStatic, gain)
			}
			if regret := 1 - p.MaxQPS/best; math.Abs(*p.Regret-regret) > 1e-12 {
				t.Errorf("%v: %s: regret %v, want %v", cell, name, *p.Regret, regret)
			}
			if name == "static" || name == "deeprecsched" { // their policies are on the grid
				if *p.Regret < 0 {
					t.Errorf("%v: %s beats the oracle of its own grid", cell, name)
				}
			}
		}
		if drs := by["deeprecsched"]; cell.Accel != record.None && drs.Sims >= by["exhaustive"].Sims {
			t.Errorf("%v: climbing took %d simulations, the whole grid %d", cell, drs.Sims, by["exhaustive"].Sims)
		}
	}
}

// The row says what a simulation says: at max_qps the policy meets the target
// with that p95, one lattice step above it does not.
func TestPointsHoldWhenSimulatedAfresh(t *testing.T) {
	c := config()
	arrivals, _ := load.ParseArrivals(c.Arrivals)
	sizes, _ := load.ParseSizes(c.Sizes, c.MaxQuerySize)
	cat := node.NewCatalogue(rows(), nil)
	for _, p := range points(t, c).Points {
		m := c.Nodes[0]
		if p.AccelPlatform != record.None {
			m = c.Nodes[1]
		}
		n, err := cat.Node(p.Model, p.Engine, m, c.Options)
		if err != nil {
			t.Fatal(err)
		}
		run := func(rate float64) sim.Result {
			r, err := sim.Run(t.Context(), sim.Config{
				Nodes: []sim.Node{n}, Policy: policy.Policy{BatchSize: int(p.BatchSize), OffloadThreshold: int(p.OffloadThreshold)},
				Arrivals: arrivals, Sizes: sizes, RateQPS: rate, Queries: c.Queries, Warmup: sim.DefaultWarmup(c.Queries, 1), Seed: c.Seed,
			})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		at := run(p.MaxQPS)
		if !at.Stable || at.P95.Nanoseconds() != *p.P95NS || *p.P95NS > p.SLANS || at.AchievedIPS != p.MaxIPS {
			t.Errorf("%s %s: p95 %v at max_qps, the row says %v of %v", p.Target, p.Policy, at.P95, *p.P95NS, p.SLANS)
		}
		if above := run(p.MaxQPS * 1.01); above.Stable && above.P95.Nanoseconds() <= p.SLANS {
			t.Errorf("%s %s: meets at 1 %% above max_qps too", p.Target, p.Policy)
		}
		watts := *m.PowerW(1, at.CPUUtil, at.AccelUtil)
		if math.Abs(*p.PowerW-watts) > 1e-9 || math.Abs(*p.QPSPerWatt-p.MaxQPS/watts) > 1e-9 {
			t.Errorf("power %v, want %v", *p.PowerW, watts)
		}
		if want := p.MaxQPS * 3600 / m.PricePerHour; math.Abs(*p.QPSPerDollar-want) > 1e-6 {
			t.Errorf("queries per dollar %v, want %v", *p.QPSPerDollar, want)
		}
	}
}

// A looser target never serves fewer queries by the best policy, nor does an
// accelerator that the search may leave idle.
func TestOracleOrders(t *testing.T) {
	cells := byPolicy(points(t, config()).Points)
	at := func(target, accel string) float64 {
		return cells[Cell{"m", target, "cpu", accel, record.EngineRunexp}]["exhaustive"].MaxQPS
	}
	for _, accel := range []string{record.None, "gpu"} {
		if !(at("low", accel) <= at("medium", accel) && at("medium", accel) <= at("high", accel)) {
			t.Errorf("%s: %v, %v, %v at low, medium, high", accel, at("low", accel), at("medium", accel), at("high", accel))
		}
	}
	for _, target := range []string{"low", "medium", "high"} {
		if at(target, "gpu") < at(target, record.None) {
			t.Errorf("%s: %v with an accelerator, %v without", target, at(target, "gpu"), at(target, record.None))
		}
	}
}

func TestWorkersChangeNothing(t *testing.T) {
	c := config()
	c.TunedOn = []string{"lognormal:5.1,0.2"}
	var want Output
	for _, workers := range []int{1, 2, 5} {
		c.Workers = workers
		out := points(t, c)
		if workers == 1 {
			want = out
		} else if !reflect.DeepEqual(out, want) {
			t.Errorf("%d workers give other rows", workers)
		}
	}
}

func TestOracleRunsWhereAsked(t *testing.T) {
	c := config()
	for _, spec := range []string{"*/low/*/none", "m/high/cpu/gpu/runexp"} {
		cell, err := ParseCell(spec)
		if err != nil {
			t.Fatal(err)
		}
		c.Oracle = append(c.Oracle, cell)
	}
	for cell, by := range byPolicy(points(t, c).Points) {
		_, got := by["exhaustive"]
		if want := cell.Target == "low" && cell.Accel == record.None || cell.Target == "high" && cell.Accel == "gpu"; got != want {
			t.Errorf("%v: oracle ran is %v", cell, got)
		}
		if got != (by["static"].Regret != nil) {
			t.Errorf("%v: regret without an oracle, or none with one", cell)
		}
	}
	for _, bad := range []string{"", "m", "m/low/cpu", "m//cpu/none", "a/b/c/d/e/f"} {
		if _, err := ParseCell(bad); err == nil {
			t.Errorf("cell %q was accepted", bad)
		}
	}
}

// Tuning on other sizes costs: the policy chosen there serves here no more than
// the one chosen here, as far as the climb found the best.
func TestTunedOnOtherSizes(t *testing.T) {
	c := config()
	c.Policies, c.Targets, c.Nodes = []string{"static", "deeprecsched"}, c.Targets[:1], c.Nodes[1:]
	c.TunedOn = []string{"production", "fixed:30"}
	out := points(t, c)
	var own, other *record.OperatingPoint
	for _, p := range out.Points {
		switch {
		case p.SizeDist != "production":
			t.Errorf("serves %s", p.SizeDist)
		case p.Policy == "deeprecsched" && p.TunedOn == "production":
			own = &p
		case p.Policy == "deeprecsched" && p.TunedOn == "fixed:30":
			other = &p
		}
	}
	if len(out.Points) != 3 || own == nil || other == nil {
		t.Fatalf("%d points, want static and deeprecsched tuned on each", len(out.Points))
	}
	if other.BatchSize == own.BatchSize && other.OffloadThreshold == own.OffloadThreshold || other.MaxQPS > own.MaxQPS {
		t.Errorf("tuned on 30 items: %d/%d at %v; on production: %d/%d at %v", other.BatchSize, other.OffloadThreshold, other.MaxQPS, own.BatchSize, own.OffloadThreshold, own.MaxQPS)
	}
}

func TestObjectives(t *testing.T) {
	c := config()
	c.Objectives = Objectives()
	c.Policies, c.Targets, c.Nodes = []string{"static", "exhaustive"}, c.Targets[1:2], c.Nodes[1:]
	best := map[string]record.OperatingPoint{}
	for _, p := range points(t, c).Points {
		if p.Policy == "exhaustive" {
			best[p.Objective] = p
		}
	}
	if a, b := best[QPS], best[QPSPerWatt]; a.MaxQPS < b.MaxQPS || *a.QPSPerWatt > *b.QPSPerWatt {
		t.Errorf("most queries: %v at %v a watt; most per watt: %v at %v", a.MaxQPS, *a.QPSPerWatt, b.MaxQPS, *b.QPSPerWatt)
	}
	a, b := best[QPS], best[QPSPerDollar]
	b.Objective = QPS
	if !reflect.DeepEqual(a, b) {
		t.Errorf("queries and queries per dollar differ on one machine: %+v, %+v", a, b)
	}
}

func TestInfeasibleTargetsAreSaid(t *testing.T) {
	c := config()
	c.Models[0].SLANS = 9e5 // one item alone takes 0.42 ms, a query much longer
	out := points(t, c)
	for _, p := range out.Points {
		if p.Status != "infeasible" || p.MaxQPS != 0 || p.P95NS != nil || p.GainOverStatic != nil {
			t.Errorf("%+v", p)
		}
	}
	if len(out.Warnings) != len(out.Points) || !strings.Contains(out.Warnings[0], "infeasible: p95 of an idle system is") || !strings.Contains(out.Warnings[0], "the target is 450µs") {
		t.Errorf("warnings %q", out.Warnings)
	}
}

func TestPointsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := config()
	c.Workers = 1
	steps := 0
	_, err := Points(ctx, c, rows(), nil, func(done, total int, what string) {
		if steps++; steps == 2 {
			cancel()
		}
		if done != steps || total != 6 || what == "" {
			t.Errorf("step %d: %d of %d, %q", steps, done, total, what)
		}
	})
	if !errors.Is(err, context.Canceled) || steps != 2 {
		t.Errorf("cancelled after 2 cells: %d ran, err %v", steps, err)
	}
}

func TestMissingCurvesAreWarnings(t *testing.T) {
	c := config()
	c.Models = append(c.Models, Model{"unknown", 1e6})
	c.Policies = []string{"static"}
	if out := points(t, c); len(out.Warnings) != 2 || !strings.HasPrefix(out.Warnings[0], "unknown: no latency curve on cpu + none") {
		t.Errorf("warnings %q", out.Warnings)
	}
	c.Models = c.Models[1:]
	if _, err := Points(t.Context(), c, rows(), nil, quiet); err == nil {
		t.Error("nothing to tune is no error")
	}
}

func TestCurveLimitIsNamed(t *testing.T) {
	c := config()
	short := slices.DeleteFunc(rows(), func(r record.LatencyCurve) bool { return r.BatchSize > 100 })
	if _, err := Points(t.Context(), c, short, nil, quiet); err == nil || !strings.Contains(err.Error(), "m on cpu (runexp)") {
		t.Errorf("a batch past the last row: error %v", err)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		why  string
		edit func(*Config)
		want string
	}{
		{"no model", func(c *Config) { c.Models = nil }, "models: none given"},
		{"no target", func(c *Config) { c.Targets = nil }, "targets: none given"},
		{"no policy", func(c *Config) { c.Policies = nil }, "policies: none given"},
		{"no objective", func(c *Config) { c.Objectives = nil }, "objectives: none given"},
		{"target of nothing", func(c *Config) { c.Models[0].SLANS = 0 }, "models: m: target of 0 ns is not positive"},
		{"factor of nothing", func(c *Config) { c.Targets = []Target{{"x", 0}} }, "targets: x: factor 0 is not in (0, 1000)"},
		{"unknown policy", func(c *Config) { c.Policies = []string{"luck"} }, `policies: unknown policy "luck"; known: static, deeprecsched, seed_hillclimb, joint, exhaustive`},
		{"unknown objective", func(c *Config) { c.Objectives = []string{"fun"} }, `objectives: unknown objective "fun"; known: qps, qps_per_watt, qps_per_dollar`},
		{"watts not known", func(c *Config) { c.Objectives, c.Nodes[0].Watts = Objectives(), node.Watts{} }, "objectives: qps_per_watt: the watts of cpu + none are not known"},
		{"price not known", func(c *Config) { c.Objectives, c.Nodes[0].PricePerHour = Objectives(), 0 }, "objectives: qps_per_dollar: the price of cpu + none is not known"},
		{"grid out of order", func(c *Config) { c.Batches = []int{2, 1} }, "batches: 1 follows 2"},
		{"no queries", func(c *Config) { c.Queries = 0 }, "queries: 0 is not at least 1"},
		{"tolerance", func(c *Config) { c.Tolerance = 2 }, "tolerance: 2 is not between 0 and 1"},
	} {
		cfg := config()
		c.edit(&cfg)
		if err := cfg.Validate(); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.why, err, c.want)
		}
	}
}

func TestDefaultGridEndsAtTheLargestQuery(t *testing.T) {
	c := config()
	c.Batches, c.Thresholds = nil, nil
	for _, maxQuery := range []int{1, 64, 100, 1000, 4000} {
		c.MaxQuerySize = maxQuery
		s := c.space(c.Nodes[0])
		if err := s.Validate(); err != nil || s.Batches[len(s.Batches)-1] != maxQuery {
			t.Errorf("largest query %d: batches %v, err %v", maxQuery, s.Batches, err)
		}
	}
}
