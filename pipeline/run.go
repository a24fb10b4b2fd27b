package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
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
	Machine  string   // file by whose lock measured stages of all runs on this machine wait for each other; empty: none
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
	r := &run{g: g, o: o, folder: openFolder(o.Results, g.name), report: &queue{to: o.Report}, gate: &gate{},
		done: map[string]*entry{}, outcomes: map[string]Outcome{}}
	defer r.report.close()
	stages, err := g.needed(o.Only)
	if err == nil {
		err = r.bring(ctx, stages)
	}
	s := &Summary{Experiment: g.name, Folder: r.folder.dir, Took: timing.Now() - start}
	for _, st := range stages {
		if out, ok := r.outcomes[st.Name]; ok {
			s.Stages = append(s.Stages, StageSummary{st.Name, out})
		}
	}
	return s, err
}

// bring runs the stages while it keeps Clean from the cache.
func (r *run) bring(ctx context.Context, stages []Stage) error {
	leave, err := r.folder.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	defer r.gate.close() // before others may clean
	if err := r.folder.sweep(ctx); err != nil {
		return err
	}
	if _, damaged := loadManifest(r.g.name, r.folder.dir); damaged && len(stages) < len(r.g.stages) {
		return fmt.Errorf("%s: %w: a run of some stages would forget the files of the others; a run of all stages repairs it",
			filepath.Join(r.folder.dir, manifestName), cache.ErrDamaged)
	}
	if err := r.schedule(ctx, stages); err != nil {
		return err
	}
	return r.lookBack(ctx, stages)
}

// lookBack says which stages another run, of another configuration, has put
// into the folder since this one did: the folder is a mixture then.
func (r *run) lookBack(ctx context.Context, stages []Stage) error {
	unlock, err := r.folder.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	m, _ := loadManifest(r.g.name, r.folder.dir)
	for _, s := range stages {
		want, err := r.done[s.Name].record()
		if err != nil {
			return err
		}
		if got := m.stage(s.Name); got == nil || !got.sameFiles(want) {
			r.report.Warn(s.Name, fmt.Sprintf("another run replaced %s's files", s.Name))
		}
	}
	return nil
}

// run is the state of one call of Graph.Run. Only the goroutine of that call
// touches done and outcomes.
type run struct {
	g        *Graph
	o        Options
	folder   folder
	report   *queue
	gate     *gate // of the parts
	done     map[string]*entry
	outcomes map[string]Outcome
}

// lookup takes the stage from the cache if it can, and otherwise returns the
// lines under which it must run.
func (r *run) lookup(ctx context.Context, s Stage) (hit bool, lines []string, err error) {
	lines = r.g.lines(s, r.o.Host, r.done)
	e, status, notes, err := r.kept(ctx, s, lines)
	for _, note := range notes {
		r.report.Warn(s.Name, note)
	}
	if err != nil || e == nil {
		return false, lines, err
	}
	return true, lines, r.end(s, e, status)
}

// kept brings the folder up to date from what the cache keeps of an action, and
// returns what was wrong with it; the entry is nil if the stage must run.
func (r *run) kept(ctx context.Context, s Stage, lines []string) (e *entry, status string, notes []string, err error) {
	if r.o.forces(s.Name) {
		return nil, "", nil, nil
	}
	e, err = r.folder.find(cache.ID(lines), s.Tables)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil, nil
	}
	if err != nil {
		return nil, "", []string{fmt.Sprintf("%v: the stage runs again", err)}, nil
	}
	state, err := r.folder.settle(ctx, e)
	switch {
	case err != nil:
		return nil, "", nil, err
	case len(state.lost) > 0:
		return nil, "", state.notes, nil
	case len(state.write) > 0:
		return e, Restored, state.notes, nil
	}
	return e, Hit, state.notes, nil
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
func (r *run) task(s Stage, lines []string) *Task {
	t := r.folder.task(r.g, s, r.done)
	t.report, t.parts = r.report, &parts{r.folder.cache, cache.ID(lines), r.gate}
	return t
}

// task returns the window of one run of the stage on outputs of others, that
// tells and keeps nothing.
func (f folder) task(g *Graph, s Stage, done map[string]*entry) *Task {
	t := &Task{stage: s, inputs: map[string]*entry{}, load: f.load, upstream: g.upstream(s, done),
		report: &queue{}, outputs: map[string]produced{}}
	for _, a := range s.After {
		t.inputs[a] = done[a]
	}
	return t
}

// perform runs the stage; a measured one when it has the machine for itself,
// and unless another process has measured the same in the meantime.
func (r *run) perform(ctx context.Context, t *Task, lines []string) (*entry, string, error) {
	if t.stage.Host {
		release, err := r.alone(ctx, t.stage.Name)
		if err != nil {
			return nil, "", err
		}
		defer release()
		if e, status, _, err := r.kept(ctx, t.stage, lines); err != nil || e != nil {
			return e, status, err
		}
	}
	e, err := r.execute(ctx, t, lines)
	return e, Ran, err
}

// execute runs the stage and keeps what it puts out.
func (r *run) execute(ctx context.Context, t *Task, lines []string) (*entry, error) {
	r.report.StageStarted(t.stage.Name)
	if r.o.forces(t.stage.Name) {
		if err := r.folder.cache.DropParts(cache.ID(lines)); err != nil {
			return nil, err
		}
	}
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
	return r.commit(ctx, e, outputs)
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
func (r *run) commit(ctx context.Context, e *entry, outputs []produced) (*entry, error) {
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
	if err := r.folder.cache.DropParts(e.action()); err != nil {
		r.report.Warn(e.Stage, fmt.Sprintf("its parts are left in the cache: %v", err))
	}
	if e, err = parseEntry(e.action(), data); err != nil { // as the next run will see it
		return nil, err
	}
	state, err := r.folder.settle(ctx, e)
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
