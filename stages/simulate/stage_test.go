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
	const want = "v2 747a9a735528fe84"
	if got := fmt.Sprintf("v%d %.8x", Version, sha256.Sum256(rows)); got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}

// The stage reads the tables of fit and writes what Trials returns.
func TestStage(t *testing.T) {
	fit := pipeline.Stage{
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
	c := config()
	c.Models = append(c.Models, "unknown") // a warning
	g, err := pipeline.NewGraph("test", fit, New(c))
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
