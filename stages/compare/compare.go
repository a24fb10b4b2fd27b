// Package compare sets our results beside the paper's: every published number
// next to ours with their ratio, and every qualitative statement as a row that
// passes or fails.
//
// Its stance: it judges, and nothing else. No number here reaches any other
// stage, so nothing can be tuned to match; where we differ the row says so, and
// docs/paper.md says why.
//
// Start reading at Config and Rows; gains.go compares throughput, crossing.go
// the batch at which an accelerator pays.
package compare

import (
	"cmp"
	"fmt"
	"slices"

	"runexp/stages/record"
)

// Config is what was published, and for which machine.
type Config struct {
	CPU        string      `json:"cpu"`   // the paper's node
	Accel      string      `json:"accel"` // its accelerator
	Gains      []Gain      `json:"gains"`
	Means      []Mean      `json:"means"`
	Crossovers []Crossover `json:"crossovers"`
	// Tolerance is the relative error of the published numbers: digitised
	// figures are good to 5 %.
	Tolerance float64 `json:"tolerance"`
}

// Gain is throughput relative to the static policy at the low target, and the
// gain per watt of the accelerated node over static at the same target.
type Gain struct {
	Model           string  `json:"model"`
	Target          string  `json:"target"`
	Static          float64 `json:"static"`
	CPU             float64 `json:"cpu"`
	Accel           float64 `json:"accel"`
	AccelQPSPerWatt float64 `json:"accel_qps_per_watt"`
}

// Mean is the geometric mean over the models of the gains over static at the
// same target, as the paper's text states it.
type Mean struct {
	Target          string  `json:"target"`
	CPU             float64 `json:"cpu"`
	Accel           float64 `json:"accel"`
	AccelQPSPerWatt float64 `json:"accel_qps_per_watt"`
}

// Crossover is the batch from which the accelerator is faster than one core,
// between Lo and Hi.
type Crossover struct {
	Model string  `json:"model"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

// Validate reports a Config that compares nothing.
func (c Config) Validate() error {
	switch {
	case c.CPU == "" || c.Accel == "":
		return fmt.Errorf("compare: no machine is named")
	case len(c.Gains) == 0:
		return fmt.Errorf("compare: nothing was published")
	case !(c.Tolerance >= 0 && c.Tolerance < 1):
		return fmt.Errorf("compare: tolerance: %v is not in [0, 1)", c.Tolerance)
	}
	return nil
}

// scope is what a row is about.
type scope struct{ model, target, cpu, engine, accel string }

// All stands for every model or target in a row.
const All = "all"

// row starts a row without numbers.
func (s scope) row(check string) record.PaperCheck {
	return record.PaperCheck{Check: check, Model: s.model, Target: s.target, CPUPlatform: s.cpu, Engine: s.engine, AccelPlatform: s.accel}
}

// beside fills in both numbers where they are known.
func beside(r record.PaperCheck, ours span, published float64) record.PaperCheck {
	if ours.value > 0 {
		r.Ours, r.OursLo, r.OursHi = &ours.value, ours.lo, ours.hi
	}
	if published > 0 {
		r.Published = &published
	}
	if r.Ours != nil && r.Published != nil {
		ratio := *r.Ours / *r.Published
		r.Ratio = &ratio
	}
	return r
}

// says adds a statement and whether it holds; without a number of ours it does
// not.
func says(r record.PaperCheck, statement string, holds bool) record.PaperCheck {
	holds = holds && r.Ours != nil
	r.Statement, r.Pass = statement, &holds
	return r
}

// span is a number with its interval, nil ends where it has none.
type span struct {
	value  float64
	lo, hi *float64
}

// over divides two rates, both at their worst for the interval.
func over(a, b *record.OperatingPoint) span {
	if a == nil || b == nil || a.MaxQPS <= 0 || b.MaxQPS <= 0 {
		return span{}
	}
	s := span{value: a.MaxQPS / b.MaxQPS}
	if a.MaxQPSLo > 0 && b.MaxQPSLo > 0 {
		lo, hi := a.MaxQPSLo/b.MaxQPSHi, a.MaxQPSHi/b.MaxQPSLo
		s.lo, s.hi = &lo, &hi
	}
	return s
}

// Rows makes the table, sorted by check, engine, machine, model and target.
func Rows(c Config, points []record.OperatingPoint, accel []record.AccelLatency) ([]record.PaperCheck, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var rows []record.PaperCheck
	x := index(c, points)
	for _, engine := range x.engines() {
		rows = append(rows, x.gains(engine)...)
		rows = append(rows, x.statements(engine)...)
	}
	rows = append(rows, x.choices()...)
	rows = append(rows, x.transfers()...)
	rows = append(rows, x.platforms()...)
	rows = append(rows, c.crossings(accel)...)
	slices.SortStableFunc(rows, func(a, b record.PaperCheck) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.CPUPlatform, b.CPUPlatform), cmp.Compare(a.AccelPlatform, b.AccelPlatform))
	})
	return rows, nil
}
