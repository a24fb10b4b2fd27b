package report

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"runexp/stages/record"
)

var (
	update = flag.Bool("update", false, "accept the rendered report as testdata/digest")
	out    = flag.String("out", "", "also write the rendered report into this folder, to be looked at")
)

var explorerElement = regexp.MustCompile(`(?s)<script type="text/plain" id="explorer-program">.*?</script>`)

func silent(int, int, string) {}

// render draws the whole test experiment, and writes it out if asked.
func render(t *testing.T) []File {
	t.Helper()
	files, err := Render(t.Context(), testConfig(), testTables(), silent)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if *out == "" {
			break
		}
		name := filepath.Join(*out, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// A change of any output from equal tables has to bump Version, or cached
// reports would be stale; this digest is what notices.
func TestDigest(t *testing.T) {
	digest := fmt.Sprintf("version %d\n", Version)
	for _, f := range render(t) {
		if !strings.HasSuffix(f.Name, ".png") { // drawn from the same strokes; pixels differ between architectures
			data := explorerElement.ReplaceAll(f.Data, nil) // its digest is part of the Config
			digest += fmt.Sprintf("%x %s\n", sha256.Sum256(data), f.Name)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/digest", []byte(digest), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("coordinates are printed to five digits, and fused multiply-add may round the last one differently")
	}
	want, err := os.ReadFile("testdata/digest")
	if err != nil {
		t.Fatal(err)
	}
	if digest != string(want) {
		t.Errorf("outputs changed: bump Version if a release has the old ones, then -update\n%s", digest)
	}
}

func TestSameTablesSameBytes(t *testing.T) {
	a, b := render(t), render(t)
	for i := range a {
		if a[i].Name != b[i].Name || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Errorf("%s: the same tables gave other bytes", a[i].Name)
		}
	}
}

// An experiment may have any of the stages; the report draws what there is.
func TestPartialExperiments(t *testing.T) {
	full := testTables()
	for _, tc := range []struct {
		name  string
		keep  func(*Tables)
		draws []string
	}{
		{"profile alone", func(t *Tables) { t.OpDetail = full.OpDetail }, []string{"breakdown_host"}},
		{"accel alone: ratios, nothing to compare ours with", func(t *Tables) { t.AccelLatency, t.AccelOp = full.AccelLatency, full.AccelOp },
			[]string{"breakdown_gtx1080ti", "breakdown_t4", "speedup_gtx1080ti"}},
		{"fit", func(t *Tables) { t.Curve = full.Curve },
			[]string{"speedup_gtx1080ti", "speedup_t4", "latency_host_runexp", "latency_skylake_runexp", "latency_skylake_reference", "latency_accelerators"}},
		{"simulate", func(t *Tables) { t.Trial = full.Trial },
			[]string{"tail_skylake_runexp_gtx1080ti", "tail_skylake_runexp", "tail_skylake_runexp_2", "tail_host_runexp", "overload_host_runexp"}},
		{"optimize", func(t *Tables) { t.Point, t.Grid = full.Point, full.Grid },
			[]string{"gain_skylake_runexp_gtx1080ti", "efficiency_skylake_runexp_gtx1080ti", "batch_skylake_runexp",
				"heat_skylake_runexp_gtx1080ti_low", "heat_skylake_runexp_gtx1080ti_medium", "heat_skylake_runexp_gtx1080ti_high"}},
		{"optimize without an accelerator", func(t *Tables) {
			t.Point = where(full.Point, func(r record.OperatingPoint) bool { return r.AccelPlatform == record.None })
		}, []string{"gain_skylake_runexp", "efficiency_skylake_runexp"}},
		{"optimize, of a mix", func(t *Tables) { t.Mix = full.Mix }, []string{"mix_3_skylake_none_1_skylake_gtx1080ti_runexp"}},
		{"empty tables", func(*Tables) {}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var tables Tables
			tc.keep(&tables)
			drawn, err := (input{testConfig(), tables}).drawings()
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, d := range drawn {
				names = append(names, d.name)
			}
			if !slices.Equal(names, tc.draws) {
				t.Errorf("draws %v, want %v", names, tc.draws)
			}
			if _, err := (input{testConfig(), tables}).page(drawn); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFiguresCanBeChosen(t *testing.T) {
	cfg := testConfig()
	cfg.Figures = []string{"speedup"}
	drawn, err := (input{cfg, testTables()}).drawings()
	if err != nil || len(drawn) != 2 {
		t.Errorf("%d figures, error %v; want the two accelerators", len(drawn), err)
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no experiment", func(c *Config) { c.Experiment = "" }, "report: experiment: no name"},
		{"no stages", func(c *Config) { c.Stages = nil }, "report: stages: there is nothing to report on"},
		{"unknown figure", func(c *Config) { c.Figures = []string{"pie"} }, `report: figures: unknown figure "pie"; known: gain,`},
		{"target of zero", func(c *Config) { c.Targets[0].LimitNS = 0 }, "report: targets: rm1 medium: 0 ns is not positive"},
	} {
		c := testConfig()
		tc.change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", tc.name, err, tc.want)
		}
	}
	if err := testConfig().Validate(); err != nil {
		t.Error(err)
	}
}

// A damaged row must not become a figure.
func TestBadRowsAreRefused(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		spoil      func(*Tables)
	}{
		{"time of zero", "rm1: over this host, runexp engine: batch 1 0 is not a positive number", func(t *Tables) { t.Curve[0].LatencyNS = 0 }},
		{"no time at all", "breakdown: rm1: batch 1: no time", func(t *Tables) {
			for i := range t.OpDetail {
				t.OpDetail[i].MedianNS = 0
			}
		}},
		{"setting twice", "heat: rm1: batch 1, threshold 1 comes twice", func(t *Tables) {
			t.Grid = append(t.Grid, where(t.Grid, func(r record.MaxQPS) bool { return r.AccelPlatform != record.None })[0])
		}},
	} {
		tables := testTables()
		tc.spoil(&tables)
		if _, err := Render(t.Context(), testConfig(), tables, silent); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", tc.name, err, tc.want)
		}
	}
}
