package pipeline

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"runexp/pipeline/artifact"
)

// Task is one run of one stage: its window on the inputs, the outputs and the
// user. Its methods may be called from several goroutines, until Run returns.
type Task struct {
	stage    Stage
	inputs   map[string]*entry // by stage
	load     func(o output) ([]byte, error)
	upstream []string
	report   Reporter
	parts    *parts

	mu       sync.Mutex
	outputs  map[string]produced // by file name
	warnings []string
	err      error // the first misuse, in case Run does not return it
}

// produced is an output that has not reached the disk.
type produced struct {
	output
	data []byte
}

// Read returns the rows of a table of a stage named in After.
func Read[T any](t *Task, stage, table string) ([]T, error) {
	o, _, err := t.input(stage, table)
	if err != nil {
		return nil, err
	}
	data, err := t.load(o)
	if err != nil {
		return nil, fmt.Errorf("table %s of stage %s: %w", table, stage, err)
	}
	rows, err := artifact.ReadBytes[T](data)
	if err != nil {
		return nil, fmt.Errorf("table %s of stage %s: %w", table, stage, err)
	}
	return rows, nil
}

// Write puts out the rows of a declared table, in the order given.
func Write[T any](t *Task, table string, rows []T) error {
	i := slices.IndexFunc(t.stage.Tables, func(d artifact.Table) bool { return d.Name == table })
	if i < 0 {
		return t.fail("table %s: not declared", table)
	}
	declared := t.stage.Tables[i]
	if artifact.TableOf[T](table).Schema != declared.Schema {
		return t.fail("table %s: declared with other columns than %T has", table, *new(T))
	}
	var b bytes.Buffer
	if err := artifact.Write(&b, rows); err != nil {
		return t.fail("table %s: %w", table, err)
	}
	return t.put(produced{output{Name: declared.File(), Table: table, Schema: declared.Schema,
		Columns: declared.Columns, Rows: len(rows)}, b.Bytes()})
}

// WriteFile puts out a file that is no table, such as a figure. Name is
// relative to the experiment's folder: "figures/x.svg".
func (t *Task) WriteFile(name string, data []byte) error {
	if err := checkName(name); err != nil {
		return t.fail("file %s: %w", name, err)
	}
	if name == manifestName || strings.HasSuffix(name, ".parquet"+artifact.SidecarSuffix) || strings.HasSuffix(name, ".parquet") {
		return t.fail("file %s: the name is taken", name)
	}
	return t.put(produced{output{Name: name}, slices.Clone(data)})
}

func checkName(name string) error {
	if !filepath.IsLocal(name) || name != filepath.ToSlash(filepath.Clean(name)) ||
		slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.HasPrefix(part, ".") }) {
		return errName
	}
	return nil
}

// Warn records a doubt about the outputs. It stays with them: it is printed
// now, kept in the sidecars and the manifest, and stages that read the outputs
// find it through Meta and Warnings.
func (t *Task) Warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	t.mu.Lock()
	t.warnings = append(t.warnings, text)
	t.mu.Unlock()
	t.report.Warn(t.stage.Name, text)
}

// Step reports progress: done of total steps are finished, and what is next.
func (t *Task) Step(done, total int, what string) { t.report.Step(t.stage.Name, done, total, what) }

// Meta returns what may be said about an input table beside its rows: stage,
// name, output ID, columns, number of rows, warnings of the stage; and for a
// measured one the host. Only these are part of the reader's key.
// The rest of the sidecar may change while the rows stay the same, so a stage
// does not see it.
func (t *Task) Meta(stage, table string) (artifact.Meta, error) {
	o, e, err := t.input(stage, table)
	if err != nil {
		return artifact.Meta{}, err
	}
	m := artifact.Meta{Name: o.Name, Stage: stage, OutputID: o.ID, Measured: e.Measured,
		Warnings: slices.Clone(e.Warnings), Schema: o.Schema, Columns: o.Columns, Rows: o.Rows}
	if e.Measured {
		m.Host = e.Host
	}
	return m, nil
}

// Warnings returns the warnings of all stages that this one comes after,
// directly or not, each as "stage: text": the footnotes of a figure.
func (t *Task) Warnings() []string { return slices.Clone(t.upstream) }

func (t *Task) input(stage, table string) (output, *entry, error) {
	if e := t.inputs[stage]; e != nil {
		if o := e.table(table); o.Name != "" {
			return o, e, nil
		}
	}
	return output{}, nil, fmt.Errorf("table %s of stage %s: not an input", table, stage)
}

// put keeps an output until Run has returned.
func (t *Task) put(p produced) error {
	t.mu.Lock()
	_, twice := t.outputs[p.Name]
	if !twice {
		t.outputs[p.Name] = p
	}
	t.mu.Unlock()
	if twice {
		return t.fail("%s: written twice", p.what())
	}
	return nil
}

func (p produced) what() string {
	if p.Table != "" {
		return "table " + p.Table
	}
	return "file " + p.Name
}

// fail records and returns a misuse of the task.
func (t *Task) fail(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
	return err
}

// finish returns the outputs once Run has returned: tables in the order
// declared, then files by name.
func (t *Task) finish() ([]produced, []string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return nil, nil, t.err
	}
	var outputs, files []produced
	for _, d := range t.stage.Tables {
		p, ok := t.outputs[d.File()]
		if !ok {
			return nil, nil, fmt.Errorf("table %s: declared but not written", d.Name)
		}
		outputs = append(outputs, p)
	}
	for _, p := range t.outputs {
		if of, ok := strings.CutSuffix(p.Name, artifact.SidecarSuffix); ok && t.outputs[of].Name != "" {
			return nil, nil, fmt.Errorf("file %s: is the sidecar of another", p.Name)
		}
		if p.Table == "" {
			files = append(files, p)
		}
	}
	slices.SortFunc(files, func(a, b produced) int { return strings.Compare(a.Name, b.Name) })
	return append(outputs, files...), t.warnings, nil
}
