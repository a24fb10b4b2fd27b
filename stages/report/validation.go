package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"runexp/stages/record"
)

// checkTitles says what each kind of comparison compares.
var checkTitles = map[string]string{
	"theory":    "simulation with closed forms of queueing theory",
	"little":    "simulation with Little's law",
	"fork_join": "simulation of split queries on idle cores, exact",
	"service":   "service times of the real model with its latency curve",
	"live":      "the real models on this machine with their simulation, on the profile's curve",
	"now":       "the real models on this machine with their simulation, on the curve around the run",
	"drift":     "the curve around a live run with the profile's",
	"idle":      "service of requests that found an idle engine with that of others",
	"replay":    "a live run with its own service times, queued in virtual time",
	"fleet":     "a fleet's capacity with its simulation",
}

// validationAnswer is how far the simulator can be trusted: one row per kind of
// comparison.
func (in input) validationAnswer() (answer, bool) {
	t := table{ID: "trust", Caption: "Comparisons by what is compared",
		Columns: columns("what is compared", "#comparisons", "#agree", "#largest difference", "where")}
	all, agree := 0, 0
	for _, check := range distinct(in.Validation, func(r record.Validation) string { return r.CheckName }) {
		rows := where(in.Validation, func(r record.Validation) bool { return r.CheckName == check })
		passed, worst := 0, rows[0]
		for _, r := range rows {
			if r.Pass {
				passed++
			}
			if math.Abs(r.RelError) > math.Abs(worst.RelError) {
				worst = r
			}
		}
		all, agree = all+len(rows), agree+passed
		title, known := checkTitles[check]
		if !known {
			title = check
		}
		t.add(text(title), whole(int32(len(rows))), whole(int32(passed)), difference(worst.RelError), text(worst.CaseName+", "+worst.Metric))
	}
	if all == 0 {
		return answer{}, false
	}
	with := "queueing theory"
	if slices.ContainsFunc(in.Validation, func(r record.Validation) bool { return r.CheckName == "live" }) {
		with = "queueing theory and live runs"
	}
	lead := fmt.Sprintf("The simulator agrees with %s in %d of %d comparisons, within their interval or tolerance.", with, agree, all)
	return answer{lead, t}, true
}

// validationTable is every comparison.
func (in input) validationTable() table {
	t := table{ID: "validation", Caption: "Validation: what was expected and what was observed", Columns: columns(
		"check", "case", "metric", "#expected", "#observed", "#difference", "#tolerance", "agrees", "note")}
	for _, r := range in.Validation {
		value := metricFormat(r.Metric)
		verdict := "yes"
		if !r.Pass {
			verdict = "no"
		}
		tolerance := empty
		if r.Tolerance > 0 {
			tolerance = number(r.Tolerance, percent(r.Tolerance))
		}
		t.add(text(r.CheckName), text(r.CaseName), text(r.Metric), number(r.Expected, value(r.Expected)+within(r.ExpectedLo, r.ExpectedHi, value)),
			number(r.Observed, value(r.Observed)+within(r.Lo, r.Hi, value)), difference(r.RelError), tolerance, text(verdict), text(r.Note))
	}
	return t
}

// difference sorts by its size and shows its sign.
func difference(relative float64) cell {
	shown := percent(relative)
	if relative > 0 {
		shown = "+" + shown
	}
	return number(math.Abs(relative), strings.Replace(shown, "-", "−", 1))
}

// within is an interval, or nothing where an end is not known.
func within(lo, hi *float64, format func(float64) string) string {
	if lo == nil || hi == nil || *lo == *hi {
		return ""
	}
	return " " + between(*lo, *hi, format)
}

// metricFormat is how a value is written; the metric's name says its unit.
func metricFormat(metric string) func(float64) string {
	switch {
	case strings.HasSuffix(metric, "_ns"):
		return func(v float64) string { return duration(int64(v)) }
	case strings.HasSuffix(metric, "_qps"):
		return rate
	}
	return significant
}
