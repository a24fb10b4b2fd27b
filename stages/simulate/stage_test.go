package simulate

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Rows changed for the same Config and inputs, by this package or by the
// simulator: bump Version, then take the new digest.
func TestDigest(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors fuse multiplications and additions")
	}
	rows, err := json.Marshal(trials(t, config()).Trials)
	if err != nil {
		t.Fatal(err)
	}
	const want = "v5 3bed218ae8a103c7"
	if got := fmt.Sprintf("v%d %.8x", Version, sha256.Sum256(rows)); got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}

// The stage reads the tables of fit and writes what Trials returns.
func TestStage(t *testing.T) {
	c := config()
	c.Models = append(c.Models, "unknown") // a warning
	g, err := pipeline.NewGraph("test", fit(), New(c))
	if err != nil {
		t.Fatal(err)
	}
	results := t.TempDir()
	s, err := g.Run(t.Context(), pipeline.Options{Results: results, Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := artifact.ReadFile[record.Trial](filepath.Join(results, "test", "trial.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	want := trials(t, c)
	if !reflect.DeepEqual(got, want.Trials) {
		t.Error("the table is not what Trials returns")
	}
	i := slices.IndexFunc(s.Stages, func(s pipeline.StageSummary) bool { return s.Name == "simulate" })
	if !slices.Equal(s.Stages[i].Warnings, want.Warnings) {
		t.Errorf("warnings %q, want %q", s.Stages[i].Warnings, want.Warnings)
	}
}

// A sweep that was stopped goes on where it was and ends with the same rows.
func TestStageResumes(t *testing.T) {
	c := config()
	c.Workers, c.Queries = 1, 500
	for i := range 40 {
		c.Utilisation = append(c.Utilisation, 0.1+0.01*float64(i))
	}
	want := trials(t, c).Trials
	if len(want) < 3*batchTrials {
		t.Fatalf("%d trials are too few", len(want))
	}
	results := t.TempDir()
	stopped, stop := context.WithCancel(t.Context())
	defer stop()
	for i, ctx := range []context.Context{stopped, t.Context()} {
		simulated := 0
		g, err := pipeline.NewGraph("test", fit(), New(c))
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Run(ctx, pipeline.Options{Results: results, Jobs: 1, Report: listener(func(done int, what string) {
			if what != "" {
				simulated++
			}
			if done == 2*batchTrials+5 {
				stop()
			}
		})})
		if (i == 1) != (err == nil) {
			t.Fatalf("run %d: %v", i, err)
		}
		if most := len(want) - 2*batchTrials; i == 1 && simulated > most {
			t.Errorf("%d trials simulated after the stop, want at most %d", simulated, most)
		}
	}
	got, err := artifact.ReadFile[record.Trial](filepath.Join(results, "test", "trial.parquet"))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("other rows than without a stop, %v", err)
	}
}

// listener is a Reporter of steps alone.
type listener func(done int, what string)

func (l listener) Step(_ string, done, _ int, what string) { l(done, what) }
func (listener) StageStarted(string)                       {}
func (listener) StageDone(string, pipeline.Outcome)        {}
func (listener) Warn(string, string)                       {}

// fit is a stage with the tables of the real one.
func fit() pipeline.Stage {
	return pipeline.Stage{
		Name: "fit", Version: 1,
		Tables: []artifact.Table{
			artifact.TableOf[record.LatencyCurve]("latency_curve"),
			artifact.TableOf[record.LatencyResidual]("latency_residual"),
		},
		Run: func(_ context.Context, t *pipeline.Task) error {
			if err := pipeline.Write(t, "latency_curve", rows()); err != nil {
				return err
			}
			return pipeline.Write(t, "latency_residual", residuals())
		},
	}
}
