package validate

import (
	"fmt"
	"math"
	"time"

	"runexp/serving/live"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// Relative errors that pass whatever the live run's own interval: what the
// project promises below 80 % utilisation.
const (
	tailTolerance = 0.10
	rateTolerance = 0.05
	meanTolerance = 0.05
)

// rows compares one live run three ways: with the simulation; with a replay of
// its own service times, from which it differs by hand-over and generator; and
// the service times alone with the curve.
func (b *bench) rows(name string, got live.Result, want sim.Result) []record.Validation {
	note := fmt.Sprintf("%.2g %% sent late, engines preempted %d times", 100*float64(got.Late)/float64(got.Queries), got.Preempted)
	var rows []record.Validation
	for _, m := range []struct {
		name           string
		got, lo, hi    time.Duration
		want, wlo, whi time.Duration
		replayed       time.Duration
	}{
		{"p50_ns", got.P50, got.P50Lo, got.P50Hi, want.P50, want.P50Lo, want.P50Hi, got.Replayed.P50},
		{"p95_ns", got.P95, got.P95Lo, got.P95Hi, want.P95, want.P95Lo, want.P95Hi, got.Replayed.P95},
		{"p99_ns", got.P99, got.P99Lo, got.P99Hi, want.P99, want.P99Lo, want.P99Hi, got.Replayed.P99},
	} {
		r := record.Validation{CheckName: "live", CaseName: name, Metric: m.name,
			Expected: float64(m.want), Observed: float64(m.got), Tolerance: tailTolerance, Note: note}
		r.Lo, r.Hi = ends(m.lo, m.hi)
		r.ExpectedLo, r.ExpectedHi = ends(m.wlo, m.whi)
		rows = append(rows, judge(r))
		r.CheckName, r.Expected, r.ExpectedLo, r.ExpectedHi = "replay", float64(m.replayed), nil, nil
		rows = append(rows, judge(r))
	}
	service := record.Validation{CheckName: "service", CaseName: name, Metric: "service_ns", Tolerance: meanTolerance,
		Expected: float64(want.Service), Observed: float64(got.Service), Note: note}
	util := record.Validation{CheckName: "live", CaseName: name, Metric: "cpu_util", Tolerance: meanTolerance,
		Expected: want.CPUUtil, Observed: got.CPUUtil, Note: note}
	return append(rows, judge(service), judge(util))
}

// ends are an interval as columns, null where it is not known.
func ends(lo, hi time.Duration) (*float64, *float64) {
	if hi == sim.Unbounded || lo == 0 {
		return nil, nil
	}
	l, h := float64(lo), float64(hi)
	return &l, &h
}

// judge fills in the error and whether it passes: within the tolerance, or the
// expected value lies in the interval of what was observed.
func judge(r record.Validation) record.Validation {
	r.RelError = r.Observed/r.Expected - 1
	within := r.Lo != nil && r.Hi != nil && *r.Lo <= r.Expected && r.Expected <= *r.Hi
	r.Pass = within || math.Abs(r.RelError) <= r.Tolerance
	return r
}
