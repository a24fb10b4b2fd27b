package sim_test

import (
	"math"
	"testing"

	"runexp/serving/sim"
)

// Summarise, given the queries of a simulation, must report what it reported:
// latencies exactly, rates up to what was under way at the ends of the window.
func TestSummariseRepeatsRun(t *testing.T) {
	c := systems(t)["node"]
	want, seen := observe(t, c)
	got := sim.Summarise(seen, sim.Window{OfferedQPS: c.RateQPS, Cores: 8, Accelerators: 2, Warmup: c.Warmup})
	for _, m := range []struct {
		name      string
		got, want float64
	}{
		{"CPUUtil", got.CPUUtil, want.CPUUtil}, {"AccelUtil", got.AccelUtil, want.AccelUtil},
		{"OfferedLoad", got.OfferedLoad, want.OfferedLoad}, {"Service", float64(got.Service), float64(want.Service)},
		{"AchievedQPS", got.AchievedQPS, want.AchievedQPS}, {"AchievedIPS", got.AchievedIPS, want.AchievedIPS},
	} {
		if math.Abs(m.got/m.want-1) > 2e-3 {
			t.Errorf("%s is %v, not %v", m.name, m.got, m.want)
		}
	}
	got.CPUUtil, got.AccelUtil, got.OfferedLoad, got.Service = want.CPUUtil, want.AccelUtil, want.OfferedLoad, want.Service
	got.AchievedQPS, got.AchievedIPS = want.AchievedQPS, want.AchievedIPS
	if got != want {
		t.Errorf("%+v is not %+v", got, want)
	}
}
