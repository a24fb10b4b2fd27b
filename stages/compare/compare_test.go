package compare

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

var targets = []string{"low", "medium", "high"}

func config() Config {
	c := Config{CPU: "cpu", Accel: "gpu", Tolerance: 0.05, Crossovers: []Crossover{{"din", 8, 8}, {"ncf", 100, 100}}}
	for i, target := range targets {
		c.Means = append(c.Means, Mean{target, math.Sqrt(2 * 1.2), math.Sqrt(2 * 5), math.Sqrt(2.5)})
		rise := 1 + 0.5*float64(i)
		c.Gains = append(c.Gains, Gain{"din", target, rise, 2 * rise, 2 * rise, 1}, Gain{"ncf", target, rise, 1.2 * rise, 5 * rise, 2.5})
	}
	return c
}

// as are operating points that agree with what was published, but for what
// change makes of them.
func as(change func(*record.OperatingPoint)) []record.OperatingPoint {
	var rows []record.OperatingPoint
	add := func(model, target, accel, policy string, qps, perWatt float64) {
		r := record.OperatingPoint{Model: model, CPUPlatform: "cpu", Engine: "reference", AccelPlatform: accel, Servers: 1, SizeDist: "production", TunedOn: "production",
			Objective: "qps", Target: target, Policy: policy, BatchSize: 64, MaxQPS: qps, MaxQPSLo: 0.99 * qps, MaxQPSHi: 1.01 * qps, QPSPerWatt: &perWatt}
		if accel != record.None {
			r.OffloadThreshold = 300
		}
		if change(&r); r.MaxQPS > 0 {
			rows = append(rows, r)
		}
	}
	for _, g := range config().Gains {
		const base, watts = 100, 250
		static := base * g.Static
		add(g.Model, g.Target, record.None, "static", static, static/watts)
		add(g.Model, g.Target, record.None, "deeprecsched", base*g.CPU, base*g.CPU/watts)
		add(g.Model, g.Target, "gpu", "deeprecsched", base*g.Accel, static/watts*g.AccelQPSPerWatt)
	}
	return rows
}

func speedups() []record.AccelLatency {
	var rows []record.AccelLatency
	for _, m := range []string{"din", "ncf"} {
		for i, v := range []float64{0.5, 0.75, 1.25} { // passes 1 at the geometric mean of 4 and 16
			rows = append(rows, record.AccelLatency{Model: m, Platform: "gpu", Source: record.PublishedRatio, BatchSize: 1 << (2 * i), Speedup: &v})
		}
	}
	return rows
}

func compared(t *testing.T, points []record.OperatingPoint) []record.PaperCheck {
	t.Helper()
	rows, err := Rows(config(), points, speedups())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Where our points are the published ones every ratio is 1 and every statement
// holds, but for the one crossover that the speed-ups contradict.
func TestAgreement(t *testing.T) {
	rows := compared(t, as(func(*record.OperatingPoint) {}))
	statements := 0
	for _, r := range rows {
		if r.Ratio != nil && r.Check != Crossing && math.Abs(*r.Ratio-1) > 1e-9 {
			t.Errorf("%s %s %s: ratio %v", r.Check, r.Model, r.Target, *r.Ratio)
		}
		if r.Check == CPUGain && r.Model == "din" && (math.Abs(*r.OursLo-2*0.99/1.01) > 1e-9 || math.Abs(*r.OursHi-2*1.01/0.99) > 1e-9) {
			t.Errorf("interval %v..%v: both rates at their worst", *r.OursLo, *r.OursHi)
		}
		if r.Pass == nil || r.Check == GainsGrow { // the made-up gains do not grow
			continue
		}
		statements++
		if *r.Pass != (r.Check != Crossing || r.Model == "din") {
			t.Errorf("%s %s %s: %q passes: %v", r.Check, r.Model, r.Target, r.Statement, *r.Pass)
		}
	}
	if statements != 9+6+3+6+2 {
		t.Errorf("%d statements", statements)
	}
}

// Rows changed for the same Config and inputs: bump Version, then take the new
// digest.
func TestDigest(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors fuse multiplications and additions")
	}
	rows, err := json.Marshal(compared(t, as(func(*record.OperatingPoint) {})))
	if err != nil {
		t.Fatal(err)
	}
	const want = "v2 f5ed0f7df67d6da6"
	if got := fmt.Sprintf("v%d %.8x", Version, sha256.Sum256(rows)); got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}

// A statement fails when what it speaks of changes, and no sooner than the
// digitised figure's error allows.
func TestStatementsFail(t *testing.T) {
	gpu := func(model string, by float64) func(*record.OperatingPoint) {
		return func(r *record.OperatingPoint) {
			if r.Model == model && r.AccelPlatform == "gpu" {
				r.MaxQPS *= by
			}
		}
	}
	for _, tc := range []struct {
		why, check string
		change     func(*record.OperatingPoint)
		want       bool
	}{
		{"12 % more is within 1.1 x and 5 %", "din_accel_over_cpu", gpu("din", 1.12), true},
		{"20 % more is not almost nothing", "din_accel_over_cpu", gpu("din", 1.2), false},
		{"4.6 is about 5", "ncf_accel_gain", gpu("ncf", 0.92), true},
		{"3 is not", "ncf_accel_gain", gpu("ncf", 0.6), false},
		{"no point for the model, nothing holds", "ncf_cpu_gain", gpuless("ncf"), false},
		{"four times the watts, and the CPU wins", CPUPerWatt, func(r *record.OperatingPoint) {
			if r.AccelPlatform == "gpu" && r.Model == "ncf" {
				*r.QPSPerWatt /= 4
			}
		}, false},
	} {
		for _, r := range compared(t, as(tc.change)) {
			if r.Check == tc.check && r.Model != "din" == !strings.HasPrefix(tc.check, "din") && *r.Pass != tc.want {
				t.Errorf("%s: %s %s passes: %v", tc.why, r.Check, r.Target, *r.Pass)
			}
		}
	}
}

func gpuless(model string) func(*record.OperatingPoint) {
	return func(r *record.OperatingPoint) {
		if r.Model == model {
			r.MaxQPS = 0
		}
	}
}

// Tuning on other sizes, other CPUs, and what was chosen have rows of their
// own.
func TestOwnColumns(t *testing.T) {
	points := as(func(*record.OperatingPoint) {})
	for _, r := range as(func(*record.OperatingPoint) {}) {
		if r.Policy == "deeprecsched" && r.AccelPlatform == record.None {
			tuned, other := r, r
			tuned.TunedOn, tuned.MaxQPS = "lognormal:5.1,0.2", 0.8*r.MaxQPS
			other.CPUPlatform, other.MaxQPS = "old", 0.5*r.MaxQPS
			points = append(points, tuned, other)
		}
	}
	want := map[string]float64{TunedElse: 0.8, OtherPlatform: 0.5, Batch: 64, Threshold: 300}
	count := map[string]int{}
	for _, r := range compared(t, points) {
		if v, ok := want[r.Check]; ok {
			count[r.Check]++
			if math.Abs(*r.Ours-v) > 1e-9 || r.Published != nil {
				t.Errorf("%s %s: %v, want %v", r.Check, r.Model, *r.Ours, v)
			}
		}
	}
	for check, n := range map[string]int{TunedElse: 6, OtherPlatform: 6, Batch: 18, Threshold: 6} {
		if count[check] != n {
			t.Errorf("%s: %d rows, want %d", check, count[check], n)
		}
	}
}

// A policy tuned on other sizes that meets the target at no rate keeps nothing.
func TestNothingKept(t *testing.T) {
	points := as(func(*record.OperatingPoint) {})
	failed := points[slices.IndexFunc(points, func(r record.OperatingPoint) bool { return r.Policy == "deeprecsched" })]
	failed.TunedOn, failed.MaxQPS = "lognormal:5.1,0.2", 0
	for _, r := range compared(t, append(points, failed)) {
		if r.Check == TunedElse && (r.Ours == nil || *r.Ours != 0) {
			t.Errorf("%+v", r)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.CPU = "" }, "compare: no machine"},
		{func(c *Config) { c.Gains = nil }, "compare: nothing was published"},
		{func(c *Config) { c.Tolerance = 1 }, "compare: tolerance: 1"},
	} {
		c := config()
		tc.change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("got %v, want %s", err, tc.want)
		}
	}
}

// The stage reads both tables, writes what Rows returns and warns of what does
// not hold.
func TestStage(t *testing.T) {
	before := []pipeline.Stage{
		{Name: "accel", Version: 1, Tables: []artifact.Table{artifact.TableOf[record.AccelLatency]("accel_latency")},
			Run: func(_ context.Context, t *pipeline.Task) error { return pipeline.Write(t, "accel_latency", speedups()) }},
		{Name: "optimize", Version: 1, Tables: []artifact.Table{artifact.TableOf[record.OperatingPoint]("operating_point")},
			Run: func(_ context.Context, t *pipeline.Task) error {
				return pipeline.Write(t, "operating_point", as(func(*record.OperatingPoint) {}))
			}},
	}
	g, err := pipeline.NewGraph("test", append(before, New(config()))...)
	if err != nil {
		t.Fatal(err)
	}
	results := t.TempDir()
	s, err := g.Run(t.Context(), pipeline.Options{Results: results, Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := artifact.ReadFile[record.PaperCheck](filepath.Join(results, "test", "paper_check.parquet"))
	if want := compared(t, as(func(*record.OperatingPoint) {})); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the table is not what Rows returns: %v", err)
	}
	for _, st := range s.Stages {
		if st.Name == "compare" && len(st.Warnings) != 3 { // the crossover, and gains that do not grow
			t.Errorf("warnings %q", st.Warnings)
		}
	}
}
