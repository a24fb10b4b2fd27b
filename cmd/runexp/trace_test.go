package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runexp/pipeline/artifact"
)

// A trace in Parquet comes out as CSV whoever wrote it: pandas makes every
// column nullable and every integer 64 bits wide.
func TestTraceInParquet(t *testing.T) {
	type pandasRow struct {
		TimeS *float64 `parquet:"time_s,optional"`
		Size  *int64   `parquet:"size,optional"`
	}
	row := func(s float64, n int64) pandasRow { return pandasRow{&s, &n} }
	for _, c := range []struct {
		why  string
		rows []pandasRow
		want string // CSV, or part of an error
	}{
		{"two queries", []pandasRow{row(0.5, 20), row(1.25, 30)}, "time_s,size\n0.5,20\n1.25,30\n"},
		{"a null size", []pandasRow{row(0.5, 20), {TimeS: row(1, 1).TimeS}}, "row 2: time_s 1 and size <nil>"},
		{"time goes back", []pandasRow{row(1, 20), row(0.5, 30)}, "does not ascend"},
	} {
		var b bytes.Buffer
		if err := artifact.Write(&b, c.rows); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "trace.parquet")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := traceCSV(path)
		if err != nil {
			got = []byte(err.Error())
		}
		if string(got) != c.want && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}
