package optimize

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
	"runexp/stages/node"
	"runexp/stages/record"
)

// Rows changed for the same Config and inputs, by this package, by the
// searches or by the simulator: bump Version, then take the new digest.
func TestDigest(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors fuse multiplications and additions")
	}
	c := config()
	c.JudgeQueries = 8000
	c.Mixes = []node.Mix{{Name: "mix", Parts: []node.Part{{Machine: c.Nodes[0], Servers: 2}, {Machine: c.Nodes[1], Servers: 1}}}}
	rows, err := json.Marshal(points(t, c))
	if err != nil {
		t.Fatal(err)
	}
	const want = "v6 c52bf09450a978dc"
	if got := fmt.Sprintf("v%d %.8x", Version, sha256.Sum256(rows)); got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}

// The stage reads the tables of fit and writes what Points returns.
func TestStage(t *testing.T) {
	c := config()
	c.Models = append(c.Models, Model{"unknown", 1e6}) // a warning
	c.Targets, c.Nodes, c.Thresholds = c.Targets[:1], c.Nodes[:1], nil
	c.Queries, c.JudgeQueries, c.Pareto = 1500, 3000, true
	c.Mixes = []node.Mix{{Name: "mix", Parts: []node.Part{{Machine: c.Nodes[0], Servers: 2}}}}
	g, err := pipeline.NewGraph("test", fit(), New(c))
	if err != nil {
		t.Fatal(err)
	}
	results := t.TempDir()
	s, err := g.Run(t.Context(), pipeline.Options{Results: results, Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := points(t, c)
	same(t, results, "operating_point", want.Points)
	same(t, results, "max_qps", want.Map)
	same(t, results, "probe", want.Probes)
	same(t, results, "duel", want.Duels)
	same(t, results, "pareto", want.Front)
	same(t, results, "mix_point", want.Mixes)
	i := slices.IndexFunc(s.Stages, func(s pipeline.StageSummary) bool { return s.Name == "optimize" })
	if !slices.Equal(s.Stages[i].Warnings, want.Warnings) {
		t.Errorf("warnings %q, want %q", s.Stages[i].Warnings, want.Warnings)
	}
}

// A run that was stopped goes on where it was and finds the same.
func TestStageResumes(t *testing.T) {
	c := config()
	c.Workers = 1
	results := t.TempDir()
	stopped, stop := context.WithCancel(t.Context())
	defer stop()
	cells, again := 0, false
	for range 2 {
		ctx, steps := stopped, 0
		if again {
			ctx = t.Context()
		}
		g, err := pipeline.NewGraph("test", fit(), New(c))
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Run(ctx, pipeline.Options{Results: results, Jobs: 1, Report: listener(func(done, total int) {
			if cells = total; !again && done == total/2 {
				stop()
			}
			steps = done
		})})
		if again != (err == nil) || steps == 0 {
			t.Fatalf("again %v: %d steps, %v", again, steps, err)
		}
		kept, _ := filepath.Glob(filepath.Join(results, ".cache", "parts", "*", "*"))
		if !again && len(kept) < cells/2 || again && len(kept) > 0 {
			t.Errorf("again %v: %d of %d cells kept", again, len(kept), cells)
		}
		again = true
	}
	want := points(t, c)
	same(t, results, "operating_point", want.Points)
	same(t, results, "max_qps", want.Map)
	same(t, results, "probe", want.Probes)
}

// listener is a Reporter of steps alone.
type listener func(done, total int)

func (l listener) Step(_ string, done, total int, _ string) { l(done, total) }
func (listener) StageStarted(string)                        {}
func (listener) StageDone(string, pipeline.Outcome)         {}
func (listener) Warn(string, string)                        {}

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
			return pipeline.Write(t, "latency_residual", []record.LatencyResidual{})
		},
	}
}

// same checks one table against the rows it should hold.
func same[T any](t *testing.T, results, table string, want []T) {
	t.Helper()
	got, err := artifact.ReadFile[T](filepath.Join(results, "test", table+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is not what Points returns", table)
	}
}
