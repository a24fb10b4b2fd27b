package pipeline

import (
	"bytes"
	"fmt"

	"runexp/pipeline/artifact"
)

// Task is one run of one stage: its window on the inputs, the outputs and the
// user. Its methods may be called from several goroutines.
type Task struct {
	stage    Stage
	inputs   map[string]map[string][]byte
	outputs  map[string][]byte
	rows     map[string]int
	warnings []string
	report   Reporter
}

// Read returns the rows of a table of a stage named in After.
func Read[T any](t *Task, stage, table string) ([]T, error) {
	data, ok := t.inputs[stage][table]
	if !ok {
		return nil, fmt.Errorf("%s: table %s of stage %s is not an input", t.stage.Name, table, stage)
	}
	return artifact.ReadBytes[T](data)
}

// Write puts out the rows of a declared table.
func Write[T any](t *Task, table string, rows []T) error {
	var b bytes.Buffer
	if err := artifact.Write(&b, rows); err != nil {
		return fmt.Errorf("%s: table %s: %w", t.stage.Name, table, err)
	}
	t.outputs[table] = b.Bytes()
	t.rows[table] = len(rows)
	return nil
}

// WriteFile puts out a file that is no table, such as a figure. Name is
// relative to the experiment's folder: "figures/x.svg".
func (t *Task) WriteFile(name string, data []byte) error {
	t.outputs[name] = data
	return nil
}

// Warn records a doubt about the outputs. It stays with them: it is printed
// now, kept in the sidecars and the manifest, and stages that read the outputs
// find it through Meta.
func (t *Task) Warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	t.warnings = append(t.warnings, text)
	t.report.Warn(t.stage.Name, text)
}

// Step reports progress: done of total steps are finished, and what is next.
func (t *Task) Step(done, total int, what string) { t.report.Step(t.stage.Name, done, total, what) }

// Meta returns the provenance of an input table: its warnings, and for a
// measured one its host and date.
func (t *Task) Meta(stage, table string) (artifact.Meta, error) {
	if _, ok := t.inputs[stage][table]; !ok {
		return artifact.Meta{}, fmt.Errorf("%s: table %s of stage %s is not an input", t.stage.Name, table, stage)
	}
	return artifact.Meta{Stage: stage}, nil
}
