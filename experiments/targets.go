package experiments

import (
	"math"
	"slices"

	"runexp/stages/optimize"
	"runexp/stages/report"
)

// targets pairs each model with its medium target. A model without one is a
// fault.
func (e *Experiment) targets() ([]optimize.Model, error) {
	medium, err := e.mediumTargets()
	if err != nil {
		return nil, err
	}
	var list []optimize.Model
	for _, name := range e.labels() {
		ns, ok := medium[name]
		if !ok {
			return nil, e.fault("optimize.sla", "the paper has no target for %s; add %s=TIME", name, name)
		}
		list = append(list, optimize.Model{Name: name, SLANS: ns})
	}
	return list, nil
}

// mediumTargets are the medium targets by model, in ns, where there is one: the
// user's, or the paper's.
func (e *Experiment) mediumTargets() (map[string]int64, error) {
	medium, err := e.ownTargets()
	if err != nil {
		return nil, err
	}
	for _, m := range e.models {
		if _, own := medium[m.Name()]; !own && m.Target() > 0 {
			medium[m.Name()] = m.Target().Nanoseconds()
		}
	}
	return medium, nil
}

// ownTargets are the user's medium targets by model, in ns.
func (e *Experiment) ownTargets() (map[string]int64, error) {
	own := map[string]int64{}
	for _, spec := range e.Optimize.SLA {
		t, err := parseSLA(spec)
		if err == nil {
			err = oneOf(e.labels()...).check(t.model)
		}
		if err != nil {
			return nil, e.fault("optimize.sla", "%v", err)
		}
		own[t.model] = t.target.Nanoseconds()
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
