package report

import (
	"fmt"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// mixKey names the searches of one figure: all models and targets on one
// cluster of servers that differ.
type mixKey struct{ mix, engine, router, sizes string }

func mixOf(r record.MixPoint) mixKey { return mixKey{r.Mix, r.Engine, r.Router, r.SizeDist} }

// mixes draws what clusters of servers that differ serve with one policy for
// all and with one of its own for each kind.
func (in input) mixes() ([]drawing, error) {
	var list []drawing
	used := map[string]int{}
	rows := where(byModel(in, in.Mix, func(r record.MixPoint) string { return r.Model }), func(r record.MixPoint) bool { return r.Part == 0 })
	for _, k := range distinct(rows, mixOf) {
		d := figure.GainData{
			Axis: "QPS relative to static at the same target", Marks: []string{"static, each its own", "one policy for all", "own policies"},
			Rows: mixRows(where(rows, func(r record.MixPoint) bool { return mixOf(r) == k })),
			Text: figure.Text{
				Title: fmt.Sprintf("Policies of a mixed cluster: %s, %s engine", k.mix, k.engine),
				Caption: fmt.Sprintf("Searched in simulation, then simulated with fresh queries; %s router, %s query sizes; bars: interval of the rate. "+
					"Own policies come from tuning one kind of server after the other, from the best shared one on.", k.router, k.sizes),
				Notes: in.footnotes(scope{[]string{"fit", "optimize"}, platformsOf(in.Mix, k)}),
			},
		}
		f, err := figure.Gain(d)
		if err != nil {
			return nil, err
		}
		list = append(list, drawing{name: numbered(used, "mix_"+slug(k.mix, k.engine)), figure: f, folded: len(list) > 0,
			cat: []string{in.cat("mix_point", "mix="+k.mix, "engine="+k.engine)}})
	}
	return list, nil
}

// mixRows are one line for each model and target whose static rate is known.
func mixRows(rows []record.MixPoint) []figure.GainRow {
	type key struct {
		model, target string
		slaNS         int64
	}
	of := func(r record.MixPoint) key { return key{r.Model, r.Target, r.SLANS} }
	var list []figure.GainRow
	for _, k := range distinct(rows, of) {
		row := figure.GainRow{Model: k.model, Group: k.target, Detail: duration(k.slaNS), Series: "ours"}
		best, base := 0.0, 0.0
		for mark, r := range where(rows, func(r record.MixPoint) bool { return of(r) == k }) { // static, shared, own
			best = max(best, r.MaxQPS)
			if mark == 0 {
				base = r.MaxQPS
			}
			if base > 0 && r.MaxQPS > 0 {
				row.Values = append(row.Values, figure.GainValue{Mark: mark, Value: r.MaxQPS / base,
					Lo: positive(r.MaxQPSLo, r.MaxQPS) / base, Hi: hiOf(r.MaxQPS, r.MaxQPSHi) / base})
			}
		}
		row.Note = rate(best) + " QPS"
		if base == 0 {
			row.Note = "static misses it; best " + row.Note
		}
		list = append(list, row)
	}
	return list
}

func platformsOf(rows []record.MixPoint, k mixKey) []string {
	var names []string
	for _, r := range where(rows, func(r record.MixPoint) bool { return mixOf(r) == k }) {
		names = append(names, r.CPUPlatform, r.AccelPlatform)
	}
	return distinct(names, func(s string) string { return s })
}

func (in input) mixTable() table {
	t := table{ID: "mixed-clusters", Caption: "Policies of mixed clusters", Columns: columns(
		"model", "cluster", "engine", "target", "#p95 limit", "policies", "servers", "#batch size", "#offload from",
		"#max QPS of the cluster (interval)", "#p95", "#gain over static", "#simulations", "status")}
	for _, r := range byModel(in, in.Mix, func(r record.MixPoint) string { return r.Model }) {
		p95 := empty
		if r.P95NS != nil {
			p95 = ns(*r.P95NS)
		}
		t.add(text(r.Model), text(r.Mix), text(r.Engine), text(r.Target), ns(r.SLANS), text(r.Assignment),
			text(fmt.Sprintf("%d × %s", r.PartServers, in.machineTitle(r.CPUPlatform, r.AccelPlatform))), whole(r.BatchSize), threshold(r.OffloadThreshold),
			number(r.MaxQPS, rate(r.MaxQPS)+" "+between(r.MaxQPSLo, r.MaxQPSHi, rate)), p95,
			optional(r.GainOverStatic, times), number(float64(r.Sims), fmt.Sprint(r.Sims)), text(r.Status))
	}
	return t
}
