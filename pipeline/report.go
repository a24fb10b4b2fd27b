package pipeline

import (
	"sync"
	"time"
)

// How a stage ended.
const (
	Ran      = "ran"      // Run was called
	Hit      = "hit"      // the cache had the outputs and the folder held them
	Restored = "restored" // the cache had the outputs and the folder needed some of them
)

// Reporter hears what a run does. One method is called at a time, however many
// stages run. StageDone comes for every stage; StageStarted and Step only for
// one whose Run is called, never for a hit.
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
	Warnings []string       // of the stage itself
}

// queue passes calls on to a Reporter one at a time, until it is closed.
type queue struct {
	mu sync.Mutex
	to Reporter // nil: nobody listens, or no longer
}

func (q *queue) call(f func(Reporter)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.to != nil {
		f(q.to)
	}
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.to = nil
}

func (q *queue) StageStarted(stage string) { q.call(func(r Reporter) { r.StageStarted(stage) }) }

func (q *queue) Step(stage string, done, total int, what string) {
	q.call(func(r Reporter) { r.Step(stage, done, total, what) })
}

func (q *queue) StageDone(stage string, o Outcome) {
	q.call(func(r Reporter) { r.StageDone(stage, o) })
}

func (q *queue) Warn(stage, text string) { q.call(func(r Reporter) { r.Warn(stage, text) }) }
