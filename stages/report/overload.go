package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// overloads draws, where several rules of admission were simulated, how many
// queries each answers in time.
func (in input) overloads() ([]drawing, error) {
	rows := where(byModel(in, in.Trial, func(r record.Trial) string { return r.Model }), func(r record.Trial) bool { return r.TargetNS != nil })
	shared := func(r record.Trial) sweepKey {
		k := sweepOf(r)
		k.admission = ""
		return k
	}
	var list []drawing
	used := map[string]int{}
	keys := distinct(rows, shared)
	for _, node := range in.machines() {
		for _, k := range keys {
			if k.node != node {
				continue
			}
			mine := where(rows, func(r record.Trial) bool { return shared(r) == k })
			if len(distinct(mine, func(r record.Trial) string { return r.Admission })) < 2 {
				continue
			}
			f, err := figure.Overload(figure.OverloadData{
				Panels: overloadPanels(mine),
				Text: figure.Text{Title: "Overload: " + in.titleOf(node), Caption: in.overloadCaption(k),
					Notes: in.footnotes(scope{[]string{"fit", "simulate"}, []string{node.CPU, node.Accel}})},
			})
			if err != nil {
				return nil, err
			}
			list = append(list, drawing{name: numbered(used, "overload_"+slug(node.CPU, node.Engine, node.Accel)), figure: f, folded: len(list) > 0,
				cat: []string{in.catTrials(node)}})
		}
	}
	return list, nil
}

// overloadPanels are the models and policies of one kind of cluster.
func overloadPanels(rows []record.Trial) []figure.OverloadPanel {
	type key struct {
		model  string
		policy policyKey
	}
	of := func(r record.Trial) key { return key{r.Model, policyKey{r.BatchSize, r.OffloadThreshold}} }
	var panels []figure.OverloadPanel
	for _, k := range distinct(rows, of) {
		mine := where(rows, func(r record.Trial) bool { return of(r) == k })
		panel := figure.OverloadPanel{Model: k.model, Detail: fmt.Sprintf("%s, within %s", k.policy, duration(*mine[0].TargetNS))}
		for _, rule := range distinct(mine, func(r record.Trial) string { return r.Admission }) {
			panel.Lines = append(panel.Lines, overloadLine(rule, where(mine, func(r record.Trial) bool { return r.Admission == rule })))
		}
		panels = append(panels, panel)
	}
	return panels
}

// overloadLine is one rule, for one seed, the smallest.
func overloadLine(rule string, rows []record.Trial) figure.OverloadLine {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b record.Trial) int {
		return cmp.Or(cmp.Compare(a.RateQPS, b.RateQPS), cmp.Compare(a.Seed, b.Seed))
	})
	rows = slices.CompactFunc(rows, func(a, b record.Trial) bool { return a.RateQPS == b.RateQPS })
	line := figure.OverloadLine{Name: admission(rule)}
	for _, r := range rows {
		q := figure.OverloadPoint{RateQPS: r.RateQPS}
		if r.GoodQPS != nil {
			q.GoodQPS, q.Stable = *r.GoodQPS, true
		}
		line.Points = append(line.Points, q)
	}
	return line
}

// admission says a rule in words.
func admission(rule string) string {
	name, value, _ := strings.Cut(rule, ":")
	switch name {
	case "queue":
		return "turned away where " + value + " wait"
	case "wait":
		return "given up after " + value
	}
	return "all let in"
}

func (in input) overloadCaption(k sweepKey) string {
	return fmt.Sprintf("Simulated: %s arrivals, %s query sizes. Queries that arrive and are answered within the medium p95 target, per second; "+
		"a query that is turned away costs nothing and counts as not answered.%s", k.arrivals, k.sizes, in.served(k.node))
}
