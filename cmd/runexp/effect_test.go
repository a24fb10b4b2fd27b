package main

import (
	"bytes"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// writeTable writes rows to a file of the test.
func writeTable[T any](t *testing.T, file string, rows []T) {
	t.Helper()
	var b bytes.Buffer
	if err := artifact.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What a table of curves lacks or has twice is said with the flags that help.
func TestServiceOfTable(t *testing.T) {
	t.Chdir(t.TempDir())
	var curves []record.LatencyCurve
	for _, d := range []device{{"rm1", "skylake", record.EngineReference}, {"rm1", "t4", record.EngineAccel}, {"rm1", "v100", record.EngineAccel}} {
		for _, batch := range []int32{1, 64} {
			curves = append(curves, record.LatencyCurve{Model: d.model, Platform: d.platform, Engine: d.engine, Workers: 1,
				BatchSize: batch, LatencyNS: 1000 * int64(batch), LoNS: 1000 * int64(batch), HiNS: 1000 * int64(batch)})
		}
	}
	writeTable(t, "c.parquet", curves)
	scatter := []record.LatencyResidual{
		{Model: "rm1", Platform: "skylake", Engine: record.EngineReference, BatchSize: 1, Quantile: 0, Ratio: 0.9},
		{Model: "rm1", Platform: "skylake", Engine: record.EngineReference, BatchSize: 1, Quantile: 1, Ratio: 1.1},
	}
	writeTable(t, "rm1.parquet", scatter)
	own := serviceFlags{platform: "skylake", residual: "rm1.parquet"}
	if _, _, err := own.service("--service", "curve:c.parquet", 1); err != nil {
		t.Error(err)
	}
	writeTable(t, "r.parquet", []record.LatencyResidual{{Model: "rm2", Platform: "skylake", Engine: record.EngineReference, BatchSize: 1, Quantile: 0.5, Ratio: 1}})
	for _, tc := range []struct {
		flag string
		f    serviceFlags
		want string
	}{
		{"--accel-service", serviceFlags{engine: record.EngineAccel}, "pick one with --model and --accel-platform"},
		{"--service", serviceFlags{}, "pick one with --model, --platform and --engine"},
		{"--service", serviceFlags{platform: "skylake", residual: "r.parquet"}, "--residual: r.parquet: no rows of rm1 on skylake (reference)"},
	} {
		_, _, err := tc.f.service(tc.flag, "curve:c.parquet", 1)
		if err == nil || !strings.HasSuffix(err.Error(), tc.want) {
			t.Errorf("%s %+v: %v, want %s", tc.flag, tc.f, err, tc.want)
		}
	}
}

func TestVersionOf(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}
	for _, tc := range []struct {
		version  string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.3", commit, "v1.2.3, go1.26"},
		{"(devel)", commit, "abc+dirty, go1.26"},
		{"", nil, "(devel), go1.26"},
	} {
		info := &debug.BuildInfo{GoVersion: "go1.26", Settings: tc.settings}
		info.Main.Version = tc.version
		if got := versionOf(info); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.version, got, tc.want)
		}
	}
}
