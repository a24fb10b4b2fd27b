package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"runexp/pipeline/cache"
)

// What a plan says about a stage.
const (
	PlanHit   = "hit"
	PlanRun   = "run"
	PlanMaybe = "maybe" // runs unless a stage before it, which runs, puts out the same rows as before
)

// Step is what a run would do with one stage, and why.
type Step struct {
	Stage    string
	Measured bool
	Status   string // PlanHit, PlanRun or PlanMaybe
	Reason   string
	Changed  []Change      // lines that differ from the last recorded run
	Took     time.Duration // when it last ran; 0 if unknown
}

// Change is one line of an action ID that differs: Old is empty for a new
// line, New for one that is gone.
type Change struct{ Old, New string }

// String prints the change as it reads: what was, and what is.
func (c Change) String() string {
	switch {
	case c.Old == "":
		return "new: " + c.New
	case c.New == "":
		return "gone: " + c.Old
	}
	return c.Old + " -> " + c.New[keyLength(c.New):]
}

// Explanation is everything that enters a stage's action ID.
type Explanation struct {
	Step
	ActionID string   // empty while an input is unknown
	Lines    []string // an input that is not known until another stage has run is named "?"
}

// Plan says what a run would do, without doing it.
func (g *Graph) Plan(o Options) ([]Step, error) {
	explanations, err := g.explain(o)
	steps := make([]Step, len(explanations))
	for i, e := range explanations {
		steps[i] = e.Step
	}
	return steps, err
}

// Why explains the action ID of a stage and what changed in it.
func (g *Graph) Why(stage string, o Options) (Explanation, error) {
	if _, err := g.Stage(stage); err != nil {
		return Explanation{}, err
	}
	o.Only, o.Force = []string{stage}, false
	explanations, err := g.explain(o)
	if err != nil {
		return Explanation{}, err
	}
	return explanations[len(explanations)-1], nil
}

// explain goes through the stages as Run does, looking only.
func (g *Graph) explain(o Options) ([]Explanation, error) {
	stages, err := g.needed(o.Only)
	if err != nil {
		return nil, err
	}
	f := openFolder(o.Results, g.name)
	m, _ := loadManifest(f.experiment, f.dir)
	done := map[string]*entry{}
	var out []Explanation
	for _, s := range stages {
		x := Explanation{Step: Step{Stage: s.Name, Measured: s.Host}, Lines: g.lines(s, o.Host, done)}
		last := m.stage(s.Name)
		if last != nil {
			x.Changed, x.Took = Changes(last.Lines, x.Lines), last.Took
		}
		e, err := f.foresee(&x, s, last, o.forces(s.Name))
		if err != nil {
			return nil, fmt.Errorf("stage %s: %w", s.Name, err)
		}
		if e != nil {
			done[s.Name] = e
		}
		out = append(out, x)
	}
	return out, nil
}

// foresee fills in status and reason of a step, and returns the entry if the
// stage would be a hit.
func (f folder) foresee(x *Explanation, s Stage, last *Record, forced bool) (*entry, error) {
	if pending := pendingInputs(x.Lines); len(pending) > 0 {
		x.Status, x.Reason = PlanMaybe, strings.Join(pending, " and ")+" would run first"
		if forced {
			x.Status = PlanRun
		}
		return nil, nil
	}
	x.ActionID = cache.ID(x.Lines)
	x.Status = PlanRun
	if forced {
		x.Reason = "forced"
		return nil, nil
	}
	e, err := f.find(x.ActionID, s.Tables)
	if err != nil {
		x.Reason = reason(err, x, last)
		return nil, nil
	}
	state, err := f.inspect(e)
	if err != nil {
		return nil, err
	}
	if len(state.lost) > 0 {
		x.Reason = strings.Join(state.notes, "; ")
		return nil, nil
	}
	x.Status, x.Reason = PlanHit, "ran "+e.Created.Format(time.DateTime)+" UTC"
	if len(state.write) > 0 {
		x.Reason += fmt.Sprintf("; %d of %d files come from the cache", len(state.write), len(e.Outputs))
	}
	for _, note := range state.notes {
		x.Reason += "; " + note
	}
	return e, nil
}

// reason says why an action has no record.
func reason(err error, x *Explanation, last *Record) string {
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return err.Error()
	case last == nil:
		return "has not run here"
	case len(x.Changed) == 0:
		return "its record is gone from the cache"
	case len(x.Changed) == 1:
		return x.Changed[0].String()
	}
	return fmt.Sprintf("%s, and %d lines more changed", x.Changed[0], len(x.Changed)-1)
}

// pendingInputs returns the stages with an output not known yet.
func pendingInputs(lines []string) (stages []string) {
	for _, line := range lines {
		w := strings.Fields(line)
		if len(w) == 4 && w[0] == "input" && w[3] == unknown && !slices.Contains(stages, w[1]) {
			stages = append(stages, w[1])
		}
	}
	return stages
}

// Changes pairs the lines that differ between two action IDs, in the order of
// the new ones. An input not known yet is no difference.
func Changes(old, new []string) []Change {
	var changes []Change
	gone := slices.DeleteFunc(slices.Clone(old), func(l string) bool { return slices.Contains(new, l) })
	for _, line := range new {
		if slices.Contains(old, line) {
			continue
		}
		key := line[:keyLength(line)]
		c := Change{New: line}
		if i := slices.IndexFunc(gone, func(l string) bool { return l[:keyLength(l)] == key }); i >= 0 {
			c.Old = gone[i]
			gone = slices.Delete(gone, i, i+1)
		}
		if !strings.HasSuffix(line, " "+unknown) {
			changes = append(changes, c)
		}
	}
	for _, line := range gone {
		changes = append(changes, Change{Old: line})
	}
	return changes
}

// keyLength returns the length of the part of a line that says what its value
// is of: up to the equals sign in "config a.b=1", to the second space in
// "input-host a b", to the last one elsewhere.
func keyLength(line string) int {
	if strings.HasPrefix(line, "config ") {
		if i := strings.IndexByte(line, '='); i >= 0 {
			return i + 1
		}
	}
	if of, ok := strings.CutPrefix(line, "input-host "); ok { // a host's name has spaces
		_, host, _ := strings.Cut(of, " ")
		return len(line) - len(host)
	}
	return strings.LastIndexByte(line, ' ') + 1
}
