package accel

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"runexp/hw"
	"runexp/models"
	"runexp/stages/record"
)

func configs(t *testing.T, names ...string) []models.Config {
	t.Helper()
	if len(names) == 0 {
		names = models.Names()
	}
	var out []models.Config
	for _, n := range names {
		m, err := models.ByName(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func gather(t *testing.T, c Config) ([]record.AccelLatency, []record.AccelOp, []string) {
	t.Helper()
	var warnings []string
	l, o, err := Rows(c, func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) })
	if err != nil {
		t.Fatal(err)
	}
	return l, o, warnings
}

func everything(t *testing.T) Config {
	return Config{Models: configs(t), Accelerators: []string{"gtx1080ti", "t4"}, BatchSizes: []int{1, 4, 16, 64, 256, 1024}}
}

// The published ratio crosses one where method.md says, interpolated in log
// batch: from there on the accelerator is faster than the process.
func TestCrossovers(t *testing.T) {
	rows, _, _ := gather(t, everything(t))
	for _, tc := range []struct {
		model  string
		lo, hi float64 // batch
	}{
		{"rm3", 1.8, 2.1}, {"rm2", 14.5, 15.5}, {"wnd", 21.5, 22.5}, {"mtwnd", 27.5, 31}, {"rm1", 53, 55},
		{"ncf", 69, 71.5}, {"dien", 97, 108}, {"din", 280, 288},
	} {
		if got := crossover(rows, tc.model); got < tc.lo || got > tc.hi {
			t.Errorf("%s: crossover at batch %.1f, want %v to %v", tc.model, got, tc.lo, tc.hi)
		}
	}
}

func crossover(rows []record.AccelLatency, model string) float64 {
	var last record.AccelLatency
	for _, r := range rows {
		if r.Model != model || r.Speedup == nil {
			continue
		}
		if *r.Speedup >= 1 {
			share := (1 - *last.Speedup) / (*r.Speedup - *last.Speedup)
			return float64(last.BatchSize) * math.Pow(float64(r.BatchSize)/float64(last.BatchSize), share)
		}
		last = r
	}
	return math.Inf(1)
}

func TestPublishedT4(t *testing.T) {
	rows, _, _ := gather(t, everything(t))
	batches := map[string][]int32{}
	for _, r := range rows {
		if r.Source != record.Published {
			continue
		}
		batches[r.Model] = append(batches[r.Model], r.BatchSize)
		if r.Platform != "t4" || *r.TotalNS != *r.TransferNS+*r.ComputeNS {
			t.Errorf("%+v: the total is not the sum", r)
		}
		if r.Model == "ncf" && r.BatchSize == 10 && (*r.ComputeNS != 272_000 || *r.TransferNS != 342_000) {
			t.Errorf("ncf at 10: compute %d, transfer %d, want the medians 0.272 and 0.342 ms", *r.ComputeNS, *r.TransferNS)
		}
	}
	for _, m := range []string{"ncf", "rm2", "wnd", "mtwnd", "dien"} {
		if !slices.Equal(batches[m], []int32{10, 20, 40, 80, 160, 320, 640, 1000}) {
			t.Errorf("%s: batches %v", m, batches[m])
		}
	}
	if len(batches) != 5 {
		t.Errorf("%d models, want the five that were measured", len(batches))
	}
}

// A roofline time is never below any of its roofs, grows with the batch, and
// is the sum of its operators.
func TestRooflineBounds(t *testing.T) {
	c := everything(t)
	rows, ops, _ := gather(t, c)
	for _, m := range c.Models {
		g, err := models.Describe(m, models.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range c.Accelerators {
			a, _ := hw.AccelByName(name)
			last := int64(0)
			for _, r := range rows {
				if r.Model != m.Name() || r.Platform != name || r.Source != record.Roofline {
					continue
				}
				cost := g.Cost(int(r.BatchSize))
				launches := a.LaunchesNS(hw.Typical, cost.Launches)
				least := max(float64(cost.FLOPs)/a.PeakGFLOPS.Value, float64(cost.Bytes)/a.MemoryGBps.Value) + launches
				if float64(*r.ComputeNS) < 0.999*least {
					t.Errorf("%s on %s at %d: %d ns is below the roof %v", m.Name(), name, r.BatchSize, *r.ComputeNS, least)
				}
				link := float64(g.InputBytes(int(r.BatchSize))) / a.LinkGBps.Value
				if float64(*r.TransferNS) < link {
					t.Errorf("%s on %s at %d: transfer %d ns is below %v", m.Name(), name, r.BatchSize, *r.TransferNS, link)
				}
				if *r.TotalNS < last {
					t.Errorf("%s on %s at %d: faster than a smaller batch", m.Name(), name, r.BatchSize)
				}
				last = *r.TotalNS
				var sum int64
				for _, o := range ops {
					if o.Model == r.Model && o.Platform == r.Platform && o.BatchSize == r.BatchSize {
						sum += o.TimeNS
					}
				}
				if sum != *r.ComputeNS {
					t.Errorf("%s on %s at %d: operators take %d ns of %d", m.Name(), name, r.BatchSize, sum, *r.ComputeNS)
				}
			}
			if last == 0 {
				t.Errorf("%s on %s: no roofline rows", m.Name(), name)
			}
		}
	}
}

func TestChangedGraphHasNoPublishedFigures(t *testing.T) {
	m := configs(t, "rm1")
	m[0].Lookups = 20
	rows, _, warnings := gather(t, Config{Models: m, Accelerators: []string{"gtx1080ti"}, BatchSizes: []int{1, 64}})
	for _, r := range rows {
		if r.Source != record.Roofline {
			t.Errorf("%+v: published for another graph", r)
		}
	}
	if !slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, "rm1 is not the standard graph") }) {
		t.Errorf("no warning: %v", warnings)
	}
}

func TestRowsAreDeterministic(t *testing.T) {
	a, ao, _ := gather(t, everything(t))
	b, bo, _ := gather(t, everything(t))
	if fmt.Sprint(ao) != fmt.Sprint(bo) || len(a) != len(b) {
		t.Error("two runs differ")
	}
	if !slices.IsSortedFunc(a, compareLatency) {
		t.Error("rows are not sorted by key")
	}
}

func TestValidate(t *testing.T) {
	good := everything(t)
	for _, tc := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Models = nil }, "models: none"},
		{func(c *Config) { c.BatchSizes = []int{4, 4} }, "batch_sizes: [4 4]"},
		{func(c *Config) { c.BatchSizes = []int{0} }, "batch_sizes: [0]"},
		{func(c *Config) { c.BatchSizes = nil }, "batch_sizes: none"},
		{func(c *Config) { c.Accelerators = []string{"gtx1080"} }, `did you mean gtx1080ti`},
		{func(c *Config) { c.Files = []File{{Path: "mine.csv", text: "model\n"}} }, "mine.csv: line 1"},
	} {
		c := good
		tc.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("got %v, want %s", err, tc.want)
		}
		if _, _, err := Rows(c, func(string, ...any) {}); err == nil {
			t.Errorf("%s: rows all the same", tc.want)
		}
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

// Rows changed for the same Config: bump Version, then take the new digest.
func TestGoldenDigest(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors fuse multiplications and additions: a rounding may differ")
	}
	const want = "0101c20b0d3416ec"
	latencies, ops, _ := gather(t, everything(t))
	h := sha256.New()
	enc := json.NewEncoder(h)
	if err := enc.Encode(latencies); err != nil {
		t.Fatal(err)
	}
	if err := enc.Encode(ops); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}
