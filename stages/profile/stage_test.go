package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// A run that was stopped goes on where it was: the rows of the points it had
// measured are those of the table in the end.
func TestStageResumes(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures the roofline of the machine")
	}
	c := small(t, "ncf", "wnd")
	results := t.TempDir()
	stopped, stop := context.WithCancel(t.Context())
	defer stop()
	run := func(ctx context.Context) error {
		g, err := pipeline.NewGraph("test", New(c))
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Run(ctx, pipeline.Options{Results: results, Jobs: 1, Report: listener(func(done int) {
			if done == 11 { // of 17: three points of the second model are measured
				stop()
			}
		})})
		return err
	}
	if err := run(stopped); err == nil {
		t.Fatal("it was not stopped")
	}
	before := kept(t, results)
	if len(before) < 8 {
		t.Fatalf("rows of %d points kept", len(before))
	}
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
	table, err := artifact.ReadFile[record.OpTiming](filepath.Join(results, "test", "op_timing.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range before {
		for _, r := range p.Timings {
			if !slices.Contains(table, r) {
				t.Fatalf("measured before the stop, but not in the table: %+v", r)
			}
		}
	}
}

// kept returns the rows of the points in the cache.
func kept(t *testing.T, results string) (points []rows) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(results, ".cache", "parts", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var p rows
		_, text, _ := bytes.Cut(data, []byte("\n"))
		if json.Unmarshal(text, &p) == nil { // the calibration is another kind of part
			points = append(points, p)
		}
	}
	return points
}

// listener is a Reporter of steps alone.
type listener func(done int)

func (l listener) Step(_ string, done, _ int, _ string) { l(done) }
func (listener) StageStarted(string)                    {}
func (listener) StageDone(string, pipeline.Outcome)     {}
func (listener) Warn(string, string)                    {}
