package validate

import (
	"fmt"
	"math"
	"time"

	"runexp/serving/latency"
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

// rows compares one live run: with the simulation on the curve of the profile
// (live) and as it was around the run (now); with a replay of its own service
// times, from which it differs by hand-over and generator; and its service times
// alone, so that an error has an address.
func (b *bench) rows(name string, got live.Result, want, wantNow sim.Result, now *latency.Service) []record.Validation {
	note := fmt.Sprintf("%.2g %% sent late, engines preempted %d times", 100*float64(got.Late)/float64(got.Queries), got.Preempted)
	var rows []record.Validation
	for _, twin := range []struct {
		check string
		sim.Result
	}{{"live", want}, {"now", wantNow}, {"replay", got.Replayed}} {
		for _, r := range tails(got.Result, twin.Result) {
			r.CheckName, r.CaseName, r.Tolerance, r.Note = twin.check, name, tailTolerance, note
			rows = append(rows, judge(r))
		}
	}
	for _, r := range append(b.services(got, now),
		record.Validation{CheckName: "service", Metric: "service_ns", Expected: float64(want.Service), Observed: float64(got.Service)},
		record.Validation{CheckName: "live", Metric: "cpu_util", Expected: want.CPUUtil, Observed: got.CPUUtil}) {
		r.CaseName, r.Tolerance, r.Note = name, meanTolerance, note
		rows = append(rows, judge(r))
	}
	return rows
}

// tails compares the quantiles of a live run with those of its twin.
func tails(got, want sim.Result) []record.Validation {
	row := func(metric string, got, lo, hi, want, wantLo, wantHi time.Duration) record.Validation {
		r := record.Validation{Metric: metric, Expected: float64(want), Observed: float64(got)}
		r.Lo, r.Hi = ends(lo, hi)
		r.ExpectedLo, r.ExpectedHi = ends(wantLo, wantHi)
		return r
	}
	return []record.Validation{
		row("p50_ns", got.P50, got.P50Lo, got.P50Hi, want.P50, want.P50Lo, want.P50Hi),
		row("p95_ns", got.P95, got.P95Lo, got.P95Hi, want.P95, want.P95Lo, want.P95Hi),
		row("p99_ns", got.P99, got.P99Lo, got.P99Hi, want.P99, want.P99Lo, want.P99Hi),
	}
}

// services are the mean service times of the requests that were served: how far
// the machine has drifted since the profile (drift), and what a request costs
// more that finds its engine idle (idle), both without queueing.
func (b *bench) services(got live.Result, now *latency.Service) []record.Validation {
	engines := len(b.place.Engines)
	var profiled, current float64
	var idle, idleCurve, queued, queuedCurve float64
	for _, s := range got.Served {
		curve := float64(now.Table(engines, s.Batch))
		profiled += float64(b.node.Service.Table(engines, s.Batch))
		current += curve
		if s.Queued {
			queued, queuedCurve = queued+float64(s.Took), queuedCurve+curve
		} else {
			idle, idleCurve = idle+float64(s.Took), idleCurve+curve
		}
	}
	n := float64(len(got.Served))
	rows := []record.Validation{{CheckName: "drift", Metric: "service_ns", Expected: profiled / n, Observed: current / n}}
	if idleCurve > 0 && queuedCurve > 0 {
		rows = append(rows, record.Validation{CheckName: "idle", Metric: "service_ratio", Expected: queued / queuedCurve, Observed: idle / idleCurve})
	}
	return rows
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
