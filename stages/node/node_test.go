package node

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"runexp/internal/stream"
	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// rows describe model m: on cpu a request takes 0.2 ms + 0.1 ms an item, half
// as much again when all four cores are active; on gpu a query takes 1 ms +
// 0.01 ms an item. Times on cpu vary by a fifth either way.
func rows() ([]record.LatencyCurve, []record.LatencyResidual) {
	var curves []record.LatencyCurve
	for _, batch := range []int32{1, 10, 100, 1000} {
		ns := 200_000 + 100_000*int64(batch)
		curves = append(curves,
			record.LatencyCurve{Model: "m", Platform: "cpu", Engine: record.EngineRunexp, Workers: 1, BatchSize: batch, LatencyNS: ns},
			record.LatencyCurve{Model: "m", Platform: "cpu", Engine: record.EngineRunexp, Workers: 4, BatchSize: batch, LatencyNS: ns * 3 / 2},
			record.LatencyCurve{Model: "m", Platform: "gpu", Engine: record.EngineAccel, Workers: 1, BatchSize: batch, LatencyNS: 1_000_000 + 10_000*int64(batch)})
	}
	var residuals []record.LatencyResidual
	for i, q := range []float64{0, 0.5, 1} {
		residuals = append(residuals, record.LatencyResidual{Model: "m", Platform: "cpu", Engine: record.EngineRunexp, BatchSize: 1, Quantile: q, Ratio: 0.8 + 0.2*float64(i)})
	}
	return curves, residuals
}

var machine = Machine{CPU: "cpu", Accel: "gpu", Cores: 4, Accelerators: 1, Watts: Watts{40, 120, 10, 250}}

func build(t *testing.T, o Options) sim.Node {
	t.Helper()
	n, err := NewCatalogue(rows()).Node("m", record.EngineRunexp, machine, o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNodeIsWhatRowsSay(t *testing.T) {
	for _, c := range []struct {
		why     string
		options Options
		active  int
		batch   int
		want    int64 // ns
	}{
		{"a knot, alone", Options{}, 1, 10, 1_200_000},
		{"without co-location neighbours change nothing", Options{}, 4, 10, 1_200_000},
		{"with it, alone", Options{Colocation: true}, 1, 100, 10_200_000},
		{"with it, all active", Options{Colocation: true}, 4, 100, 15_300_000},
		{"with it, between the two, linear", Options{Colocation: true}, 2, 100, 11_900_000},
	} {
		n := build(t, c.options)
		if got := n.Service.Table(c.active, c.batch); got != c.want {
			t.Errorf("%s: %d ns, want %d", c.why, got, c.want)
		}
		if noisy(n.Service) {
			t.Errorf("%s: noise was not asked for", c.why)
		}
		if got := n.AccelService.Table(1, 100); got != 2_000_000 {
			t.Errorf("%s: accelerator takes %d ns, want 2000000", c.why, got)
		}
	}
	if n := build(t, Options{Noise: true}); !noisy(n.Service) || noisy(n.AccelService) {
		t.Error("noise belongs to the platform that has residuals, and to no other")
	}
}

func noisy(s *latency.Service) bool {
	rng := stream.New(1, "noisy")
	first := s.Draw(rng, 1, 10)
	return s.Draw(rng, 1, 10) != first
}

func TestMissingCurves(t *testing.T) {
	cat := NewCatalogue(rows())
	bare := Machine{CPU: "cpu", Accel: record.None, Cores: 4}
	for _, c := range []struct {
		why           string
		model, engine string
		machine       Machine
		want          string
	}{
		{"another model", "x", record.EngineRunexp, machine, "latency_curve: no rows for x on cpu (runexp)"},
		{"another engine", "m", record.EngineReference, machine, "latency_curve: no rows for m on cpu (reference)"},
		{"another accelerator", "m", record.EngineRunexp, Machine{CPU: "cpu", Accel: "tpu", Cores: 4, Accelerators: 1}, "latency_curve: no rows for m on tpu (accelerator)"},
		{"no accelerator needed", "m", record.EngineRunexp, bare, ""},
	} {
		_, err := cat.Node(c.model, c.engine, c.machine, Options{})
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.why, err, c.want)
		}
		if cat.Has(c.model, c.engine, c.machine) != (c.want == "") {
			t.Errorf("%s: Has disagrees with Node", c.why)
		}
	}
}

// Capacity is where a simulation saturates: just below it the busiest device is
// almost always busy, just above it the queue grows.
func TestCapacityIsWhereTheSimulationSaturates(t *testing.T) {
	sizes, err := load.ParseSizes("production", 1000)
	if err != nil {
		t.Fatal(err)
	}
	arrivals, err := load.ParseArrivals("poisson")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []policy.Policy{{BatchSize: 1000}, {BatchSize: 30}, {BatchSize: 7}, {BatchSize: 64, OffloadThreshold: 200}, {BatchSize: 64, OffloadThreshold: 1},
		{BatchSize: 30, EqualSplit: true}, {BatchSize: 30, ActiveCores: 3}} {
		n := build(t, Options{Colocation: true, Noise: true})
		capacity, err := Capacity(n, p, sizes)
		if err != nil {
			t.Fatal(err)
		}
		for _, load := range []float64{0.97, 1.05} {
			r, err := sim.Run(t.Context(), sim.Config{
				Nodes: []sim.Node{n}, Policy: p, Arrivals: arrivals, Sizes: sizes,
				RateQPS: load * capacity, Queries: 40_000, Warmup: 4_000, Seed: 1,
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Stable != (load < 1) {
				t.Errorf("%+v at %v of its capacity: stable is %v", p, load, r.Stable)
			}
			if busiest := max(r.CPUUtil*float64(n.Cores)/float64(p.Cores(n.Cores)), r.AccelUtil); math.Abs(busiest-min(1, load)) > 0.03 {
				t.Errorf("%+v at %v of its capacity: busiest device %v", p, load, busiest)
			}
		}
	}
}

func TestCapacityRefuses(t *testing.T) {
	sizes, err := load.ParseSizes("fixed:2000", 2000)
	if err != nil {
		t.Fatal(err)
	}
	n := build(t, Options{})
	for _, c := range []struct {
		why    string
		policy policy.Policy
		want   string
	}{
		{"a request past the last row of the core's curve", policy.Policy{BatchSize: 1500}, "m on cpu (runexp)"},
		{"a query past the last row of the accelerator's", policy.Policy{BatchSize: 10, OffloadThreshold: 100}, "m on gpu (accelerator)"},
		{"no batch size", policy.Policy{}, "batch_size: 0 is not at least 1"},
	} {
		if _, err := Capacity(n, c.policy, sizes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.why, err, c.want)
		}
	}
	n.Accelerators, n.AccelService = 0, nil
	if _, err := Capacity(n, policy.Policy{BatchSize: 10, OffloadThreshold: 100}, sizes); err == nil || !strings.Contains(err.Error(), "without an accelerator") {
		t.Errorf("offloading to nothing: error %v", err)
	}
}

// Six slow servers and two fast ones sustain less behind the shorter of two
// queues than together: the slow ones are drawn in pairs too often.
func TestMixCapacity(t *testing.T) {
	kind := func(service time.Duration) sim.Node { return sim.Node{Cores: 1, Service: latency.Constant(service)} }
	one := Machine{CPU: "cpu", Accel: record.None, Cores: 1}
	m := Mix{Parts: []Part{{one, 6}, {one, 2}}}
	kinds := []sim.Node{kind(4 * time.Millisecond), kind(time.Millisecond)}
	sizes, err := load.ParseSizes("fixed:1", 1)
	if err != nil {
		t.Fatal(err)
	}
	for router, want := range map[string]float64{sim.Random: 8 * 250, sim.JSQ: 3500, sim.PowerOfTwo: 6 * 250 * 8 * 7 / (6 * 5)} {
		got, err := m.Capacity(kinds, m.Shared(policy.Policy{BatchSize: 1}), router, sizes)
		if err != nil || math.Abs(got-want) > 1e-6*want {
			t.Errorf("%s: %v queries/s, want %v, %v", router, got, want, err)
		}
	}
}

func TestPower(t *testing.T) {
	for _, c := range []struct {
		why        string
		machine    Machine
		servers    int
		cpu, accel float64
		want       float64 // below 0: not known
	}{
		{"idle", machine, 1, 0, 0, 50},
		{"all busy", machine, 1, 1, 1, 370},
		{"half busy, two servers", machine, 2, 0.5, 0, 180},
		{"accelerators multiply", Machine{CPU: "cpu", Accel: "gpu", Cores: 4, Accelerators: 2, Watts: machine.Watts}, 1, 0, 1, 540},
		{"the paper's accounting: idle draws as much", Machine{CPU: "cpu", Accel: "gpu", Cores: 40, Accelerators: 1, Watts: Watts{250, 250, 250, 250}}, 1, 0.3, 0, 500},
		{"a quarter of the cores serves", Machine{CPU: "cpu", Accel: record.None, Cores: 10, Idle: 30, Watts: Watts{CPUIdle: 40, CPUTDP: 120}}, 1, 1, 0, 60},
		{"unknown CPU", Machine{CPU: "cpu", Accel: record.None, Cores: 4}, 1, 1, 0, -1},
		{"unknown accelerator", Machine{CPU: "cpu", Accel: "gpu", Cores: 4, Accelerators: 1, Watts: Watts{CPUIdle: 1, CPUTDP: 2}}, 1, 1, 0, -1},
	} {
		got := c.machine.PowerW(c.servers, c.cpu, c.accel)
		if (got == nil) != (c.want < 0) || got != nil && *got != c.want {
			t.Errorf("%s: %v W, want %v", c.why, got, c.want)
		}
	}
}

func TestMachineValidate(t *testing.T) {
	for _, c := range []struct {
		why  string
		edit func(*Machine)
		want string
	}{
		{"good", func(*Machine) {}, ""},
		{"no cores", func(m *Machine) { m.Cores = 0 }, "nodes: cpu: cores: 0 is not at least 1"},
		{"an accelerator called none", func(m *Machine) { m.Accel = record.None }, `nodes: cpu: 1 accelerators called "none"`},
		{"a name without an accelerator", func(m *Machine) { m.Accelerators = 0 }, `nodes: cpu: 0 accelerators called "gpu"`},
		{"paid to run", func(m *Machine) { m.PricePerHour = -1 }, "nodes: cpu: price_per_hour: -1 is negative"},
	} {
		m := machine
		c.edit(&m)
		if err := m.Validate(); (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.why, err, c.want)
		}
	}
}

// Scaling a curve leaves the others, and the catalogue it came from, alone.
func TestScaled(t *testing.T) {
	row := func(model string, batch int32) record.LatencyCurve {
		ns := 1000 * int64(batch)
		return record.LatencyCurve{Model: model, Platform: "cpu", Engine: "runexp", Workers: 1, BatchSize: batch, LatencyNS: ns, LoNS: ns, HiNS: ns}
	}
	c := NewCatalogue([]record.LatencyCurve{row("a", 4), row("a", 1), row("b", 1), row("b", 4)}, nil)
	if got := c.Batches("a", "cpu", "runexp"); !slices.Equal(got, []int{1, 4}) {
		t.Errorf("batches %v", got)
	}
	twice := c.Scaled("a", "cpu", "runexp", func(batch int) float64 { return 1 + float64(batch/4) })
	for _, x := range []struct {
		from  *Catalogue
		model string
		want  time.Duration
	}{{c, "a", 4000}, {twice, "a", 8000}, {twice, "b", 4000}} {
		n, err := x.from.Node(x.model, "runexp", Machine{CPU: "cpu", Accel: record.None, Cores: 1}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Service.Mean(1, 4); got != x.want {
			t.Errorf("%s: %v, want %v", x.model, got, x.want)
		}
	}
}
