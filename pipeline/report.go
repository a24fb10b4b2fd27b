package pipeline

import "time"

// How a stage ended.
const (
	Ran      = "ran"      // Run was called
	Hit      = "hit"      // the cache had the outputs and the folder held them
	Restored = "restored" // the cache had the outputs and the folder needed some of them
)

// Reporter hears what a run does. One method is called at a time, whatever the
// number of stages running.
type Reporter interface {
	StageStarted(stage string)
	Step(stage string, done, total int, what string)
	StageDone(stage string, o Outcome)
	Warn(stage, text string)
}

// Outcome is how one stage ended.
type Outcome struct {
	Status   string         // Ran, Hit or Restored
	Took     time.Duration  // of Run; for a hit, when it ran
	Rows     map[string]int // by table
	Files    []string       // relative to the experiment's folder, tables first
	Warnings []string
}

// silent is the Reporter of a caller who gave none.
type silent struct{}

func (silent) StageStarted(string)           {}
func (silent) Step(string, int, int, string) {}
func (silent) StageDone(string, Outcome)     {}
func (silent) Warn(string, string)           {}
