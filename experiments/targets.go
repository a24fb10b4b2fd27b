package experiments

import (
	"math"
	"slices"

	"runexp/stages/optimize"
	"runexp/stages/report"
)

// targets pairs each model with its medium target: the user's, or the paper's.
func (e *Experiment) targets() ([]optimize.Model, error) {
	own, err := e.ownTargets()
	if err != nil {
		return nil, err
	}
	var list []optimize.Model
	for _, m := range e.models {
		t := optimize.Model{Name: m.Name(), SLANS: m.Target().Nanoseconds()}
		if ns, ok := own[t.Name]; ok {
			t.SLANS = ns
		}
		if t.SLANS == 0 {
			return nil, e.fault("optimize.sla", "the paper has no target for %s; add %s=TIME", t.Name, t.Name)
		}
		list = append(list, t)
	}
	return list, nil
}

// ownTargets are the user's medium targets by model, in ns.
func (e *Experiment) ownTargets() (map[string]int64, error) {
	own := map[string]int64{}
	for _, spec := range e.Optimize.SLA {
		model, target, err := parseSLA(spec)
		if err == nil {
			err = oneOf(e.labels()...).check(model)
		}
		if err != nil {
			return nil, e.fault("optimize.sla", "%v", err)
		}
		own[model] = target.Nanoseconds()
	}
	return own, nil
}

// targetLines are the lines that tail-latency figures are read against.
func targetLines(models []optimize.Model, names []string) []report.Target {
	var lines []report.Target
	for _, m := range models {
		for _, t := range optimize.DefaultTargets() {
			if slices.Contains(names, t.Name) {
				lines = append(lines, report.Target{Model: m.Name, Name: t.Name, LimitNS: int64(math.Round(t.Factor * float64(m.SLANS)))})
			}
		}
	}
	return lines
}
