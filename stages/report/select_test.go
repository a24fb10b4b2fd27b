package report

import (
	"math"
	"slices"
	"testing"
	"time"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// Crossings of the published GTX 1080 Ti curves, against the batch sizes that
// were read off the same curves independently.
func TestCrossover(t *testing.T) {
	for _, tc := range []struct {
		name     string
		speedups []float64 // at 1, 4, 16, 64, 256, 1024
		want     float64
	}{
		{"rm2", []float64{0.4356, 0.7218, 1.0195, 1.1882, 1.1801, 1.1727}, 15},
		{"wnd", []float64{0.4724, 0.6174, 0.8245, 1.6274, 3.2857, 4.6154}, 22},
		{"ncf", []float64{0.2486, 0.3316, 0.3735, 0.9506, 1.7106, 2.916}, 70},
		{"din", []float64{0.2535, 0.2753, 0.4164, 0.5416, 0.9697, 1.3579}, 285},
		{"never", []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, 0},
		{"always", []float64{1.1, 1.2, 1.3, 1.4, 1.5, 1.6}, 0},
		{"falls back under 1 at the end", []float64{0.5, 1.5, 1.5, 1.5, 1.2, 0.9}, 0},
		{"crosses twice: from the last rise on", []float64{0.5, 1.5, 0.5, 1.5, 1.5, 1.5}, 32},
	} {
		var points []figure.SpeedupPoint
		for i, s := range tc.speedups {
			points = append(points, figure.SpeedupPoint{Batch: batches[i], Speedup: s})
		}
		if got := crossover(points); math.Abs(got-tc.want) > 0.03*tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// What encloses a crossing are those of the ends of the intervals; an end that
// never falls below or rises above 1 reaches to the first batch, or past the last.
func TestCrossRange(t *testing.T) {
	points := func(spread float64) (list []figure.SpeedupPoint) {
		for _, batch := range []int{2, 4, 16, 64} {
			s := math.Log2(float64(batch)) / 3 // straight in log batch, 1 at 8
			list = append(list, figure.SpeedupPoint{Batch: batch, Speedup: s, Lo: s / spread, Hi: s * spread})
		}
		return list
	}
	for spread, want := range map[float64][2]float64{1: {8, 8}, 1.5: {4, 22.6}, 10: {2, math.Inf(1)}} {
		lo, hi := crossRange(points(spread))
		if math.Abs(lo-want[0]) > 1 || hi != want[1] && math.Abs(hi-want[1]) > 2 {
			t.Errorf("spread %v: %v to %v, want %v", spread, lo, hi, want)
		}
	}
	l := figure.SpeedupLine{Points: points(10), Crossover: 8, CrossLo: 2, CrossHi: math.Inf(1)}
	if got := l.Range(significant); got != "8 (2–64+)" {
		t.Error(got)
	}
}

func TestReadingACurve(t *testing.T) {
	curve := []figure.LatencyKnot{
		{Batch: 1, Latency: 100, Lo: 90, Hi: 120}, {Batch: 4, Latency: 200, Lo: 180, Hi: 240}, {Batch: 16, Latency: 800, Lo: 700, Hi: 900}}
	for _, tc := range []struct {
		name  string
		batch int
		want  time.Duration
		ok    bool
	}{
		{"first knot", 1, 100, true},
		{"a knot is returned exactly", 4, 200, true},
		{"half way in log batch is the geometric mean", 8, 400, true},
		{"past the end", 17, 0, false},
	} {
		k, ok := at(curve, tc.batch)
		if ok != tc.ok || k.Latency != tc.want {
			t.Errorf("%s: %v %v, want %v", tc.name, k.Latency, ok, tc.want)
		}
	}
	if _, ok := at(curve[1:], 2); ok {
		t.Error("before the first knot: read")
	}
	if _, ok := at(nil, 2); ok {
		t.Error("no curve: read")
	}
}

func TestThin(t *testing.T) {
	var all []figure.LatencyKnot
	for b := 10; b <= 1000; b += 10 {
		all = append(all, figure.LatencyKnot{Batch: b})
	}
	kept := thin(all)
	if kept[0].Batch != 10 || kept[len(kept)-1].Batch != 1000 || len(kept) > 20 {
		t.Errorf("kept %d knots from %d to %d; want both ends and at most 20", len(kept), kept[0].Batch, kept[len(kept)-1].Batch)
	}
	few := []figure.LatencyKnot{{Batch: 1}, {Batch: 4}, {Batch: 16}}
	if len(thin(few)) != 3 {
		t.Error("knots that stand apart were dropped")
	}
	if one := thin(all[:1]); len(one) != 1 {
		t.Error("a single knot was dropped")
	}
}

// The comparison takes the best of each kind from the node and from its CPU
// alone, and never a policy that serves nothing.
func TestDuels(t *testing.T) {
	row := func(accel, target string, sla int64, policy string, qps float64) record.OperatingPoint {
		return record.OperatingPoint{Model: "ncf", CPUPlatform: "c", Engine: "e", AccelPlatform: accel, SizeDist: "s", TunedOn: "s",
			Target: target, SLANS: sla, Policy: policy, MaxQPS: qps, MaxQPSLo: qps * 0.9, MaxQPSHi: qps * 1.1}
	}
	in := input{Config{Models: []string{"ncf"}}, Tables{Point: []record.OperatingPoint{
		row("gpu", "high", 3, "static", 20), // the same rate, at other power
		row("none", "high", 3, "static", 20), row("none", "high", 3, "deeprecsched", 40), row("none", "high", 3, "exhaustive", 44),
		row("gpu", "high", 3, "deeprecsched", 90),
		row("none", "low", 1, "static", 0), row("none", "low", 1, "deeprecsched", 5), row("gpu", "low", 1, "deeprecsched", 0),
		row("other", "high", 3, "deeprecsched", 1000),
	}}}
	k := searchKey{node: Node{"c", "e", "gpu"}, sizes: "s", tunedOn: "s"}
	d := in.duels(k)
	if len(d) != 2 || d[0].target != "low" || d[1].target != "high" {
		t.Fatalf("duels %+v, want low before high", d)
	}
	low, high := d[0], d[1]
	if low.static != nil || low.accel != nil || low.best() == nil || low.best().MaxQPS != 5 {
		t.Errorf("low: %+v, want the tuned CPU alone", low)
	}
	if high.cpu.MaxQPS != 44 || high.accel.MaxQPS != 90 || high.best() != high.accel || high.static.MaxQPS != 20 {
		t.Errorf("high: %+v", high)
	}
	if got := high.gainInterval(); got != " (3.68–5.5)" { // 81/22 and 99/18
		t.Errorf("interval %q", got)
	}
	if high.static.AccelPlatform != "none" {
		t.Error("the baseline is that of the node with an accelerator")
	}
	rows := in.gainRows(k)
	if len(rows) != 2 || len(rows[0].Values) != 1 || len(rows[1].Values) != 3 || rows[1].Values[2].Value != 4.5 {
		t.Errorf("rows %+v: want both relative to static at high, the only target it meets", rows)
	}
}

func TestOrderAndNames(t *testing.T) {
	in := input{Config: Config{Models: []string{"rm1", "ncf"}}}
	got := byModel(in, []string{"zeta", "ncf", "alpha", "rm1"}, func(s string) string { return s })
	if !slices.Equal(got, []string{"rm1", "ncf", "alpha", "zeta"}) {
		t.Errorf("models come as %v", got)
	}
	if got := slug("Sky Lake", "none", "", "a/b"); got != "sky_lake_a_b" {
		t.Errorf("slug %q", got)
	}
	if got := list([]string{"a", "b", "c"}); got != "a, b and c" {
		t.Errorf("list %q", got)
	}
}

func TestNumbersOnThePage(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{significant(0), "0"}, {significant(1234567), "1230000"}, {significant(0.012345), "0.0123"},
		{rate(9994), "9990"}, {rate(12345), "12.3k"}, {rate(2.5e6), "2.5M"},
		{duration(999_600), "1 ms"}, {duration(52_500_000), "52.5 ms"}, {duration(12), "12 ns"}, {duration(2_500_000_000), "2.5 s"},
		{percent(0.0512), "5.12 %"}, {between(1, 2.5, times), "(1×–2.5×)"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

// A sweep that sends nothing to the accelerator is drawn for the CPU alone.
func TestSweepsWithoutOffload(t *testing.T) {
	tables := testTables()
	for _, r := range tables.Trial {
		if r.CPUPlatform == "skylake" && r.AccelPlatform == "none" && r.BatchSize == 25 {
			r.AccelPlatform, r.Accelerators = "gtx1080ti", 1
			tables.Trial = append(tables.Trial, r)
		}
	}
	with, without := input{testConfig(), tables}.sweeps(), input{testConfig(), testTables()}.sweeps()
	if len(with) != len(without) {
		t.Errorf("%d sweeps, %d without those that go nowhere else", len(with), len(without))
	}
	tables.Trial = slices.DeleteFunc(tables.Trial, func(r record.Trial) bool { return r.AccelPlatform == "none" })
	if n := len(input{testConfig(), tables}.sweeps()); n != 2*len(testConfig().Models) {
		t.Errorf("with nothing of the CPU alone %d are drawn", n)
	}
}
