package fit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"runexp/hw"
	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Models = nil }, "models: none"},
		{func(c *Config) { c.CPUs = []string{"skylak"} }, `cpus: platform "skylak"`},
		{func(c *Config) { c.Accelerators = []string{"tpu"} }, `accelerators: platform "tpu"`},
		{func(c *Config) { c.Engines = []string{"torch"} }, `engines: unknown engine "torch"`},
		{func(c *Config) { c.Method = "spline" }, `method: unknown method "spline"`},
		{func(c *Config) { c.TableScale = 0 }, "table_scale: 0"},
		{func(c *Config) { c.RequestNS = -1 }, "request_ns: -1 is negative"},
		{func(c *Config) { c.Extrapolate = 0.5 }, "extrapolate: 0.5"},
		{func(c *Config) { c.Extrapolate = math.NaN() }, "extrapolate: NaN"},
	} {
		c := config(allModels(t)[:1])
		tc.change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("got %v, want %s", err, tc.want)
		}
	}
}

func TestMissingRows(t *testing.T) {
	c := config(allModels(t)[:1])
	warn := func(string, ...any) {}
	if _, _, err := Curves(c, Inputs{}, warn); err == nil || !strings.Contains(err.Error(), "rm1: op_timing: no rows") {
		t.Errorf("no profile: %v", err)
	}
	rows := profiled(t, c.Models, 1)
	rows[0].OpKind = "RecurrentNetwork"
	if _, _, err := Curves(c, Inputs{Timings: rows}, warn); err == nil || !strings.Contains(err.Error(), "not an operator") {
		t.Errorf("a profile of another graph: %v", err)
	}
	c.Engines, c.CPUs, c.Accelerators = nil, nil, []string{"t4"}
	if _, _, err := Curves(c, Inputs{}, warn); err == nil || !strings.Contains(err.Error(), "no rows of t4") {
		t.Errorf("no accelerator rows: %v", err)
	}
}

// The stage itself, in a graph with stand-ins for the stages before it.
func TestStage(t *testing.T) {
	ms := allModels(t)[:1]
	before := pipeline.Stage{
		Name: "profile", Version: 1, Config: struct{}{},
		Tables: []artifact.Table{artifact.TableOf[record.OpTiming]("op_timing"), artifact.TableOf[record.Calibration]("calibration")},
		Run: func(_ context.Context, task *pipeline.Task) error {
			if err := pipeline.Write(task, "op_timing", profiled(t, ms, 1, 16)); err != nil {
				return err
			}
			return pipeline.Write(task, "calibration", calibration())
		},
	}
	accel := pipeline.Stage{
		Name: "accel", Version: 1, Config: struct{}{},
		Tables: []artifact.Table{artifact.TableOf[record.AccelLatency]("accel_latency")},
		Run: func(_ context.Context, task *pipeline.Task) error {
			return pipeline.Write(task, "accel_latency", []record.AccelLatency{absolute(record.Published, 1, 1000), absolute(record.Published, 64, 2000)})
		},
	}
	c := config(ms)
	c.Accelerators = []string{"t4"}
	g, err := pipeline.NewGraph("test", before, accel, New(c))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := g.Run(context.Background(), pipeline.Options{Results: dir, Jobs: 1}); err != nil {
		t.Fatal(err)
	}
	rows, err := artifact.ReadFile[record.LatencyCurve](filepath.Join(dir, "test", "latency_curve.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	curves := byCurve(rows)
	if len(curves[curveKey{"rm1", "t4", record.EngineAccel, 1}]) != 3 || len(curves[curveKey{"rm1", "skylake", record.EngineRunexp, 40}]) != 3 {
		t.Errorf("%d curves", len(curves))
	}
}

// A study without the host needs no profile.
func TestStageNeedsProfileOnlyForTheHost(t *testing.T) {
	c := config(allModels(t)[:1])
	if s := New(c); !slices.Contains(s.After, "profile") {
		t.Errorf("after %v", s.After)
	}
	c.CPUs, c.Engines = []string{"skylake"}, []string{record.EngineReference}
	if s := New(c); slices.Contains(s.After, "profile") {
		t.Errorf("after %v", s.After)
	}
	c.CPUs, c.Engines = []string{hw.HostName}, nil
	if s := New(c); slices.Contains(s.After, "profile") {
		t.Errorf("a user's own latencies of the host alone: after %v", s.After)
	}
}

// A fixed time per request is added to every knot of a core, and to nothing
// else.
func TestRequestTimeIsAddedOnCoresAlone(t *testing.T) {
	c := config(allModels(t)[:1])
	c.CPUs, c.Accelerators, c.Engines = []string{"skylake"}, []string{"t4"}, []string{record.EngineReference}
	in := Inputs{Accel: []record.AccelLatency{absolute(record.Published, 1, 1000), absolute(record.Published, 64, 2000)}}
	plain := fitted(t, c, in)
	const delay = 5_000_000
	c.RequestNS = delay
	delayed := fitted(t, c, in)
	for i, was := range plain.curves {
		if was.Support != record.AtKnot {
			continue
		}
		want := was.LatencyNS
		if was.Platform == "skylake" {
			want += delay
		}
		if got := delayed.curves[i].LatencyNS; got != want {
			t.Errorf("%s batch %d: %d ns, want %d", was.Platform, was.BatchSize, got, want)
		}
	}
}

// Rows changed for the same inputs: bump Version, then take the new digest.
func TestGoldenDigest(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors fuse multiplications and additions: the last digit differs")
	}
	const want = "d4686fbcc74666e5"
	c := config(allModels(t))
	c.CPUs, c.Accelerators = []string{"skylake", "broadwell"}, []string{"gtx1080ti"}
	var in Inputs
	for _, s := range hw.GTX1080TiSpeedups() {
		in.Accel = append(in.Accel, record.AccelLatency{Model: s.Model, Platform: "gtx1080ti", Source: record.PublishedRatio, Workers: 1, BatchSize: int32(s.Batch), Speedup: &s.Ratio})
	}
	in.Timings, in.Calibration = profiled(t, c.Models, 1, 16, 256), calibration()
	f := fitted(t, c, in)
	h := sha256.New()
	enc := json.NewEncoder(h)
	if err := enc.Encode(f.curves); err != nil {
		t.Fatal(err)
	}
	if err := enc.Encode(f.residuals); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}
