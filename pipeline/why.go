package pipeline

import (
	"errors"
	"time"

	"runexp/pipeline/artifact"
)

// What a plan says about a stage.
const (
	PlanHit   = "hit"
	PlanRun   = "run"
	PlanMaybe = "maybe" // depends on whether the rows of a stage that runs come out different
)

// Step is what a run would do with one stage, and why.
type Step struct {
	Stage   string
	Status  string // PlanHit, PlanRun or PlanMaybe
	Reason  string
	Changed []Change      // lines that differ from the last recorded run
	Took    time.Duration // when it last ran; 0 if unknown
}

// Change is one line of an action ID that differs: Old is empty for a new
// line, New for one that is gone.
type Change struct{ Old, New string }

// Explanation is everything that enters a stage's action ID.
type Explanation struct {
	Step
	ActionID string   // empty while an input is unknown
	Lines    []string // printed form of the action ID
}

// Lineage is where a table or figure came from.
type Lineage struct {
	artifact.Meta
	From     []Lineage // the artifacts it was made from
	Problems []string  // where the files at hand disagree with the record
}

// Plan says what a run would do, without doing it.
func (g *Graph) Plan(o Options) ([]Step, error) { return nil, errors.ErrUnsupported }

// Why explains the action ID of a stage and what changed in it.
func (g *Graph) Why(stage string, o Options) (Explanation, error) {
	return Explanation{}, errors.ErrUnsupported
}

// WhyFile walks a table or figure back to what it was made from. Results is
// the folder whose cache may know artifacts that are no longer beside it.
func WhyFile(path, results string) (Lineage, error) { return Lineage{}, errors.ErrUnsupported }
