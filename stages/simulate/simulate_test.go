package simulate

import (
	"cmp"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"runexp/stages/node"
	"runexp/stages/record"
)

// rows are two models on one CPU and one accelerator: slow takes four times as
// long as fast.
func rows() []record.LatencyCurve {
	var out []record.LatencyCurve
	for i, model := range []string{"fast", "slow"} {
		scale := int64(1 + 3*i)
		for _, batch := range []int32{1, 10, 100, 1000} {
			for _, workers := range []int32{1, 4} {
				out = append(out, record.LatencyCurve{
					Model: model, Platform: "cpu", Engine: record.EngineRunexp, Workers: workers, BatchSize: batch,
					LatencyNS: scale * (200_000 + 10_000*int64(batch)) * int64(8+workers) / 9,
				})
			}
			out = append(out, record.LatencyCurve{
				Model: model, Platform: "gpu", Engine: record.EngineAccel, Workers: 1, BatchSize: batch,
				LatencyNS: scale * (500_000 + 1_000*int64(batch)),
			})
		}
	}
	return out
}

// residuals let the CPU's times vary by a tenth either way.
func residuals() []record.LatencyResidual {
	var out []record.LatencyResidual
	for _, model := range []string{"fast", "slow"} {
		for i, q := range []float64{0, 0.5, 1} {
			out = append(out, record.LatencyResidual{
				Model: model, Platform: "cpu", Engine: record.EngineRunexp, BatchSize: 1, Quantile: q, Ratio: 0.9 + 0.1*float64(i),
			})
		}
	}
	return out
}

func config() Config {
	return Config{
		Experiment: "test", Seed: 1, Models: []string{"slow", "fast"}, Engines: []string{record.EngineRunexp},
		Nodes: []node.Machine{
			{CPU: "cpu", Accel: record.None, Cores: 4, Watts: node.Watts{CPUIdle: 40, CPUTDP: 120}},
			{CPU: "cpu", Accel: "gpu", Cores: 4, Accelerators: 1},
		},
		Servers: 1, Router: "random", Arrivals: "poisson", Sizes: "production", MaxQuerySize: 1000,
		Static: true, Policies: []Policy{{64, 0}, {64, 256}},
		Utilisation: []float64{0.9, 0.3, 0.6, 1.2}, RatesQPS: []float64{50}, Queries: 4000,
		Admission: []string{record.AdmitAll},
		Options:   node.Options{Colocation: true, Noise: true},
	}
}

func quiet(int, int, string) {}

func trials(t *testing.T, c Config) Output {
	t.Helper()
	out, err := Trials(t.Context(), c, rows(), residuals(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each rule of admission is a trial of its own. Under overload only one that
// turns queries away has a tail, and it answers as many in time as come at most.
func TestAdmission(t *testing.T) {
	c := config()
	c.Models, c.Policies, c.Utilisation, c.RatesQPS = []string{"fast"}, nil, []float64{0.5, 1.5}, nil
	c.Admission = []string{record.AdmitAll, "queue:5", "wait:1ms"}
	c.TargetNS = map[string]int64{"fast": 20e6}
	rows := trials(t, c).Trials
	if want := len(c.Nodes) * len(c.Utilisation) * len(c.Admission); len(rows) != want {
		t.Fatalf("%d trials, want %d", len(rows), want)
	}
	for _, r := range rows {
		over := r.RateQPS > rows[0].RateQPS*2
		sheds := r.Admission != record.AdmitAll
		if r.Stable != (!over || sheds) || (r.GoodQPS == nil) == r.Stable || *r.TargetNS != 20e6 {
			t.Errorf("%s at %v: stable %v, %v in time within %v", r.Admission, r.RateQPS, r.Stable, r.GoodQPS, r.TargetNS)
		}
		if (r.Shed > 0.1) != (over && sheds) || r.GoodQPS != nil && *r.GoodQPS > r.RateQPS*1.1 {
			t.Errorf("%s at %v: %v shed, %v in time", r.Admission, r.RateQPS, r.Shed, r.GoodQPS)
		}
	}
}

// A mix of servers that are all alike is the plain cluster of them, and under
// overload of the slow ones a router that does not look is stuck with them.
func TestMixes(t *testing.T) {
	c := config()
	c.Models, c.Nodes, c.Static, c.Policies, c.Utilisation, c.RatesQPS = []string{"fast"}, c.Nodes[:1], false, []Policy{{64, 0}}, []float64{0.7}, nil
	c.Servers, c.Router = 4, "po2"
	m := c.Nodes[0]
	c.Mixes = []node.Mix{{Name: "alike", Parts: []node.Part{{Machine: m, Servers: 1}, {Machine: m, Servers: 3}}}}
	rows := trials(t, c).Trials
	if len(rows) != 2 {
		t.Fatalf("%d trials", len(rows))
	}
	mix, plain := rows[0], rows[1] // "alike" sorts before "cpu"
	if mix.AccelPlatform != record.Mixed || mix.Servers != 4 || mix.Cores != 4*plain.Cores || mix.PowerW != nil {
		t.Errorf("key of the mix: %+v", mix)
	}
	mix.CPUPlatform, mix.AccelPlatform, mix.Cores, mix.PowerW, plain.PowerW = plain.CPUPlatform, plain.AccelPlatform, plain.Cores, nil, nil
	if !reflect.DeepEqual(mix, plain) {
		t.Errorf("a mix of four equals is not four of them:\n%+v\n%+v", mix, plain)
	}

	few := m
	few.Cores = 1
	c.Mixes, c.Utilisation, c.Static, c.Policies = []node.Mix{{Name: "differ", Parts: []node.Part{{Machine: m, Servers: 3}, {Machine: few, Servers: 1}}}}, []float64{0.7}, true, nil
	rate := map[string]float64{}
	for _, c.Router = range []string{"po2", "random"} {
		rows := slices.DeleteFunc(trials(t, c).Trials, func(r record.Trial) bool { return r.AccelPlatform != record.Mixed })
		if len(rows) != 1 || !rows[0].Stable || rows[0].BatchSize != 0 {
			t.Fatalf("%s: %+v", c.Router, rows)
		}
		rate[c.Router] = rows[0].RateQPS
	}
	if rate["random"] >= 0.5*rate["po2"] {
		t.Errorf("rates %v: a random router sends a quarter to the server with one core", rate)
	}
}

func TestTrialsCoverTheConfig(t *testing.T) {
	out := trials(t, config())
	// two models, five rates; static and 64 on both machines, 64/256 on one
	if want := 2 * 5 * (2 + 3); len(out.Trials) != want {
		t.Errorf("%d trials, want %d", len(out.Trials), want)
	}
	if !slices.IsSortedFunc(out.Trials, byKey) {
		t.Error("rows are not sorted by key")
	}
	for i, r := range out.Trials {
		if i > 0 && byKey(out.Trials[i-1], r) == 0 {
			t.Errorf("two rows of one key: %+v", r)
		}
		if r.OffloadThreshold > 0 && r.Accelerators == 0 {
			t.Errorf("offloads to nothing: %+v", r)
		}
		if r.Queries != 4000 || r.Experiment != "test" || r.Seed != 1 || r.SizeDist != "production" {
			t.Errorf("key or count: %+v", r)
		}
	}
	if !slices.ContainsFunc(out.Trials, func(r record.Trial) bool { return r.BatchSize == 250 }) {
		t.Error("the static policy of 4 cores has batch 1000/4 = 250")
	}
}

// Quantiles are there exactly where the trial is stable, ordered, and inside
// their intervals; the utilisation asked for is the one found.
func TestTrialsMeasure(t *testing.T) {
	c := config()
	for _, r := range trials(t, c).Trials {
		tail := []*int64{r.MeanNS, r.P50NS, r.P75NS, r.P90NS, r.P95NS, r.P99NS, r.P999NS, r.MaxNS, r.WaitNS}
		for _, q := range tail {
			if (q == nil) == r.Stable {
				t.Fatalf("stable is %v, a quantile %v: %+v", r.Stable, q, r)
			}
		}
		if !r.Stable {
			continue
		}
		for i := 2; i < 8; i++ {
			if *tail[i] < *tail[i-1] {
				t.Errorf("quantiles fall: %+v", r)
			}
		}
		if r.P95LoNS != nil && (*r.P95LoNS > *r.P95NS || *r.P95HiNS < *r.P95NS) {
			t.Errorf("p95 outside its interval: %+v", r)
		}
		if sum := *r.TailQueue + *r.TailStraggler + *r.TailAccel; sum < 0 || sum > 1+1e-9 {
			t.Errorf("shares of the tail add up to %v", sum)
		}
	}
}

func TestUtilisationIsReached(t *testing.T) {
	c := config()
	c.RatesQPS, c.Queries, c.Models = nil, 40_000, []string{"fast"}
	byUtil := func(r record.Trial) float64 { return max(r.CPUUtil, r.AccelUtil) }
	c.Utilisation = []float64{0.95}
	for _, r := range trials(t, c).Trials {
		if math.Abs(byUtil(r)-0.95) > 0.03 {
			t.Errorf("at 0.95 of the capacity the busiest device is busy %v: %+v", byUtil(r), r)
		}
	}
	c.Utilisation = []float64{1.2}
	for _, r := range trials(t, c).Trials {
		if r.Stable {
			t.Errorf("stable at 1.2 of the capacity: %+v", r)
		}
	}
}

// Without co-location a node is a plain FIFO queue, and all rates see the same
// queries: tails cannot fall as the rate rises.
func TestTailsRiseWithTheRate(t *testing.T) {
	c := config()
	c.Options = node.Options{}
	c.Utilisation = []float64{0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95}
	byPolicy := func(a, b record.Trial) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.AccelPlatform, b.AccelPlatform), cmp.Compare(a.BatchSize, b.BatchSize), cmp.Compare(a.OffloadThreshold, b.OffloadThreshold))
	}
	var before *record.Trial
	for _, r := range trials(t, c).Trials {
		if r.Stable && before != nil && byPolicy(*before, r) == 0 && *r.P95NS < *before.P95NS {
			t.Errorf("p95 falls from %v at %v to %v at %v", *before.P95NS, before.RateQPS, *r.P95NS, r.RateQPS)
		}
		if r.Stable {
			before = &r
		}
	}
}

func TestPowerIsIdlePlusUse(t *testing.T) {
	for _, r := range trials(t, config()).Trials {
		if r.Accelerators > 0 {
			if r.PowerW != nil {
				t.Errorf("watts of a machine whose watts are not known: %v", *r.PowerW)
			}
			continue
		}
		if want := 40 + 80*r.CPUUtil; r.PowerW == nil || math.Abs(*r.PowerW-want) > 1e-9 {
			t.Errorf("power %v, want %v", r.PowerW, want)
		}
	}
}

func TestWorkersChangeNothing(t *testing.T) {
	c := config()
	var want Output
	for _, workers := range []int{1, 2, 7} {
		c.Workers = workers
		out := trials(t, c)
		if workers == 1 {
			want = out
		} else if !reflect.DeepEqual(out, want) {
			t.Errorf("%d workers give other rows", workers)
		}
	}
}

func TestClusters(t *testing.T) {
	c := config()
	c.Servers, c.Router, c.Nodes = 3, "jsq", c.Nodes[:1]
	c.RatesQPS, c.Utilisation = nil, []float64{0.5}
	one := config()
	one.Nodes, one.RatesQPS, one.Utilisation = one.Nodes[:1], nil, []float64{0.5}
	three, single := trials(t, c).Trials, trials(t, one).Trials
	for i, r := range three {
		if math.Abs(r.RateQPS/(3*single[i].RateQPS)-1) > 1e-3 {
			t.Errorf("half of three servers is %v, of one %v", r.RateQPS, single[i].RateQPS)
		}
		if *r.P95NS > *single[i].P95NS {
			t.Errorf("sharing queues made the tail longer: %v, alone %v", *r.P95NS, *single[i].P95NS)
		}
	}
}

func TestMissingCurvesAreWarnings(t *testing.T) {
	c := config()
	c.Models = append(c.Models, "unknown")
	out := trials(t, c)
	if len(out.Warnings) != 2 || !strings.HasPrefix(out.Warnings[0], "unknown: no latency curve on cpu + none") {
		t.Errorf("warnings %q", out.Warnings)
	}
	c.Models = []string{"unknown"}
	if _, err := Trials(t.Context(), c, rows(), residuals(), quiet); err == nil {
		t.Error("nothing to simulate is no error")
	}
}

func TestTrialsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	c := config()
	c.Workers = 1
	_, err := Trials(ctx, c, rows(), residuals(), func(done, total int, what string) {
		if steps++; steps == 3 {
			cancel()
		}
		if done != steps || total != 50 || what == "" {
			t.Errorf("step %d: %d of %d, %q", steps, done, total, what)
		}
	})
	if !errors.Is(err, context.Canceled) || steps > 4 {
		t.Errorf("cancelled after 3 trials: %d ran, err %v", steps, err)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		why  string
		edit func(*Config)
		want string
	}{
		{"no model", func(c *Config) { c.Models = nil }, "models: none given"},
		{"no engine", func(c *Config) { c.Engines = nil }, "engines: none given"},
		{"no machine", func(c *Config) { c.Nodes = nil }, "nodes: none given"},
		{"a machine without cores", func(c *Config) { c.Nodes[0].Cores = 0 }, "nodes: cpu: cores: 0 is not at least 1"},
		{"no policy", func(c *Config) { c.Static, c.Policies = false, nil }, "policies: none given, and static is off"},
		{"batch of nothing", func(c *Config) { c.Policies[0].BatchSize = 0 }, "policies: batch_size: 0 is not at least 1"},
		{"no rate", func(c *Config) { c.Utilisation, c.RatesQPS = nil, nil }, "utilisation: no rate given, nor in rates_qps"},
		{"a rate of nothing", func(c *Config) { c.RatesQPS[0] = 0 }, "rates_qps: 0 is not a rate in (0, 1e12)"},
		{"utilisation not a number", func(c *Config) { c.Utilisation[0] = math.NaN() }, "utilisation: NaN is not a share of the capacity in (0, 10)"},
		{"no server", func(c *Config) { c.Servers = 0 }, "servers: 0 is not at least 1"},
		{"no query", func(c *Config) { c.Queries = 0 }, "queries: 0 is not at least 1"},
	} {
		cfg := config()
		c.edit(&cfg)
		if err := cfg.Validate(); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.why, err, c.want)
		}
	}
	for _, edit := range []func(*Config){
		func(c *Config) { c.Arrivals = "sometimes" },
		func(c *Config) { c.Sizes = "large" },
	} {
		cfg := config()
		edit(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("accepted %q arrivals of %q sizes", cfg.Arrivals, cfg.Sizes)
		}
	}
}

// A failure that no query of a trial lives to see is said to be one.
func TestFailureAfterTheEnd(t *testing.T) {
	c := config()
	c.Servers, c.Failures = 2, []string{"0@1ms+1ms", "1@100000s+1s"}
	out := trials(t, c)
	felt := func(w string) bool {
		return strings.HasPrefix(w, "failure 1@100000s+1s comes after the last query of ")
	}
	if len(out.Warnings) != 1 || !felt(out.Warnings[0]) {
		t.Errorf("warnings %q", out.Warnings)
	}
}
