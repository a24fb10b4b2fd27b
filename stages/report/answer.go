package report

import (
	"fmt"
	"math"
	"slices"

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
// the tail is, where the time goes.
func (in input) answers() []answer {
	var list []answer
	for _, find := range []func() (answer, bool){in.policyAnswer, in.crossoverAnswer, in.tailAnswer, in.breakdownAnswer} {
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
		"model", "target", "#p95 limit", "policy", "runs on", "#batch size", "#offload from", "#max QPS", "interval", "#gain over static", "interval of gain", "status")}
	least, most := math.Inf(1), 0.0
	for _, d := range in.duels(k) {
		p := d.best()
		if p == nil {
			t.add(text(d.model), text(d.target), ns(d.slaNS), text("none meets the target"), text(""), empty, empty, empty, text(""), empty, text(""), text(""))
			continue
		}
		gain, around := empty, ""
		if d.static != nil {
			g := p.MaxQPS / d.static.MaxQPS
			least, most = math.Min(least, g), math.Max(most, g)
			gain = number(g, times(g))
			if d.static.MaxQPSLo > 0 {
				around = between(p.MaxQPSLo/d.static.MaxQPSHi, p.MaxQPSHi/d.static.MaxQPSLo, times)
			}
		} else {
			around = "static misses the target"
		}
		t.add(text(d.model), text(d.target), ns(d.slaNS), text(policyTitle(p.Policy)), text(in.runsOn(p.AccelPlatform)), whole(p.BatchSize), threshold(p.OffloadThreshold),
			number(p.MaxQPS, rate(p.MaxQPS)), text(between(p.MaxQPSLo, p.MaxQPSHi, rate)), gain, text(around), text(p.Status))
	}
	lead := "On " + in.titleOf(k.node) + ", the best policy found serves "
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

// crossoverAnswer is the batch size from which each accelerator is faster.
func (in input) crossoverAnswer() (answer, bool) {
	accels := in.accelerators()
	if len(accels) == 0 {
		return answer{}, false
	}
	t := table{ID: "crossovers", Caption: "Batch size from which an accelerator is faster than one CPU core",
		Columns: columns("model", "accelerator", "compared with", "#from batch size", "#speed-up at the largest batch", "#largest batch")}
	lo, hi, loModel, hiModel := math.Inf(1), 0.0, "", ""
	headline := ""
	for _, accel := range accels {
		d := in.speedupData(accel)
		for _, l := range d.Lines {
			series := d.Series[l.Series]
			last := l.Points[len(l.Points)-1]
			from := crossoverCell(l)
			t.add(text(l.Model), text(in.title(accel)), text(series.Name), from, number(last.Speedup, times(last.Speedup)), whole(int32(last.Batch)))
			if headline == "" && !series.Published {
				headline = in.title(accel) + " is faster than one core (" + series.Name + ")"
			}
			if l.Crossover > 0 && in.title(accel)+" is faster than one core ("+series.Name+")" == headline {
				if l.Crossover < lo {
					lo, loModel = l.Crossover, l.Model
				}
				if l.Crossover > hi {
					hi, hiModel = l.Crossover, l.Model
				}
			}
		}
	}
	switch {
	case len(t.Rows) == 0:
		return answer{}, false
	case hi == 0:
		return answer{"Whether and from which batch size an accelerator is faster than one CPU core, by model.", t}, true
	case loModel == hiModel:
		return answer{fmt.Sprintf("The %s from batch %s (%s).", headline, significant(lo), loModel), t}, true
	}
	return answer{fmt.Sprintf("The %s from batch %s (%s) to batch %s (%s), where the curves cross at all.", headline, significant(lo), loModel, significant(hi), hiModel), t}, true
}

func crossoverCell(l figure.SpeedupLine) cell {
	switch {
	case l.Crossover > 0:
		return number(l.Crossover, significant(l.Crossover))
	case l.Points[len(l.Points)-1].Speedup >= 1:
		return number(float64(l.Points[0].Batch), "always")
	}
	return number(math.MaxFloat64, "never")
}

// tailAnswer is the largest simulated rate that meets each target.
func (in input) tailAnswer() (answer, bool) {
	t := table{ID: "rates", Caption: "Largest simulated rate whose p95 meets the target",
		Columns: columns("model", "machine", "policy", "target", "#p95 limit", "#rate (QPS)", "#p95", "interval of p95", "#next rate (QPS)", "which")}
	for _, s := range in.sweeps() {
		for _, g := range in.Targets {
			if g.Model != s.panel.Model {
				continue
			}
			i := slices.IndexFunc(s.panel.Points, func(q figure.TailPoint) bool { return !q.Stable || q.P95 > nanos(g.LimitNS) })
			rateCell, p95, around := text("none"), empty, ""
			met := i - 1
			if i < 0 {
				met = len(s.panel.Points) - 1
			}
			if met >= 0 {
				q := s.panel.Points[met]
				rateCell, p95 = number(q.RateQPS, rate(q.RateQPS)), ns(int64(q.P95))
				around = between(float64(q.P95Lo), float64(q.P95Hi), func(v float64) string { return duration(int64(v)) })
			}
			next, which := empty, "not simulated"
			if i >= 0 {
				q := s.panel.Points[i]
				next, which = number(q.RateQPS, rate(q.RateQPS)), "misses"
				if !q.Stable {
					which = "saturates"
				}
			}
			t.add(text(s.panel.Model), text(in.titleOf(s.node)), text(s.panel.Detail), text(g.Name), ns(g.LimitNS), rateCell, p95, text(around), next, text(which))
		}
	}
	if len(t.Rows) == 0 {
		return answer{}, false
	}
	return answer{"How much load each machine takes before its p95 passes the target, among the rates simulated.", t}, true
}

// breakdownAnswer is the operator kind that takes most of the time.
func (in input) breakdownAnswer() (answer, bool) {
	t := table{ID: "dominant", Caption: "Operator kind that takes most of one forward pass, at the smallest and the largest batch",
		Columns: columns("model", "platform", "#batch size", "operator kind", "#share of time", "#whole pass")}
	for _, d := range in.dominants() {
		t.add(text(d.model), text(d.platform), whole(int32(d.batch)), text(d.kind), number(d.share, percent(d.share)), ns(d.totalNS))
	}
	if len(t.Rows) == 0 {
		return answer{}, false
	}
	return answer{"Where the time goes on the CPU, as measured.", t}, true
}
