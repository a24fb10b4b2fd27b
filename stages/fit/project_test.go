package fit

import (
	"math"
	"testing"

	"runexp/hw"
	"runexp/models"
	"runexp/stages/record"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b)) }

// round is a machine of round numbers with exact figures.
func round(name string, gflops, dram, row, clock float64) hw.CPU {
	exact := func(v float64) hw.Figure { return hw.Figure{Value: v, Lo: v, Hi: v, Unit: "x", Source: "test"} }
	return hw.CPU{
		Name: name, Sockets: 1, CoresPerSocket: 8,
		ClockGHz: exact(clock), PeakGFLOPS: exact(gflops), L2Bytes: exact(1e6), L3Bytes: exact(8e6),
		L2GBps: exact(100), L3GBps: exact(40), DRAMGBps: exact(dram), SocketGBps: exact(4 * dram),
		Rows: []hw.RowTime{{Bytes: 128, Page: hw.SmallPages, NS: exact(row)}, {Bytes: 256, Page: hw.SmallPages, NS: exact(row)}},
	}
}

// twoKinds is a pass of one FC that computes for 1000 ns at 100 GFLOP/s and one
// lookup of 100 rows, 20 ns each at 20 ns a row.
func twoKinds() passWork {
	return passWork{
		kinds: []kindWork{
			{kind: "FC", dispatches: 1, work: []hw.Work{{FLOPs: 1e5, Bytes: 1e4, WeightBytes: 1e4}}},
			{kind: "SparseLengthsSum", dispatches: 2, work: []hw.Work{{FLOPs: 3200, Bytes: 12_800, Rows: 100, RowBytes: 128}}},
		},
		load: hw.Load{Weights: 1e4, Tables: 1e9, Gather: 12_800},
	}
}

// Projection computed by hand. On the source machine FC took 1500 ns and the
// lookup 4200, of which each call spent 100 on dispatch. The target computes at
// half the rate, reads rows in twice the time and has 4/5 of the clock.
func TestProjectByHand(t *testing.T) {
	from := round("a", 100, 16, 20, 2.5)
	to := round("b", 50, 16, 40, 2.0)
	s := split(twoKinds(), 0, []float64{1500, 4200}, 100, from.Rates(hw.Typical, hw.SmallPages), true)
	got := s.project(to, hw.SmallPages, 1, true)
	want := (1500-100)*2.0 + (4200-200)*2.0 + 300*2.5/2.0
	if !near(got.ns, want) || !near(got.lo, want) || !near(got.hi, want) {
		t.Errorf("%+v, want %v without a range: the figures have none", got, want)
	}
}

// The reference engine's total is divided by roofline shares after dispatch:
// 1000 ns of FC and 2000 of lookup of a pass of 6300 with three dispatches of
// 100.
func TestSplitTotalByShares(t *testing.T) {
	from := round("a", 100, 16, 20, 2.5)
	s := split(twoKinds(), 6300, nil, 100, from.Rates(hw.Typical, hw.SmallPages), true)
	for i, want := range []struct{ body, dispatch float64 }{{2000, 100}, {4000, 200}} {
		if !near(s.body[i], want.body) || !near(s.dispatch[i], want.dispatch) {
			t.Errorf("kind %d: body %v, dispatch %v, want %+v", i, s.body[i], s.dispatch[i], want)
		}
	}
	s = split(twoKinds(), 150, nil, 100, from.Rates(hw.Typical, hw.SmallPages), true)
	if !near(s.dispatch[0], 50) || s.body[0] != 0 {
		t.Errorf("a pass shorter than its dispatches: %+v, want all of it dispatch", s)
	}
}

// Co-located cores divide the socket's bandwidth. One pass reads 12.8 kB from
// memory in 4.2 us; eight of them at 10 GB/s cannot take less than 10.24 us.
func TestCoLocationByHand(t *testing.T) {
	from := round("a", 100, 16, 20, 2.5)
	to := from
	to.SocketGBps = hw.Figure{Value: 10, Lo: 10, Hi: 10}
	s := split(twoKinds(), 0, []float64{1500, 4200}, 0, from.Rates(hw.Typical, hw.SmallPages), true)
	for _, tc := range []struct {
		active   int
		ns, most float64
		reason   string
	}{
		{1, 5700, 5700, "alone"},
		{4, 5700, 1500 + 5120, "a pass still hides the traffic; lookups at the same time would not"},
		{8, 10_240, 1500 + 10_240, "bandwidth-bound"},
	} {
		got := s.project(to, hw.SmallPages, tc.active, true)
		if !near(got.ns, tc.ns) || !near(got.hi, tc.most) {
			t.Errorf("%d active (%s): %+v, want %v up to %v", tc.active, tc.reason, got, tc.ns, tc.most)
		}
	}
}

func allModels(t *testing.T) []models.Config {
	t.Helper()
	var out []models.Config
	for _, n := range models.Names() {
		m, err := models.ByName(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func graphOf(t *testing.T, m models.Config) *models.Graph {
	t.Helper()
	g, err := models.Describe(m, models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Projecting a machine onto itself changes nothing, for any model and batch
// and however the time was divided.
func TestProjectionOntoItselfIsIdentity(t *testing.T) {
	for _, name := range []string{"sapphirerapids", "skylake", "broadwell"} {
		cpu, err := hw.CPUByName(name)
		if err != nil {
			t.Fatal(err)
		}
		rates := cpu.Rates(hw.Typical, hw.HugePages)
		for _, m := range allModels(t) {
			g := graphOf(t, m)
			for _, batch := range []int{1, 7, 1024} {
				w := describe(g, batch)
				times := make([]float64, len(w.kinds))
				var total float64
				for i := range times {
					times[i] = float64(1000 * (i + 1))
					total += times[i]
				}
				byKind, _ := split(w, 0, times, 50, rates, true).on(rates, 1, true)
				byShare, _ := split(w, total, nil, 50, rates, true).on(rates, 1, true)
				if !near(byKind, total) || !near(byShare, total) {
					t.Errorf("%s, %s at %d: %v and %v, want %v", name, m.Name(), batch, byKind, byShare, total)
				}
			}
		}
	}
}

func TestReferenceOnItsOwnMachine(t *testing.T) {
	cpu, err := hw.CPUByName(hw.ReferenceCPU)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range allModels(t) {
		r, ok := referenceOf(m, graphOf(t, m))
		if !ok {
			t.Errorf("%s: not in the reference table", m.Name())
			continue
		}
		for _, batch := range r.batches() {
			got, want := r.on(cpu, batch, 1), float64(r.byBatch[batch].Median)
			if got.ns != want || !(got.lo < want && want < got.hi) {
				t.Errorf("%s at %d: %+v, want the measured %v", m.Name(), batch, got, want)
			}
		}
	}
}

// The cost of a dispatch is an assumption, but it cannot exceed what the
// fastest pass has per operator.
func TestReferenceDispatchIsPossible(t *testing.T) {
	for _, m := range allModels(t) {
		r, ok := referenceOf(m, graphOf(t, m))
		if !ok {
			t.Fatalf("%s: not in the reference table", m.Name())
		}
		var calls float64
		for _, k := range describe(r.graph, 1).kinds {
			calls += k.dispatches
		}
		if per := float64(r.byBatch[1].Median) / calls; r.dispatch.Hi > per*1.005 {
			t.Errorf("%s: %v ns a dispatch, but the pass has only %.0f per operator", m.Name(), r.dispatch.Hi, per)
		}
	}
}

// MT-WnD was measured with one tower and with five; anything else, and any
// graph with other layers, has no reference.
func TestReferenceOf(t *testing.T) {
	m, err := models.ByName("mtwnd")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		tasks int
		want  float64 // ms at batch 1024
	}{{1, 40.0274}, {5, 51.2116}, {3, 0}} {
		m.Tasks = tc.tasks
		r, ok := referenceOf(m, graphOf(t, m))
		if got := float64(r.byBatch[1024].Median) / 1e6; ok != (tc.want > 0) || !near(got, tc.want) {
			t.Errorf("%d towers: %v ms, known %v, want %v", tc.tasks, got, ok, tc.want)
		}
	}
	rm1, err := models.ByName("rm1")
	if err != nil {
		t.Fatal(err)
	}
	rm1.Lookups = 20
	if _, ok := referenceOf(rm1, graphOf(t, rm1)); ok {
		t.Error("rm1 with 20 lookups is not the model that was measured")
	}
	g, err := models.Describe(allModels(t)[0], models.Options{TableScale: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := referenceOf(allModels(t)[0], g); !ok {
		t.Error("scaled tables do not change what the reference measured")
	}
}

// More active cores, or worse figures, never make a pass faster.
func TestProjectionIsMonotone(t *testing.T) {
	for _, name := range []string{"skylake", "broadwell"} {
		cpu, _ := hw.CPUByName(name)
		for _, m := range allModels(t) {
			r, _ := referenceOf(m, graphOf(t, m))
			for _, batch := range r.batches() {
				last := estimate{}
				for _, active := range grid(cpu.Cores()) {
					e := r.on(cpu, batch, active)
					if !(e.lo <= e.ns && e.ns <= e.hi) {
						t.Errorf("%s on %s at %d, %d active: %+v", m.Name(), name, batch, active, e)
					}
					if e.ns < last.ns*(1-1e-12) {
						t.Errorf("%s on %s at %d: %v ns with %d active, %v with fewer", m.Name(), name, batch, e.ns, active, last.ns)
					}
					last = e
				}
			}
		}
	}
}

func TestGrid(t *testing.T) {
	for _, tc := range []struct {
		cores int
		want  []int
	}{{1, []int{1}}, {2, []int{1, 2}}, {28, []int{1, 2, 4, 8, 16, 28}}, {40, []int{1, 2, 4, 8, 16, 32, 40}}} {
		if got := grid(tc.cores); len(got) != len(tc.want) || got[len(got)-1] != tc.cores {
			t.Errorf("%d cores: %v, want %v", tc.cores, got, tc.want)
		}
	}
}

func TestCalibrated(t *testing.T) {
	row := func(metric, level string, workers int32, v float64) record.Calibration {
		return record.Calibration{Platform: "host", Metric: metric, Level: level, Workers: workers, Value: v, Unit: "x"}
	}
	host := round("host", 1, 1, 1, 2)
	before := host.Rows[0].NS
	got, dispatch := calibrated(host, []record.Calibration{
		row("dispatch_ns", "core", 1, 70), row("fma_gflops", "core", 1, 170), row("fma_gflops", "core", 2, 160),
		row("stream_gbps", "l2", 1, 120), row("stream_gbps", "l3", 1, 30), row("stream_gbps", "dram", 1, 16),
		row("stream_gbps", "dram", 2, 12), row("row_ns", "128", 1, 14), row("row_ns", "256", 1, 18), row("row_ns", "256", 2, 25),
	}, hw.SmallPages)
	if dispatch != 70 || got.PeakGFLOPS.Value != 170 || got.L2GBps.Value != 120 || got.L3GBps.Value != 30 ||
		got.DRAMGBps.Value != 16 || got.SocketGBps.Value != 24 || got.Rows[0].NS.Value != 14 || got.Rows[1].NS.Value != 18 {
		t.Errorf("%+v, dispatch %v", got, dispatch)
	}
	if got.PeakGFLOPS.Assumed() || host.Rows[0].NS != before {
		t.Error("a measured figure still says assumed, or the caller's machine changed")
	}
	other, _ := calibrated(host, []record.Calibration{row("row_ns", "128", 1, 14)}, hw.HugePages)
	if other.Rows[0].NS.Value == 14 {
		t.Error("rows measured on huge pages are not rows on small ones")
	}
}
