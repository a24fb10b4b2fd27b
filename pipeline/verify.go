package pipeline

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"runexp/internal/timing"
	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// What Verify says about a stage.
const (
	Same    = "same"    // run again, it put out the same bytes
	Differs = "differs" // it did not, or a file is not what it put out
	Exempt  = "exempt"  // measured: other times are no fault; its files were compared with their hashes
)

// Verification is what Verify found out about one stage.
type Verification struct {
	Stage       string
	Status      string // Same, Differs or Exempt
	Files       int    // compared
	Took        time.Duration
	Differences []string // "table trial: row 3, column p95_ns: 12, now 13"
}

// Verify runs the deterministic stages again, on the inputs that they had, and
// compares what they put out byte by byte with the experiment's folder. Nothing
// is written. Every stage must be up to date. With Only, just the stages named
// there are verified.
func (g *Graph) Verify(ctx context.Context, o Options) ([]Verification, error) {
	stages, err := g.needed(o.Only)
	if err != nil {
		return nil, err
	}
	f := openFolder(o.Results, g.name)
	if _, err := os.Stat(f.dir); err == nil { // otherwise no stage is up to date, and Enter would make a folder
		leave, err := f.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	v := verifier{g: g, folder: f, host: o.Host, report: &queue{to: o.Report}, done: map[string]*entry{}}
	defer v.report.close()
	v.readManifest()
	var list []Verification
	for _, s := range stages {
		e, found, err := v.compare(s)
		if err == nil {
			v.done[s.Name] = e
			if len(o.Only) > 0 && !slices.Contains(o.Only, s.Name) {
				continue
			}
			if !s.Host {
				err = v.again(ctx, s, e, &found)
			}
		}
		if err != nil {
			return list, fmt.Errorf("stage %s: %w", s.Name, err)
		}
		if v.damage != "" { // said once, with the first stage
			found.Differences, v.damage = append([]string{v.damage}, found.Differences...), ""
		}
		if len(found.Differences) > 0 {
			found.Status = Differs
		}
		list = append(list, found)
	}
	return list, nil
}

// verifier is the state of one call of Graph.Verify.
type verifier struct {
	g      *Graph
	folder folder
	host   []string
	report *queue
	done   map[string]*entry

	manifest *Manifest // nil: there is none that is sound
	damage   string    // what is wrong with it
}

func (v *verifier) readManifest() {
	m, err := ReadManifest(v.folder.dir)
	if err != nil {
		v.damage = manifestName + ": " + fault(err)
		return
	}
	if m.Experiment != v.g.name {
		m = &Manifest{}
	}
	v.manifest = m
}

// inspect compares the files of an entry with their hashes. Without a sound
// manifest all of them should be there.
func (v *verifier) inspect(e *entry) (*state, error) {
	if v.manifest != nil {
		return v.folder.inspectBy(v.manifest, e)
	}
	r, err := e.record()
	if err != nil {
		return nil, err
	}
	return v.folder.inspectBy(&Manifest{Stages: []Record{r}}, e)
}

// compare finds the record of a stage and compares its files with it.
func (v *verifier) compare(s Stage) (*entry, Verification, error) {
	found := Verification{Stage: s.Name, Status: Same}
	if s.Host {
		found.Status = Exempt
	}
	e, err := v.folder.find(cache.ID(v.g.lines(s, v.host, v.done)), s.Tables)
	if err != nil {
		return nil, found, fmt.Errorf("not up to date, so there is nothing to verify: run it first")
	}
	state, err := v.inspect(e)
	if err != nil {
		return nil, found, err
	}
	if len(state.write) > 0 && len(state.notes) == 0 {
		return nil, found, fmt.Errorf("the folder holds the files of another run: run it first")
	}
	found.Differences = append(found.Differences, state.faults...)
	found.Files = len(e.Outputs)
	return e, found, nil
}

// again runs a stage again and notes what differs.
func (v *verifier) again(ctx context.Context, s Stage, e *entry, found *Verification) error {
	t := v.folder.task(v.g, s, v.done)
	t.report = v.report
	v.report.StageStarted(s.Name)
	start := timing.Now()
	if err := callUntil(ctx, t); err != nil {
		return err
	}
	outputs, warnings, err := t.finish()
	if err != nil {
		return err
	}
	found.Took = timing.Now() - start
	for _, p := range outputs {
		if d := v.difference(e, p); d != "" {
			found.Differences = append(found.Differences, p.what()+": "+d)
		}
	}
	for _, o := range e.Outputs {
		if !slices.ContainsFunc(outputs, func(p produced) bool { return p.Name == o.Name }) {
			found.Differences = append(found.Differences, produced{output: o}.what()+": not put out any more")
		}
	}
	if !slices.Equal(warnings, e.Warnings) {
		found.Differences = append(found.Differences, fmt.Sprintf("warnings: %q, now %q", e.Warnings, warnings))
	}
	v.report.StageDone(s.Name, Outcome{Status: Ran, Took: found.Took})
	return nil
}

// callUntil is call that leaves a stage behind which does not stop in time.
func callUntil(ctx context.Context, t *Task) error {
	over := make(chan struct{})
	var err error
	go func() {
		err = call(ctx, t)
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
		timing.Wait(grace, over)
		return ctx.Err()
	}
	if ctx.Err() != nil { // Run may have cut its work short
		return ctx.Err()
	}
	return err
}

// difference says how an output is not the one recorded.
func (v *verifier) difference(e *entry, p produced) string {
	i := slices.IndexFunc(e.Outputs, func(o output) bool { return o.Name == p.Name })
	if i < 0 {
		return "not put out before"
	}
	was := e.Outputs[i]
	if cache.Sum(p.data) == was.ID {
		return ""
	}
	old, err := v.folder.load(was)
	if err != nil || p.Table == "" {
		return "other bytes"
	}
	return firstDifference(old, p.data)
}

// firstDifference names the first value in which two tables differ.
func firstDifference(old, now []byte) string {
	a, errA := artifact.Decode("", old)
	b, errB := artifact.Decode("", now)
	switch {
	case errA != nil || errB != nil:
		return "other bytes"
	case !slices.Equal(a.Columns, b.Columns):
		return "other columns"
	}
	for i := range min(len(a.Values), len(b.Values)) {
		for j, c := range a.Columns {
			if x, y := a.Values[i][j], b.Values[i][j]; x != y && !(x != x && y != y) { // NaN is itself
				return fmt.Sprintf("row %d, column %s: %s, now %s", i+1, c.Name, null(x), null(y))
			}
		}
	}
	if len(a.Values) != len(b.Values) {
		return fmt.Sprintf("%d rows, now %d", len(a.Values), len(b.Values))
	}
	return "other bytes of the same rows"
}

func null(v any) string {
	if v == nil {
		return "null"
	}
	return fmt.Sprint(v)
}
