package hw

import (
	"math"
	"testing"
)

// round is a machine of round numbers: 100 GFLOP/s, 64, 32 and 16 GB/s, 30 ns
// and 34 ns rows, two sockets.
var round = Rates{
	GFLOPS: 100, L2Bytes: 1e6, L3Bytes: 10e6, L2GBps: 64, L3GBps: 32, DRAMGBps: 16, SocketGBps: 80,
	Row128NS: 30, Row256NS: 34, ClockGHz: 2, Sockets: 2,
}

// times computed by hand.
func TestTimeNS(t *testing.T) {
	for _, tc := range []struct {
		reason string
		work   Work
		at     Residence
		want   float64
	}{
		{"compute-bound", Work{FLOPs: 1e6, Bytes: 1e4, WeightBytes: 1e4}, Residence{L2, DRAM}, 1e4},
		{"weights stream from L2", Work{FLOPs: 1e3, Bytes: 64e3, WeightBytes: 64e3}, Residence{L2, DRAM}, 1000},
		{"weights stream from L3", Work{FLOPs: 1e3, Bytes: 64e3, WeightBytes: 64e3}, Residence{L3, DRAM}, 2000},
		{"weights stream from memory", Work{FLOPs: 1e3, Bytes: 64e3, WeightBytes: 64e3}, Residence{DRAM, DRAM}, 4000},
		{"activations stream from where they fit", Work{Bytes: 2e6}, Residence{L2, DRAM}, 2e6 / 32},
		{"rows of 128 B", Work{Bytes: 1280, Rows: 10, RowBytes: 128}, Residence{L2, DRAM}, 300},
		{"rows of 256 B", Work{Bytes: 2560, Rows: 10, RowBytes: 256}, Residence{L2, DRAM}, 340},
		{"rows of 64 B: on the line", Work{Bytes: 640, Rows: 10, RowBytes: 64}, Residence{L2, DRAM}, 280},
		{"rows of 4 KiB: their bytes", Work{Bytes: 40960, Rows: 10, RowBytes: 4096}, Residence{L2, DRAM}, 2560},
		{"rows that L3 holds: half the latency", Work{Bytes: 1280, Rows: 10, RowBytes: 128}, Residence{L2, L3}, 150},
		{"rows that L2 holds: their bytes", Work{Bytes: 1280, Rows: 10, RowBytes: 128}, Residence{L2, L2}, 20},
		{"nothing", Work{}, Residence{L2, L2}, 0},
	} {
		if got := round.TimeNS(tc.work, tc.at); math.Abs(got-tc.want) > 1e-9*tc.want {
			t.Errorf("%s: %v ns, want %v", tc.reason, got, tc.want)
		}
	}
}

func TestPlace(t *testing.T) {
	inclusive := round
	inclusive.Inclusive = true
	for _, tc := range []struct {
		reason string
		rates  Rates
		load   Load
		want   Residence
	}{
		{"fits L2", round, Load{Weights: 1e6, Tables: 1e9, Active: 1}, Residence{L2, DRAM}},
		{"fits L3", round, Load{Weights: 5e6, Tables: 5e6, Active: 1}, Residence{L3, L3}},
		{"fits nothing", round, Load{Weights: 12e6, Tables: 1e9, Active: 1}, Residence{DRAM, DRAM}},
		{"exclusive: L2 adds to L3", round, Load{Weights: 10.9e6, Active: 1}, Residence{L3, L2}},
		{"inclusive: it does not", inclusive, Load{Weights: 10.9e6, Active: 1}, Residence{DRAM, L2}},
		{"four copies on two sockets: two each", round, Load{Weights: 5e6, Tables: 1e9, Active: 4}, Residence{L3, DRAM}},
		{"six copies do not fit", round, Load{Weights: 5e6, Tables: 1e9, Active: 6}, Residence{DRAM, DRAM}},
		{"shared, they do", round, Load{Weights: 5e6, Tables: 1e9, Active: 6, Shared: true}, Residence{L3, DRAM}},
		{"rows streaming past do not touch an exclusive L2", round, Load{Weights: 1e6, Gather: 20e6, Active: 1}, Residence{L2, L2}},
		{"rows streaming past evict an inclusive L2", inclusive, Load{Weights: 1e6, Gather: 20e6, Active: 1}, Residence{L3, L2}},
	} {
		if got := tc.rates.Place(tc.load); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.reason, got, tc.want)
		}
	}
}

func TestBandwidthFloor(t *testing.T) {
	for _, tc := range []struct {
		active int
		want   float64
		reason string
	}{
		{1, 0, "alone on its socket"},
		{2, 0, "one on each socket"},
		{3, 2e6 / 80, "two on the busier socket"},
		{40, 20e6 / 80, "twenty on each"},
	} {
		if got := round.BandwidthFloorNS(1e6, tc.active); got != tc.want {
			t.Errorf("%d active (%s): %v ns, want %v", tc.active, tc.reason, got, tc.want)
		}
	}
}

func TestMemoryBytes(t *testing.T) {
	w := Work{Bytes: 1000 + 640 + 20e6, WeightBytes: 1000, Rows: 20, RowBytes: 32}
	if got, want := round.MemoryBytes(w, Residence{DRAM, DRAM}), 1000+20*64+20e6; got != want {
		t.Errorf("%v bytes, want %v: weights, whole cache lines, activations past L3", got, want)
	}
	if got := round.MemoryBytes(Work{Bytes: 5000, WeightBytes: 1000}, Residence{L3, L3}); got != 0 {
		t.Errorf("%v bytes of work that caches hold", got)
	}
}

// A pass never gets faster when less of its data is near, when more cores are
// active, or when every figure of the machine gets worse.
func TestRooflineIsMonotone(t *testing.T) {
	w := Work{FLOPs: 1e7, Bytes: 3e6, WeightBytes: 2e6, Rows: 1000, RowBytes: 128}
	last := 0.0
	for _, l := range []Level{L2, L3, DRAM} {
		got := round.TimeNS(w, Residence{l, l})
		if got < last {
			t.Errorf("level %v: %v ns after %v", l, got, last)
		}
		last = got
	}
	for _, c := range cpus() {
		level := Residence{}
		for active := 1; active <= c.Cores(); active++ {
			at := c.Rates(Typical, SmallPages).Place(Load{Weights: 900e3, Tables: 9e6, Gather: 1e5, Active: active})
			if at.Weights < level.Weights || at.Tables < level.Tables {
				t.Errorf("%s: %d active: %v after %v", c.Name, active, at, level)
			}
			level = at
		}
		at := Residence{L3, DRAM}
		fast, typical, slow := c.Rates(Fastest, SmallPages).TimeNS(w, at), c.Rates(Typical, SmallPages).TimeNS(w, at), c.Rates(Slowest, SmallPages).TimeNS(w, at)
		if !(fast <= typical && typical <= slow) {
			t.Errorf("%s: %v, %v, %v", c.Name, fast, typical, slow)
		}
	}
}

func TestAcceleratorRoofline(t *testing.T) {
	a, err := AccelByName("t4")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.KernelNS(Typical, Work{FLOPs: 8100e3, Bytes: 1}), 1000.0; got != want {
		t.Errorf("compute: %v ns, want %v", got, want)
	}
	if got, want := a.KernelNS(Typical, Work{FLOPs: 1, Bytes: 320e3}), 1000.0; got != want {
		t.Errorf("memory: %v ns, want %v", got, want)
	}
	if got, want := a.LaunchesNS(Typical, 7), 35_000.0; got != want {
		t.Errorf("launches: %v ns, want %v", got, want)
	}
	if got, want := a.TransferNS(Typical, 11_000, 1_000), 21_000.0; got != want {
		t.Errorf("transfer: %v ns, want %v", got, want)
	}
	w := Work{FLOPs: 1e9, Bytes: 1e7}
	if !(a.KernelNS(Fastest, w) <= a.KernelNS(Typical, w) && a.KernelNS(Typical, w) < a.KernelNS(Slowest, w)) {
		t.Error("the data-sheet roof is not the fastest end")
	}
}
