package report

import (
	"fmt"
	"slices"
	"strings"

	"runexp/stages/record"
)

// listings are the tables at the end of the page.
func (in input) listings() []table {
	return where([]table{in.fleetTable(), in.paperTable(), in.pointTable(), in.mixTable(), in.trialTable(), in.validationTable(), in.curveTable(), in.accelTable()},
		func(t table) bool { return len(t.Rows) > 0 })
}

func (in input) pointTable() table {
	t := table{ID: "operating-points", Caption: "Operating points", Columns: columns(
		"model", "CPU", "engine", "accelerator", "sizes", "tuned on", "target", "#p95 limit", "policy", "#batch size", "#offload from",
		"#max QPS (interval)", "#max items/s", "#p95", "#power (W)", "#QPS per W", "#queries per $", "#gain over static", "#regret", "#simulations", "status")}
	for _, r := range byModel(in, in.Point, func(r record.OperatingPoint) string { return r.Model }) {
		p95 := empty
		if r.P95NS != nil {
			p95 = ns(*r.P95NS)
		}
		t.add(text(r.Model), text(in.title(r.CPUPlatform)), text(r.Engine), text(in.title(r.AccelPlatform)), text(r.SizeDist), text(r.TunedOn),
			text(r.Target), ns(r.SLANS), text(policyTitle(r.Policy)), whole(r.BatchSize), threshold(r.OffloadThreshold),
			number(r.MaxQPS, rate(r.MaxQPS)+" "+between(r.MaxQPSLo, r.MaxQPSHi, rate)), number(r.MaxIPS, rate(r.MaxIPS)), p95,
			optional(r.PowerW, significant), optional(r.QPSPerWatt, significant), optional(r.QPSPerDollar, rate),
			optional(r.GainOverStatic, times), optional(r.Regret, percent), number(float64(r.Sims), fmt.Sprint(r.Sims)), text(r.Status))
	}
	return t
}

// trialTable is one row per rate sweep.
func (in input) trialTable() table {
	t := table{ID: "trials", Caption: "Rate sweeps", Columns: columns(
		"model", "machine", "arrivals", "sizes", "policy", "#rates", "#stable", "#lowest rate (QPS)", "#p95 there", "#highest stable rate (QPS)", "#p95 there")}
	for _, s := range in.sweeps() {
		first, last, stable := -1, -1, 0
		for i, q := range s.panel.Points {
			if q.Stable {
				stable++
				last = i
				if first < 0 {
					first = i
				}
			}
		}
		a, b := s.panel.Points[first], s.panel.Points[last] // sweeps keeps those with a stable rate
		t.add(text(s.panel.Model), text(in.titleOf(s.node)), text(s.arrivals), text(s.sizes), text(s.panel.Detail),
			whole(int32(len(s.panel.Points))), whole(int32(stable)), number(a.RateQPS, rate(a.RateQPS)), ns(int64(a.P95)),
			number(b.RateQPS, rate(b.RateQPS)), ns(int64(b.P95)))
	}
	return t
}

// curveTable says for every curve where its knots come from.
func (in input) curveTable() table {
	t := table{ID: "curves", Caption: "Latency curves and where they come from", Columns: columns(
		"model", "platform", "engine", "#active cores", "#knots", "batch sizes", "source", "support", "#worst hold-out error", "#latency at the largest batch")}
	type key struct {
		model, platform, engine string
		workers                 int32
	}
	of := func(r record.LatencyCurve) key { return key{r.Model, r.Platform, r.Engine, r.Workers} }
	rows := byModel(in, in.Curve, func(r record.LatencyCurve) string { return r.Model })
	byKey := map[key][]record.LatencyCurve{}
	for _, r := range rows {
		byKey[of(r)] = append(byKey[of(r)], r)
	}
	for _, k := range distinct(rows, of) {
		own := byKey[k]
		var worst *float64
		last := own[0]
		lo, hi := own[0].BatchSize, own[0].BatchSize
		for _, r := range own {
			lo, hi = min(lo, r.BatchSize), max(hi, r.BatchSize)
			if r.BatchSize == hi {
				last = r
			}
			if r.HoldoutError != nil && (worst == nil || *r.HoldoutError > *worst) {
				worst = r.HoldoutError
			}
		}
		t.add(text(k.model), text(in.title(k.platform)), text(k.engine), whole(k.workers), whole(int32(len(own))), text(fmt.Sprintf("%d – %d", lo, hi)),
			text(tally(own, func(r record.LatencyCurve) string { return r.Source })), text(tally(own, func(r record.LatencyCurve) string { return r.Support })),
			optional(worst, percent), ns(last.LatencyNS))
	}
	return t
}

// tally counts the rows by a label: "4 measured, 2 roofline"; a label that all
// rows share stands alone.
func tally[T any](rows []T, label func(T) string) string {
	labels := distinct(rows, label)
	if len(labels) == 1 {
		return labels[0]
	}
	var parts []string
	for _, l := range labels {
		parts = append(parts, fmt.Sprintf("%d %s", len(where(rows, func(r T) bool { return label(r) == l })), l))
	}
	return strings.Join(parts, ", ")
}

// accelTable says which sources an accelerator's times come from.
func (in input) accelTable() table {
	t := table{ID: "accelerator-sources", Caption: "Accelerator times and their sources", Columns: columns(
		"model", "platform", "source", "what", "#rows", "batch sizes")}
	type key struct{ model, platform, source string }
	of := func(r record.AccelLatency) key { return key{r.Model, r.Platform, r.Source} }
	rows := byModel(in, in.AccelLatency, func(r record.AccelLatency) string { return r.Model })
	for _, k := range distinct(rows, of) {
		own := where(rows, func(r record.AccelLatency) bool { return of(r) == k })
		what := tally(own, func(r record.AccelLatency) string {
			switch {
			case r.Speedup != nil:
				return "speed-up"
			case r.TransferNS != nil && r.ComputeNS != nil:
				return "transfer and compute"
			}
			return "total"
		})
		sizes := distinct(own, func(r record.AccelLatency) int32 { return r.BatchSize })
		t.add(text(k.model), text(in.title(k.platform)), text(k.source), text(what), whole(int32(len(own))),
			text(fmt.Sprintf("%d – %d", slices.Min(sizes), slices.Max(sizes))))
	}
	return t
}
