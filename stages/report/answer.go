package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// answer is one of the experiment's questions with its answer in a sentence
// and the rows behind the sentence.
type answer struct {
	Lead  string
	Table table
}

// answers come in the order of their weight: what to do, when it pays, what
// the tail is, where the time goes, whether the paper agrees, how far to trust
// it.
func (in input) answers() []answer {
	var list []answer
	for _, find := range []func() (answer, bool){in.policyAnswer, in.crossoverAnswer, in.tailAnswer, in.breakdownAnswer, in.paperAnswer, in.validationAnswer} {
		if a, ok := find(); ok {
			list = append(list, a)
		}
	}
	return list
}

// policyAnswer is the best policy per model and target on the headline node.
func (in input) policyAnswer() (answer, bool) {
	var k searchKey
	found := false
	for _, n := range in.headliners() {
		if s := in.searches(n); len(s) > 0 {
			k, found = s[0], true
			break
		}
	}
	if !found {
		return answer{}, false
	}
	t := table{ID: "best-policies", Caption: "Best policy per model and target: " + in.titleOf(k.node), Columns: columns(
		"model", "target", "#p95 limit", "#max QPS (interval)", "#gain over static (interval)", "policy", "#batch size", "#offload from", "runs on", "status")}
	least, most := math.Inf(1), 0.0
	for _, d := range in.duels(k) {
		p := d.best()
		if p == nil {
			t.add(text(d.model), text(d.target), ns(d.slaNS), number(0, "none"), empty, text("none meets the target"), empty, empty, text("–"), text("–"))
			continue
		}
		gain := text("static misses it")
		if d.static != nil {
			g := p.MaxQPS / d.static.MaxQPS
			least, most = math.Min(least, g), math.Max(most, g)
			gain = number(g, times(g)+d.gainInterval())
		}
		t.add(text(d.model), text(d.target), ns(d.slaNS), number(p.MaxQPS, rate(p.MaxQPS)+" "+between(p.MaxQPSLo, p.MaxQPSHi, rate)), gain,
			text(policyTitle(p.Policy)), whole(p.BatchSize), threshold(p.OffloadThreshold), text(in.runsOn(p.AccelPlatform)), text(p.Status))
	}
	lead := "Simulated on " + in.titleOf(k.node) + ", the best policy found serves "
	switch {
	case most == 0:
		lead += "queries at the rates below; the static policy meets no target to compare with."
	case times(least) == times(most):
		lead += times(most) + " the queries of the static policy under the same p95 target."
	default:
		lead += fmt.Sprintf("between %s and %s the queries of the static policy under the same p95 target.", times(least), times(most))
	}
	return answer{lead, t}, true
}

func (in input) runsOn(accel string) string {
	if accel == record.None {
		return "CPU"
	}
	return "CPU + " + in.title(accel)
}

// crossoverAnswer is the batch size from which each accelerator is faster: one
// row per model and accelerator, one column per CPU that it is compared with.
func (in input) crossoverAnswer() (answer, bool) {
	var series []string
	data := map[string]figure.SpeedupData{}
	accels := in.accelerators()
	for _, accel := range accels {
		data[accel] = in.speedupData(accel)
		for _, s := range data[accel].Series {
			if !slices.Contains(series, s.Name) {
				series = append(series, s.Name)
			}
		}
	}
	t := table{ID: "crossovers", Caption: "Batch size from which an accelerator is faster than one core, the others idle (speed-up at the largest batch)",
		Columns: columns(append([]string{"model", "accelerator"}, prefixed("#", series)...)...)}
	for _, accel := range accels {
		d := data[accel]
		for _, m := range distinct(d.Lines, func(l figure.SpeedupLine) string { return l.Model }) {
			row := append([]cell{text(m), text(in.title(accel))}, slices.Repeat([]cell{empty}, len(series))...)
			for _, l := range d.Lines {
				if l.Model == m {
					row[2+slices.Index(series, d.Series[l.Series].Name)] = crossoverCell(l)
				}
			}
			t.add(row...)
		}
	}
	if len(t.Rows) == 0 {
		return answer{}, false
	}
	return answer{in.crossoverLead(accels[0], data[accels[0]]), t}, true
}

// crossoverLead says where the first accelerator pays against the first CPU of
// ours.
func (in input) crossoverLead(accel string, d figure.SpeedupData) string {
	ours := slices.IndexFunc(d.Series, func(s figure.SpeedupSeries) bool { return !s.Published })
	lines := where(d.Lines, func(l figure.SpeedupLine) bool { return l.Series == ours && l.Crossover > 0 })
	if len(lines) == 0 {
		return "From which batch size an accelerator is faster than one core, by model."
	}
	by := func(a, b figure.SpeedupLine) int { return cmp.Compare(a.Crossover, b.Crossover) }
	lo, hi := slices.MinFunc(lines, by), slices.MaxFunc(lines, by)
	lead := fmt.Sprintf("The %s is faster than one core (%s) from batch %s on", in.title(accel), d.Series[ours].Name, significant(lo.Crossover))
	if significant(lo.Crossover) != significant(hi.Crossover) {
		lead += fmt.Sprintf(" for %s, from batch %s on for %s", lo.Model, significant(hi.Crossover), hi.Model)
	}
	never := where(d.Lines, func(l figure.SpeedupLine) bool {
		return l.Series == ours && l.Crossover == 0 && l.Points[len(l.Points)-1].Speedup < 1
	})
	if len(never) > 0 {
		lead += "; never for " + list(distinct(never, func(l figure.SpeedupLine) string { return l.Model }))
	}
	return lead + "."
}

func prefixed(prefix string, words []string) []string {
	var out []string
	for _, w := range words {
		out = append(out, prefix+w)
	}
	return out
}

func crossoverCell(l figure.SpeedupLine) cell {
	last := l.Points[len(l.Points)-1]
	end := fmt.Sprintf(" (%s at %d)", times(last.Speedup), last.Batch)
	switch {
	case l.Crossover > 0:
		return number(l.Crossover, l.Range(significant)+end)
	case last.Speedup >= 1:
		return number(float64(l.Points[0].Batch), "always"+end)
	}
	return number(math.MaxFloat64, "never"+end)
}

// tailAnswer is the largest simulated rate that meets each target.
func (in input) tailAnswer() (answer, bool) {
	t := table{ID: "rates", Caption: "Largest simulated rate whose p95 meets the target",
		Columns: columns("model", "machine", "policy", "target", "#p95 limit", "#rate (QPS)", "#p95 (interval)", "#next rate (QPS)", "which")}
	sweeps := in.sweeps()
	for _, s := range sweeps {
		for _, g := range in.Targets {
			if g.Model != s.panel.Model {
				continue
			}
			i := firstMiss(s.panel, g.LimitNS)
			rateCell, p95 := number(0, "none"), empty
			if met := i - 1; met >= 0 {
				q := s.panel.Points[met]
				rateCell, p95 = number(q.RateQPS, rate(q.RateQPS)), ns(int64(q.P95))
				if q.P95Hi > q.P95Lo {
					p95.Text += " " + between(float64(q.P95Lo), float64(q.P95Hi), func(v float64) string { return duration(int64(v)) })
				}
			}
			next, which := empty, "not simulated"
			if i < len(s.panel.Points) {
				q := s.panel.Points[i]
				next, which = number(q.RateQPS, rate(q.RateQPS)), "misses"
				if !q.Stable {
					which = "saturates"
				}
			}
			t.add(text(s.panel.Model), text(in.titleOf(s.node)), text(s.panel.Detail), text(g.Name), ns(g.LimitNS), rateCell, p95, next, text(which))
		}
	}
	if len(t.Rows) == 0 {
		return answer{}, false
	}
	return answer{in.tailLead(sweeps), t}, true
}

// firstMiss is the index of the smallest rate that saturates or whose p95 passes
// a limit, or the number of rates.
func firstMiss(panel figure.TailPanel, limitNS int64) int {
	i := slices.IndexFunc(panel.Points, func(q figure.TailPoint) bool { return !q.Stable || q.P95 > nanos(limitNS) })
	if i < 0 {
		return len(panel.Points)
	}
	return i
}

// tailLead says, of the first machine and policy, how much of the largest stable
// rate each model's medium target leaves.
func (in input) tailLead(sweeps []sweep) string {
	first := sweeps[0]
	least, most := math.Inf(1), 0.0
	for _, s := range sweeps {
		i := slices.IndexFunc(in.Targets, func(g Target) bool { return g.Model == s.panel.Model && g.Name == "medium" })
		if s.sweepKey != first.sweepKey || s.panel.Detail != first.panel.Detail || i < 0 {
			continue
		}
		share := 0.0
		if met := firstMiss(s.panel, in.Targets[i].LimitNS) - 1; met >= 0 {
			stable := where(s.panel.Points, func(q figure.TailPoint) bool { return q.Stable })
			share = s.panel.Points[met].RateQPS / stable[len(stable)-1].RateQPS
		}
		least, most = math.Min(least, share), math.Max(most, share)
	}
	if most == 0 {
		return "How much load each machine takes before its p95 passes the target, among the rates simulated."
	}
	return fmt.Sprintf("Simulated on %s, %s: p95 meets the medium target up to between %s and %s of the largest stable rate, by model.",
		in.titleOf(first.node), first.panel.Detail, percent(least), percent(most))
}

// breakdownAnswer is the operator kind that takes most of the time.
func (in input) breakdownAnswer() (answer, bool) {
	t := table{ID: "dominant", Caption: "Operator kind that takes most of one forward pass, at the smallest and the largest batch",
		Columns: columns("model", "platform", "#batch size", "operator kind", "#share of time", "#whole pass")}
	dominants := in.dominants()
	for _, d := range dominants {
		t.add(text(d.model), text(d.platform), whole(int32(d.batch)), text(d.kind), number(d.share, percent(d.share)), ns(d.totalNS))
	}
	if len(t.Rows) == 0 {
		return answer{}, false
	}
	return answer{breakdownLead(dominants), t}, true
}

// breakdownLead says which operator kind takes most of a pass at the largest
// batch, of which models; of several fusions the one that serves.
func breakdownLead(dominants []dominant) string {
	last := map[string]dominant{}
	for _, d := range dominants {
		if d.batch >= last[d.model].batch && !strings.HasSuffix(d.platform, "fusion none") {
			last[d.model] = d
		}
	}
	models := where(distinct(dominants, func(d dominant) string { return d.model }), func(m string) bool { return last[m].batch > 0 })
	var parts []string
	for _, kind := range distinct(models, func(m string) string { return last[m].kind }) {
		parts = append(parts, kind+" for "+list(where(models, func(m string) bool { return last[m].kind == kind })))
	}
	return "Measured on the CPU, what takes most of a pass at the largest batch: " + strings.Join(parts, "; ") + "."
}
