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
	"runexp/stages/record"
)

// Rows changed for the same Config and inputs, by this package, by the
// searches or by the simulator: bump Version, then take the new digest.
func TestDigest(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors fuse multiplications and additions")
	}
	rows, err := json.Marshal(points(t, config()))
	if err != nil {
		t.Fatal(err)
	}
	const want = "v2 1126dc1ef07a8934"
	if got := fmt.Sprintf("v%d %.8x", Version, sha256.Sum256(rows)); got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}

// The stage reads the tables of fit and writes what Points returns.
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
			return pipeline.Write(t, "latency_residual", []record.LatencyResidual{})
		},
	}
	c := config()
	c.Models = append(c.Models, Model{"unknown", 1e6}) // a warning
	g, err := pipeline.NewGraph("test", fit, New(c))
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
	i := slices.IndexFunc(s.Stages, func(s pipeline.StageSummary) bool { return s.Name == "optimize" })
	if !slices.Equal(s.Stages[i].Warnings, want.Warnings) {
		t.Errorf("warnings %q, want %q", s.Stages[i].Warnings, want.Warnings)
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
