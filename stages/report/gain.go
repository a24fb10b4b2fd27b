package report

import (
	"cmp"
	"fmt"
	"slices"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// Marks of the comparison figures, worst first.
const (
	markStatic = iota
	markCPU
	markAccel
)

const staticPolicy = "static"

// duel is one model and target on one node: the operating points that a
// comparison is made of, each nil where the tables have none with a rate.
type duel struct {
	model, target string
	slaNS         int64
	static        *record.OperatingPoint // on the CPU alone where it was searched
	cpu           *record.OperatingPoint // best tuned policy without accelerator
	accel         *record.OperatingPoint // best tuned policy on the node with one
}

// best is the better of the two tuned points, nil if neither has a rate.
func (d duel) best() *record.OperatingPoint {
	if d.cpu == nil || d.accel != nil && d.accel.MaxQPS > d.cpu.MaxQPS {
		return d.accel
	}
	return d.cpu
}

// gainInterval is the gain's interval, both rates at their worst; empty where
// the static policy's rate has none.
func (d duel) gainInterval() string {
	p := d.best()
	if d.static.MaxQPSLo <= 0 {
		return ""
	}
	return " " + between(p.MaxQPSLo/d.static.MaxQPSHi, p.MaxQPSHi/d.static.MaxQPSLo, significant)
}

// duels gathers the comparison of a search on a node and of the same search on
// its CPU alone.
func (in input) duels(k searchKey) []duel {
	alone := k
	alone.node.Accel = record.None
	type key struct {
		model, target string
		slaNS         int64
	}
	rows := where(in.Point, func(r record.OperatingPoint) bool { return searchOfPoint(r) == k || searchOfPoint(r) == alone })
	rows = byModel(in, rows, func(r record.OperatingPoint) string { return r.Model })
	var list []duel
	for _, m := range distinct(rows, func(r record.OperatingPoint) key { return key{r.Model, r.Target, r.SLANS} }) {
		d := duel{model: m.model, target: m.target, slaNS: m.slaNS}
		own := where(rows, func(r record.OperatingPoint) bool { return key{r.Model, r.Target, r.SLANS} == m })
		statics := where(own, func(r record.OperatingPoint) bool { return r.Policy == staticPolicy })
		if d.static = highest(where(statics, func(r record.OperatingPoint) bool { return r.AccelPlatform == record.None })); d.static == nil {
			d.static = highest(statics)
		}
		d.cpu = highest(where(own, func(r record.OperatingPoint) bool { return r.Policy != staticPolicy && r.AccelPlatform == record.None }))
		if k.node.Accel != record.None {
			d.accel = highest(where(own, func(r record.OperatingPoint) bool { return r.Policy != staticPolicy && r.AccelPlatform != record.None }))
		}
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b duel) int {
		return cmp.Or(cmp.Compare(in.rank(a.model), in.rank(b.model)), cmp.Compare(a.model, b.model), cmp.Compare(a.slaNS, b.slaNS))
	})
	return list
}

// highest is the row with the largest rate, the first of equals; nil if none
// has a rate at all.
func highest(rows []record.OperatingPoint) *record.OperatingPoint {
	var best *record.OperatingPoint
	for i := range rows {
		if rows[i].MaxQPS > 0 && (best == nil || rows[i].MaxQPS > best.MaxQPS) {
			best = &rows[i]
		}
	}
	return best
}

// searches lists the searches of a node whose policies were tuned on the sizes
// that they serve.
func (in input) searches(n Node) []searchKey {
	return where(distinct(in.Point, searchOfPoint), func(k searchKey) bool { return k.node == n && k.tunedOn == k.sizes })
}

// gains draws throughput relative to the static policy at the lowest target.
// A CPU alone gets a figure of its own only if no node with an accelerator
// shows it.
func (in input) gains() ([]drawing, error) {
	return in.comparisons("gain", "Throughput under the p95 target: ", "QPS relative to static",
		"Values, the published ones too, are relative to the static policy at the tightest target that ours meets; bars: interval of the rate. The rate on the right is the best policy's.",
		in.gainRows)
}

// efficiencies draws queries per watt relative to the static policy at the
// same target.
func (in input) efficiencies() ([]drawing, error) {
	return in.comparisons("efficiency", "Queries per watt under the p95 target: ", "QPS per watt relative to static at the same target",
		"Power at the largest rate that meets the target"+in.powerPreset()+"; bars: interval of the rate.",
		in.efficiencyRows)
}

func (in input) comparisons(name, title, axis, caption string, rows func(searchKey) []figure.GainRow) ([]drawing, error) {
	var out []drawing
	used := map[string]int{}
	for _, n := range in.headliners() {
		for _, k := range in.searches(n) {
			d := figure.GainData{Axis: axis, Marks: []string{"static", "tuned CPU", "tuned CPU + accelerator"}, Rows: rows(k),
				Text: figure.Text{Title: title + in.titleOf(n), Caption: in.searchCaption(k) + " " + caption, Notes: in.footnotes(scope{[]string{"fit", "optimize"}, []string{n.CPU, n.Accel}})}}
			if n.Accel == record.None {
				d.Marks = d.Marks[:markAccel]
			}
			if !slices.ContainsFunc(d.Rows, func(r figure.GainRow) bool { return !r.Published && len(r.Values) > 0 }) {
				continue
			}
			if slices.ContainsFunc(d.Rows, func(r figure.GainRow) bool { return r.Published }) {
				d.Caption += " Published: ISCA 2020, Fig. 11 (Skylake, GTX 1080 Ti), digitised to ±5 %"
				if name == "efficiency" {
					d.Caption += ", of the accelerated node alone"
				}
				d.Caption += "."
			}
			f, err := figure.Gain(d)
			if err != nil {
				return nil, err
			}
			out = append(out, drawing{name: numbered(used, name+"_"+slug(n.CPU, n.Engine, n.Accel)), figure: f, folded: len(out) > 0,
				cat: []string{in.cat("operating_point", "cpu_platform="+n.CPU, "engine="+n.Engine)}})
		}
	}
	return out, nil
}

// headliners are the nodes worth a comparison: those with an accelerator, and
// a CPU alone where no such node includes it.
func (in input) headliners() []Node {
	all := in.machines()
	return where(all, func(n Node) bool {
		return n.Accel != record.None || !slices.ContainsFunc(all, func(m Node) bool {
			return m.CPU == n.CPU && m.Engine == n.Engine && m.Accel != record.None && len(in.searches(m)) > 0
		})
	})
}

func (in input) gainRows(k searchKey) []figure.GainRow {
	var rows []figure.GainRow
	duels := in.duels(k)
	for _, d := range duels {
		base := in.baseline(duels, d.model)
		row := figure.GainRow{Model: d.model, Group: d.target, Detail: duration(d.slaNS), Series: "ours"}
		switch {
		case base == nil:
			row.Note = "static meets no target"
			if p := d.best(); p != nil {
				row.Note += "; best " + rate(p.MaxQPS) + " QPS"
			}
		case d.best() == nil && d.static == nil:
			row.Note = "no policy meets it"
		default:
			for mark, p := range []*record.OperatingPoint{d.static, d.cpu, d.accel} {
				if p != nil {
					row.Values = append(row.Values, figure.GainValue{Mark: mark, Value: p.MaxQPS / base.MaxQPS,
						Lo: positive(p.MaxQPSLo, p.MaxQPS) / base.MaxQPS, Hi: hiOf(p.MaxQPS, p.MaxQPSHi) / base.MaxQPS})
				}
			}
			row.Note = noteOf(d)
			if d.static == nil {
				row.Note += "; static misses it"
			}
		}
		rows = append(rows, row)
		unit := in.publishedStatic(base)
		rows = append(rows, in.publishedGains(k, d, func(g PublishedGain) []float64 {
			return []float64{g.Static / unit, g.TunedCPU / unit, g.TunedAccel / unit}
		})...)
	}
	return rows
}

// positive is an interval's lower end that a logarithmic axis can show.
func positive(lo, value float64) float64 {
	if lo <= 0 || lo > value {
		return value
	}
	return lo
}

func noteOf(d duel) string {
	if p := d.best(); p != nil {
		return rate(p.MaxQPS) + " QPS"
	}
	return rate(d.static.MaxQPS) + " QPS"
}

// baseline is the static point at the lowest target that the static policy
// meets at all.
func (in input) baseline(duels []duel, model string) *record.OperatingPoint {
	for _, d := range duels {
		if d.model == model && d.static != nil {
			return d.static
		}
	}
	return nil
}

// publishedStatic is what the published values of a model are relative to: the
// published static policy at the target that ours are relative to.
func (in input) publishedStatic(base *record.OperatingPoint) float64 {
	for _, g := range in.Published.Gain {
		if base != nil && g.Model == base.Model && g.Target == base.Target && g.Static > 0 {
			return g.Static
		}
	}
	return 1
}

// powerPreset names how power is modelled.
func (in input) powerPreset() string {
	if in.Power == "" {
		return ""
	}
	return ", preset " + in.Power
}

// publishedGains is the published row of the same model and target, if any.
func (in input) publishedGains(k searchKey, d duel, values func(PublishedGain) []float64) []figure.GainRow {
	for _, g := range in.Published.Gain {
		if g.Model != d.model || g.Target != d.target {
			continue
		}
		row := figure.GainRow{Model: d.model, Group: d.target, Detail: duration(d.slaNS), Series: "published", Published: true}
		for mark, v := range values(g) {
			if v > 0 && (mark != markAccel || k.node.Accel != record.None) {
				row.Values = append(row.Values, figure.GainValue{Mark: mark, Value: v, Lo: v, Hi: v})
			}
		}
		return []figure.GainRow{row}
	}
	return nil
}

func (in input) efficiencyRows(k searchKey) []figure.GainRow {
	var rows []figure.GainRow
	for _, d := range in.duels(k) {
		if d.static == nil || d.static.QPSPerWatt == nil || *d.static.QPSPerWatt <= 0 {
			continue
		}
		row := figure.GainRow{Model: d.model, Group: d.target, Detail: duration(d.slaNS), Series: "ours"}
		top := 0.0
		for mark, p := range []*record.OperatingPoint{d.static, d.cpu, d.accel} {
			if p != nil && p.QPSPerWatt != nil && *p.QPSPerWatt > 0 {
				v := *p.QPSPerWatt / *d.static.QPSPerWatt
				top = max(top, *p.QPSPerWatt)
				row.Values = append(row.Values, figure.GainValue{Mark: mark, Value: v,
					Lo: v * positive(p.MaxQPSLo, p.MaxQPS) / p.MaxQPS, Hi: v * hiOf(p.MaxQPS, p.MaxQPSHi) / p.MaxQPS})
			}
		}
		row.Note = fmt.Sprintf("%s QPS/W", significant(top))
		rows = append(rows, row)
		if k.node.Accel != record.None {
			rows = append(rows, in.publishedGains(k, d, func(g PublishedGain) []float64 { return []float64{1, 0, g.AccelQPSPerWatt} })...)
		}
	}
	return rows
}
