package node_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"runexp/pipeline/artifact"
	"runexp/serving/load"
	"runexp/stages/node"
)

type traceRow struct {
	TimeS float64 `parquet:"time_s"`
	Size  int64   `parquet:"size"`
}

func file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func parquet[R any](t *testing.T, rows []R) string {
	t.Helper()
	var b bytes.Buffer
	if err := artifact.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	return file(t, "trace.parquet", b.Bytes())
}

// A trace replays the same from Parquet as from CSV.
func TestTraceFromParquet(t *testing.T) {
	rows := []traceRow{{10, 3}, {10.5, 700}, {12, 1}, {12.25, 40}}
	specs := []string{"trace:" + parquet(t, rows), "trace:" + file(t, "trace.csv", []byte("time_s,size\n10,3\n10.5,700\n12,1\n12.25,40\n"))}
	var queries [2][]load.Query
	for i, spec := range specs {
		a, err := node.ParseArrivals(spec)
		if err != nil {
			t.Fatal(err)
		}
		s, err := node.ParseSizes(spec, 500)
		if err != nil {
			t.Fatal(err)
		}
		queries[i] = load.Draw(a, s, 100, 10, 1)
	}
	if !reflect.DeepEqual(queries[0], queries[1]) || queries[0][1].Size != 500 {
		t.Errorf("from Parquet %v, from CSV %v", queries[0], queries[1])
	}
	if _, err := node.ParseArrivals("poisson"); err != nil {
		t.Error(err)
	}
}

// Whole numbers may come as integers or as floating point, as pandas writes
// them; a size that is not whole is refused.
func TestTraceOfEitherType(t *testing.T) {
	type swapped struct {
		TimeS int64   `parquet:"time_s"`
		Size  float64 `parquet:"size"`
	}
	times, sizes, err := node.ReadTrace(parquet(t, []swapped{{10, 3}, {12, 700}}))
	if err != nil || !reflect.DeepEqual(times, []float64{10, 12}) || !reflect.DeepEqual(sizes, []int{3, 700}) {
		t.Errorf("%v, %v, %v", times, sizes, err)
	}
	for _, size := range []float64{3.5, math.NaN(), math.Inf(1), 1e300} {
		if _, _, err := node.ReadTrace(parquet(t, []swapped{{10, 3}, {12, size}})); err == nil || !strings.Contains(err.Error(), "trace.parquet: row 2: ") {
			t.Errorf("size %v: %v", size, err)
		}
	}
}

func TestBadParquetTraces(t *testing.T) {
	for want, rows := range map[string][]traceRow{
		"2 queries are needed":   {},
		"does not ascend":        {{2, 1}, {1, 1}},
		"size 0 is not at least": {{1, 1}, {2, 0}},
	} {
		if _, err := node.ParseArrivals("trace:" + parquet(t, rows)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %q", err, want)
		}
	}
	if _, err := node.ParseSizes("trace:absent.parquet", 10); err == nil || !strings.Contains(err.Error(), "absent.parquet") {
		t.Errorf("a missing file: %v", err)
	}
}
