package hw

import (
	"testing"
	"time"
)

func TestReferenceFiles(t *testing.T) {
	if n := len(GTX1080TiSpeedups()); n != 8*6 {
		t.Errorf("%d speed-ups, want eight models at six batches", n)
	}
	if n := len(KairosLatency()); n != 5*4*100 {
		t.Errorf("%d Kairos lines, want five models on four instances at a hundred batches", n)
	}
	if n := len(ReferenceEngineLatency()); n != 2*9*6 {
		t.Errorf("%d engine lines, want two engines, nine graphs, six batches", n)
	}
	if n := len(ISCA20Fig11()); n != 8*3 {
		t.Errorf("%d bar groups, want eight models at three targets", n)
	}
}

func TestReferenceValues(t *testing.T) {
	if s := GTX1080TiSpeedups()[0]; s != (Speedup{"wnd", 1, 0.4724}) {
		t.Errorf("%+v", s)
	}
	k := KairosLatency()[0]
	if k.Instance != KairosT4 || k.Batch != 10 || k.ComputeP50 != 272*time.Microsecond || k.TransferP50 != 342*time.Microsecond {
		t.Errorf("%+v", k)
	}
	e := ReferenceEngineLatency()[0]
	if e.Engine != ReferenceEngine || e.Model != "rm1" || e.Median != 108_700*time.Nanosecond || e.Reps != 3000 {
		t.Errorf("%+v", e)
	}
	for _, e := range ReferenceEngineLatency() {
		if !(e.Min <= e.P10 && e.P10 <= e.Median && e.Median <= e.P90) {
			t.Errorf("%+v: not ordered", e)
		}
	}
}

// The shares of one pass add up, to the rounding of the figure.
func TestOpBreakdownAddsUp(t *testing.T) {
	type pass struct {
		device, model string
		batch         int
	}
	sums := map[pass]float64{}
	for _, s := range OpBreakdown() {
		sums[pass{s.Device, s.Model, s.Batch}] += s.Percent
	}
	if len(sums) != 2*8*4 {
		t.Errorf("%d passes, want 64", len(sums))
	}
	for p, sum := range sums {
		if sum < 99 || sum > 101 {
			t.Errorf("%v: shares add up to %.2f %%", p, sum)
		}
	}
}
