package fleet

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/node"
	"runexp/stages/record"
)

var kinds = []Type{
	{Machine: node.Machine{CPU: "big", Accel: record.None, Cores: 40, Watts: node.Watts{CPUIdle: 80, CPUTDP: 250}, PricePerHour: 4}, Count: 20},
	{Machine: node.Machine{CPU: "big", Accel: "gpu", Cores: 40, Accelerators: 1, Watts: node.Watts{CPUIdle: 80, CPUTDP: 250, AccelIdle: 10, AccelTDP: 70}, PricePerHour: 4.5}, Count: 5},
	{Machine: node.Machine{CPU: "small", Accel: record.None, Cores: 8, Watts: node.Watts{CPUIdle: 30, CPUTDP: 100}, PricePerHour: 1}, Count: 30},
}

// capacity is max_qps by model and kind; b has none on small.
var capacity = map[string][]float64{"a": {1000, 1900, 240}, "b": {300, 310, 0}}

func points() []record.OperatingPoint {
	var rows []record.OperatingPoint
	for _, model := range []string{"a", "b"} {
		for t, k := range kinds {
			qps := capacity[model][t]
			for _, policy := range []string{"static", "deeprecsched"} {
				w := *k.PowerW(1, 0.9, 0.8)
				r := record.OperatingPoint{Model: model, CPUPlatform: k.CPU, AccelPlatform: k.Accel, Engine: "reference", Servers: 1, SizeDist: "production", TunedOn: "production",
					Objective: "qps", Target: "medium", Policy: policy, BatchSize: 25, MaxQPS: qps / 2, PowerW: &w}
				if policy == "deeprecsched" {
					r.MaxQPS, r.BatchSize = qps, 64
				}
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func day() []Demand {
	var list []Demand
	for h := range 24 {
		list = append(list, Demand{h, "a", 4000 + 3500*math.Sin(float64(h)/24*2*math.Pi)}, Demand{h, "b", 900 - 800*math.Cos(float64(h)/24*2*math.Pi)})
	}
	return list
}

func config() Config {
	return Config{Models: []string{"a", "b"}, Engine: "reference", Target: "medium", Types: kinds, Demand: day(), Objective: Cost, Share: true, Headroom: 0.1, Solves: 5000}
}

func planned(t *testing.T, c Config) Output {
	t.Helper()
	out, err := Plan(t.Context(), c, points(), func(int, int, string) {})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What every plan owes: all demand goes somewhere, no machine does more than it
// can, a heuristic is never better than the bound, sharing and choice only help.
func TestLaws(t *testing.T) {
	total := map[string]float64{}
	for _, objective := range Objectives() {
		for _, share := range []bool{true, false} {
			c := config()
			c.Objective, c.Share = objective, share
			out := planned(t, c)
			for _, h := range out.Hours {
				if h.Excess != nil && *h.Excess < 0 {
					t.Errorf("%s hour %d: below the bound", h.Plan, h.Hour)
				}
				if h.Plan == Optimal && (h.Status != statusOptimal || *h.Excess > 1e-5) {
					t.Errorf("%s share %v hour %d: %+v", objective, share, h.Hour, h)
				}
				if h.Met {
					checkServed(t, out, h)
				}
				value := h.Cost
				if objective == Power {
					value = *h.PowerW
				}
				total[fmt.Sprint(objective, share, h.Plan)] += value
			}
			for _, r := range out.Fleet {
				if r.DemandQPS > r.CapacityQPS*(1+1e-5) {
					t.Errorf("%s hour %d %s: %v sent to %v", r.Plan, r.Hour, r.Platform, r.DemandQPS, r.CapacityQPS)
				}
				if !strings.HasPrefix(r.Plan, Homogeneous) && r.On > r.Available {
					t.Errorf("%s hour %d %s: %d of %d", r.Plan, r.Hour, r.Platform, r.On, r.Available)
				}
			}
		}
		if total[fmt.Sprint(objective, true, Optimal)] > total[fmt.Sprint(objective, false, Optimal)] {
			t.Errorf("%s: sharing machines made the day dearer", objective)
		}
	}
	if a, b := total[fmt.Sprint(Cost, true, Optimal)], total[fmt.Sprint(Cost, true, AlwaysOn)]; a >= b {
		t.Errorf("turning machines off saves nothing: %v, %v", a, b)
	}
}

func checkServed(t *testing.T, out Output, h record.FleetHour) {
	t.Helper()
	served := 0.0
	for _, s := range out.Shares {
		if s.Plan == h.Plan && s.Hour == h.Hour {
			served += s.DemandQPS
			if s.BatchSize != 64 {
				t.Errorf("%s hour %d: batch %d is not the best policy's", h.Plan, h.Hour, s.BatchSize)
			}
		}
	}
	if math.Abs(served-h.DemandQPS) > 1e-4*h.DemandQPS {
		t.Errorf("%s hour %d: %v of %v queries/s are sent somewhere", h.Plan, h.Hour, served, h.DemandQPS)
	}
}

// Small cases whose answer can be said by hand.
func TestKnownAnswers(t *testing.T) {
	for _, tc := range []struct {
		why    string
		change func(*Config)
		demand []Demand
		cost   float64
	}{
		{"one small machine suffices", func(*Config) {}, []Demand{{0, "a", 200}}, 1},
		{"headroom makes it two", func(c *Config) { c.Headroom = 0.2 }, []Demand{{0, "a", 200}}, 2},
		{"nothing asked, nothing on", func(*Config) {}, []Demand{{0, "a", 0}}, 0},
		{"an accelerated machine is the cheapest per query", func(*Config) {}, []Demand{{0, "a", 1900 * 0.9}}, 4.5},
		{"both models fit one machine", func(*Config) {}, []Demand{{0, "a", 800}, {0, "b", 130}}, 4.5},
		{"but not without sharing", func(c *Config) { c.Share = false }, []Demand{{0, "a", 800}, {0, "b", 130}}, 8},
	} {
		c := config()
		c.Demand, c.Headroom = tc.demand, 0.1
		tc.change(&c)
		out := planned(t, c)
		if got := out.Hours[0]; got.Plan != Optimal || math.Abs(got.Cost-tc.cost) > 1e-9 {
			t.Errorf("%s: %+v, want %v dollars", tc.why, got, tc.cost)
		}
	}
}

// A demand past what all machines can do says how much is missing.
func TestMissing(t *testing.T) {
	for _, tc := range []struct {
		why    string
		share  bool
		demand []Demand
		want   string
	}{
		{"too much of a", true, []Demand{{7, "a", 50_000}}, // 0.9 x (20 x 1000 + 5 x 1900 + 30 x 240) = 33030
			"demand: hour 7: no fleet of these machines meets it: with all of them on 1.697e+04 queries/s are missing (1.697e+04 of 5e+04 for a)"},
		{"too much of b, which small machines do not serve", true, []Demand{{3, "a", 10}, {3, "b", 8000}}, // 0.9 x (20 x 300 + 5 x 310) = 6795
			"demand: hour 3: no fleet of these machines meets it: with all of them on 1205 queries/s are missing (1205 of 8000 for b)"},
		{"time enough, machines too few", false, []Demand{{0, "b", 6790}, {0, "a", 6480 + 4}},
			"demand: hour 0: no fleet of these machines meets it without sharing machines between models; set fleet.share or add machines"},
	} {
		c := config()
		c.Demand, c.Share = tc.demand, tc.share
		if _, err := Plan(t.Context(), c, points(), func(int, int, string) {}); err == nil || err.Error() != tc.want {
			t.Errorf("%s:\ngot  %v\nwant %s", tc.why, err, tc.want)
		}
	}
	c := config()
	c.Models, c.Demand = append(c.Models, "z"), append(c.Demand, Demand{0, "z", 1})
	if _, err := Plan(t.Context(), c, points(), func(int, int, string) {}); err == nil || !strings.Contains(err.Error(), "no machine serves z") {
		t.Errorf("a model that nothing serves: %v", err)
	}
}

// Demands far from what a machine serves are planned or refused in words.
func TestExtremeDemand(t *testing.T) {
	for _, tc := range []struct {
		why    string
		count  int // of every type; 0 leaves it
		demand []Demand
		want   string // "" is a plan
	}{
		{"far more than all machines serve", 0, []Demand{{4, "a", 1e8}},
			"demand: hour 4: no fleet of these machines meets it: with all of them on 9.997e+07 queries/s are missing (9.997e+07 of 1e+08 for a)"},
		{"more than any machines serve", 0, []Demand{{0, "a", 10}, {5, "a", 1e300}},
			"demand: hour 5: no fleet of these machines meets it: with all of them on 1e+300 queries/s are missing (1e+300 of 1e+300 for a)"},
		{"too much of both", 0, []Demand{{0, "a", 1e9}, {0, "b", 1e9}},
			"demand: hour 0: no fleet of these machines meets it: with all of them on 2e+09 queries/s are missing (1e+09 of 1e+09 for a, 1e+09 of 1e+09 for b)"},
		{"next to nothing", 0, []Demand{{0, "a", 1e-12}}, ""},
		{"next to nothing beside much", 0, []Demand{{0, "a", 20000}, {0, "b", 1e-12}}, ""},
		{"as many machines as may be", maxCount, []Demand{{0, "a", 1e8}, {0, "b", 1e3}}, ""},
		{"more than as many machines as may be", maxCount, []Demand{{0, "a", 1e12}},
			"demand: hour 0: no fleet of these machines meets it: with all of them on 9.972e+11 queries/s are missing (9.972e+11 of 1e+12 for a)"},
	} {
		for _, share := range []bool{true, false} {
			c := config()
			c.Share, c.Types, c.Demand = share, slices.Clone(c.Types), tc.demand
			for i := range c.Types {
				if tc.count > 0 {
					c.Types[i].Count = tc.count
				}
			}
			out, err := Plan(t.Context(), c, points(), func(int, int, string) {})
			switch {
			case tc.want != "" && (err == nil || err.Error() != tc.want):
				t.Errorf("%s, share %v:\ngot  %v\nwant %s", tc.why, share, err, tc.want)
			case tc.want == "" && err != nil:
				t.Errorf("%s, share %v: %v", tc.why, share, err)
			case tc.want == "" && tc.demand[0].QPS >= 1: // a share below rounding has no row
				checkServed(t, out, out.Hours[0])
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Models = nil }, "models: none"},
		{func(c *Config) { c.Types = nil }, "nodes: none"},
		{func(c *Config) { c.Demand = nil }, "demand: no lines"},
		{func(c *Config) { c.Objective = "fun" }, `objective: "fun"`},
		{func(c *Config) { c.Headroom = 1 }, "headroom: 1"},
		{func(c *Config) { c.Headroom = math.NaN() }, "headroom: NaN"},
		{func(c *Config) { c.Solves = 0 }, "solves: 0"},
		{func(c *Config) { c.Types[0].Count = 0 }, "nodes: big: count 0"},
		{func(c *Config) { c.Types[0].Count = 1e9 }, "nodes: big: count 1000000000 is more than 1000000"},
		{func(c *Config) { c.Types[0].Cores = 0 }, "nodes: big: cores: 0"},
		{func(c *Config) { c.Types = append(c.Types, c.Types[1]) }, "nodes: big+gpu stands twice"},
		{func(c *Config) { c.Types[2].PricePerHour = 0 }, "nodes: small: the price"},
		{func(c *Config) { c.Objective, c.Types[2].Watts = Power, node.Watts{} }, "nodes: small: the watts"},
		{func(c *Config) { c.Demand = append(c.Demand, Demand{1, "x", 1}) }, `demand: hour 1: model "x"`},
	} {
		c := config()
		c.Types = slices.Clone(c.Types)
		tc.change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("got %v, want %s", err, tc.want)
		}
	}
}

func TestParseDemand(t *testing.T) {
	got, err := ParseDemand("d.csv", []byte("\xef\xbb\xbfhour, model, qps\n1, a, 2.5\n0,a,1e3\n"))
	if want := []Demand{{1, "a", 2.5}, {0, "a", 1000}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	for _, tc := range []struct{ text, want string }{
		{"", "d.csv:1: the header is not hour,model,qps"},
		{"model,hour,qps\n", "d.csv:1: the header is not hour,model,qps"},
		{"hour,model,qps\n", "d.csv: no line of demand"},
		{"hour,model,qps\n1,a\n", "d.csv:2: 2 fields, not hour,model,qps"},
		{"hour,model,qps\n-1,a,3\n", `d.csv:2: hour: "-1" is not an integer from 0 to 999`},
		{"hour,model,qps\n0.5,a,3\n", `d.csv:2: hour: "0.5" is not an integer from 0 to 999`},
		{"hour,model,qps\n1,a,3\n1,a,-3\n", `d.csv:3: qps: "-3" is not a rate`},
		{"hour,model,qps\n1,a,NaN\n", `d.csv:2: qps: "NaN" is not a rate`},
		{"hour,model,qps\n1,a,+Inf\n", `d.csv:2: qps: "+Inf" is not a rate`},
		{"hour,model,qps\n1,a,3\n\n1,a,4\n", "d.csv:4: hour 1 of a stands twice"},
	} {
		if _, err := ParseDemand("d.csv", []byte(tc.text)); err == nil || err.Error() != tc.want {
			t.Errorf("%q: got %v, want %s", tc.text, err, tc.want)
		}
	}
}

func FuzzParseDemand(f *testing.F) {
	f.Add([]byte("hour,model,qps\n1,a,3\n"))
	f.Add([]byte("hour,model,qps\n\"1,a,3\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ParseDemand("f", text)
		if err == nil && len(list) == 0 {
			t.Error("no lines and no error")
		}
		for _, d := range list {
			if d.Hour < 0 || !(d.QPS >= 0) || math.IsInf(d.QPS, 0) {
				t.Errorf("%+v came through", d)
			}
		}
	})
}

// Rows changed for the same inputs: bump Version, then take the new digest.
// Linear programs round differently where multiplications and additions fuse.
func TestDigest(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors fuse multiplications and additions")
	}
	out := planned(t, config())
	rows, err := json.Marshal([]any{out.Fleet, out.Shares, out.Hours})
	if err != nil {
		t.Fatal(err)
	}
	const want = "v1 5ea65b1c2b7474be"
	if got := fmt.Sprintf("v%d %.8x", Version, sha256.Sum256(rows)); got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}

// The stage reads the table of optimize and writes what Plan returns.
func TestStage(t *testing.T) {
	optimize := pipeline.Stage{
		Name: "optimize", Version: 1,
		Tables: []artifact.Table{artifact.TableOf[record.OperatingPoint]("operating_point")},
		Run: func(_ context.Context, t *pipeline.Task) error {
			return pipeline.Write(t, "operating_point", points())
		},
	}
	g, err := pipeline.NewGraph("test", optimize, New(config()))
	if err != nil {
		t.Fatal(err)
	}
	results := t.TempDir()
	if _, err := g.Run(t.Context(), pipeline.Options{Results: results, Jobs: 1}); err != nil {
		t.Fatal(err)
	}
	want := planned(t, config())
	got, err := artifact.ReadFile[record.Fleet](filepath.Join(results, "test", "fleet.parquet"))
	if err != nil || !reflect.DeepEqual(got, want.Fleet) {
		t.Errorf("fleet is not what Plan returns: %v", err)
	}
	shares, err := artifact.ReadFile[record.FleetShare](filepath.Join(results, "test", "fleet_share.parquet"))
	if err != nil || !reflect.DeepEqual(shares, want.Shares) {
		t.Errorf("fleet_share is not what Plan returns: %v", err)
	}
	hours, err := artifact.ReadFile[record.FleetHour](filepath.Join(results, "test", "fleet_hour.parquet"))
	if err != nil || !reflect.DeepEqual(hours, want.Hours) {
		t.Errorf("fleet_hour is not what Plan returns: %v", err)
	}
}
