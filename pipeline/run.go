package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"time"

	"runexp/internal/timing"
	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// Options says how to run a graph.
type Options struct {
	Results  string   // folder of all experiments and the cache
	Only     []string // run only these stages and what they need; empty: all
	Force    bool     // run even what the cache has; with Only, just the stages named there
	Jobs     int      // stages at once, at least 1; measured stages run alone whatever it is
	Host     []string // printed lines that identify this machine to measured stages
	HostName string   // recorded in the sidecars
	Report   Reporter // may be nil
}

// forces reports whether the stage called name must run.
func (o Options) forces(name string) bool {
	return o.Force && (len(o.Only) == 0 || slices.Contains(o.Only, name))
}

// Summary is what a run did. After an error it holds the stages that ended well.
type Summary struct {
	Experiment string
	Folder     string
	Took       time.Duration
	Stages     []StageSummary // in graph order
}

// StageSummary is what a run did with one stage.
type StageSummary struct {
	Name string
	Outcome
}

// Run brings the experiment's folder up to date: it runs the stages whose
// action the cache does not know, and takes the others from there. When ctx is
// done it stops within a second; nothing half-written is left, and the stages
// that had ended are hits next time. The error names the stage; the Summary is
// never nil.
func (g *Graph) Run(ctx context.Context, o Options) (*Summary, error) {
	start := timing.Now()
	r := &run{g: g, o: o, folder: openFolder(o.Results, g.name), report: &queue{to: o.Report},
		done: map[string]*entry{}, outcomes: map[string]Outcome{}}
	defer r.report.close()
	stages, err := g.needed(o.Only)
	if err == nil {
		err = r.folder.sweep()
	}
	if err == nil {
		err = r.schedule(ctx, stages)
	}
	s := &Summary{Experiment: g.name, Folder: r.folder.dir, Took: timing.Now() - start}
	for _, st := range stages {
		if out, ok := r.outcomes[st.Name]; ok {
			s.Stages = append(s.Stages, StageSummary{st.Name, out})
		}
	}
	return s, err
}

// run is the state of one call of Graph.Run. Only the goroutine of that call
// touches done and outcomes.
type run struct {
	g        *Graph
	o        Options
	folder   folder
	report   *queue
	done     map[string]*entry
	outcomes map[string]Outcome
}

// lookup takes the stage from the cache if it can, and otherwise returns the
// lines under which it must run.
func (r *run) lookup(s Stage) (hit bool, lines []string, err error) {
	lines = r.g.lines(s, r.o.Host, r.done)
	if r.o.forces(s.Name) {
		return false, lines, nil
	}
	e, err := r.folder.find(cache.ID(lines), s.Tables)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.report.Warn(s.Name, fmt.Sprintf("%v: the stage runs again", err))
		}
		return false, lines, nil
	}
	state, err := r.folder.settle(e)
	if err != nil {
		return false, lines, err
	}
	for _, note := range state.notes {
		r.report.Warn(s.Name, note)
	}
	if len(state.lost) > 0 {
		return false, lines, nil
	}
	status := Hit
	if len(state.write) > 0 {
		status = Restored
	}
	return true, lines, r.end(s, e, status)
}

// end takes note of a stage that ended well.
func (r *run) end(s Stage, e *entry, status string) error {
	for name, other := range r.done {
		for _, o := range e.Outputs {
			if other.has(o.Name) {
				return fmt.Errorf("file %s: stage %s puts it out too", o.Name, name)
			}
		}
	}
	r.done[s.Name] = e
	r.outcomes[s.Name] = e.outcome(status)
	r.report.StageDone(s.Name, r.outcomes[s.Name])
	return nil
}

// task returns the window of one run of the stage. It copies what it needs of
// r.done, because other stages end while this one runs.
func (r *run) task(s Stage) *Task {
	t := &Task{stage: s, inputs: map[string]*entry{}, load: r.folder.load, upstream: r.g.upstream(s, r.done),
		report: r.report, outputs: map[string]produced{}}
	for _, a := range s.After {
		t.inputs[a] = r.done[a]
	}
	return t
}

// execute runs the stage and keeps what it puts out.
func (r *run) execute(ctx context.Context, t *Task, lines []string) (*entry, error) {
	r.report.StageStarted(t.stage.Name)
	start := timing.Now()
	if err := call(ctx, t); err != nil {
		return nil, err
	}
	took := timing.Now() - start
	if err := ctx.Err(); err != nil { // Run may have cut its work short
		return nil, err
	}
	outputs, warnings, err := t.finish()
	if err != nil {
		return nil, err
	}
	e := &entry{Stage: t.stage.Name, Version: t.stage.Version, Lines: lines, Measured: t.stage.Host,
		Config: r.g.configs[t.stage.Name], Inputs: inputsOf(t), Warnings: append([]string{}, warnings...),
		Created: timing.Date().Truncate(time.Second), TookNS: int64(took), Host: r.o.HostName, Code: code()}
	return r.commit(e, outputs)
}

// call calls Run and turns a panic into an error.
func call(ctx context.Context, t *Task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return t.stage.Run(ctx, t)
}

// PanicError is a panic of a stage. Its message is one line; the stack is for
// whoever mends the stage.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

func inputsOf(t *Task) []artifact.Input {
	inputs := []artifact.Input{}
	for _, name := range t.stage.After {
		e := t.inputs[name]
		for _, o := range e.Outputs {
			if o.Table != "" {
				inputs = append(inputs, artifact.Input{Stage: name, Table: o.Table, OutputID: o.ID, ActionID: e.action()})
			}
		}
	}
	return inputs
}

// commit keeps the outputs, then the record that makes them a hit, then fills
// the folder. Killed at any point, the next run finds either a hit whose files
// it restores, or nothing.
func (r *run) commit(e *entry, outputs []produced) (*entry, error) {
	for _, p := range outputs {
		id, err := r.folder.cache.Put(p.data)
		if err != nil {
			return nil, err
		}
		p.ID = id
		e.Outputs = append(e.Outputs, p.output)
	}
	data, err := marshal(e)
	if err != nil {
		return nil, err
	}
	if err := r.folder.cache.Record(e.action(), data); err != nil {
		return nil, err
	}
	if e, err = parseEntry(e.action(), data); err != nil { // as the next run will see it
		return nil, err
	}
	state, err := r.folder.settle(e)
	if err != nil {
		return nil, err
	}
	if len(state.lost) > 0 {
		return nil, fmt.Errorf("%s: %w as soon as it was written", state.lost[0].Name, cache.ErrDamaged)
	}
	for _, note := range state.notes {
		r.report.Warn(e.Stage, note)
	}
	return e, nil
}
