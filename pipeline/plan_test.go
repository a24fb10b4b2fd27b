package pipeline

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

func (c *toy) plan(t *testing.T, results string, edit ...func(*Options)) []Step {
	t.Helper()
	o := Options{Results: results, Host: c.Host, HostName: "toyhost"}
	for _, f := range edit {
		f(&o)
	}
	steps, err := c.graph(t, "toy").Plan(o)
	must(t, err)
	return steps
}

// TestPlan changes one thing after a first run and reads the plan. What it says
// must be what a run then does.
func TestPlan(t *testing.T) {
	for _, tc := range []struct {
		reason string
		change func(*toy)
		ruin   string
		want   []string // status and reason, by stage; a reason ends anywhere
	}{
		{"nothing changed", func(*toy) {}, "", []string{"hit ran 20", "hit ran 20", "hit ran 20"}},
		{"a config key", func(c *toy) { c.DoubleConfig["load"] = map[string]any{"rate": 200} }, "",
			[]string{"hit ran", "run config load.rate=100 -> 200", "maybe double would run first"}},
		{"a new and a lost config key", func(c *toy) {
			c.MeasureConfig = map[string]any{"reps": 3, "seed": 1}
		}, "", []string{"run new: config seed=1, and 1 lines more changed", "maybe measure", "maybe measure and double would run first"}},
		{"a version", func(c *toy) { c.Versions["draw"] = 1 }, "", []string{"hit", "hit", "run stage draw v1 -> v2"}},
		{"the host", func(c *toy) { c.Host = []string{"cores 4", "cpu Toy 9000"} }, "",
			[]string{"run host cores 2 -> 4", "maybe", "maybe"}},
		{"a lost record", func(*toy) {}, "action double", []string{"hit", "run its record is gone from the cache", "maybe"}},
		{"a lost table", func(*toy) {}, "twice.parquet", []string{"hit", "hit ran", "hit"}},
	} {
		results := t.TempDir()
		newToy().run(t, results)
		if tc.ruin != "" {
			must(t, os.Remove(place(t, results, tc.ruin)))
		}
		c := newToy()
		tc.change(c)
		before := tree(t, results)
		steps := c.plan(t, results)
		for i, want := range tc.want {
			if got := steps[i].Status + " " + steps[i].Reason; !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s: %q, want %q", tc.reason, steps[i].Stage, got, want)
			}
			if steps[i].Took <= 0 {
				t.Errorf("%s: %s: no duration", tc.reason, steps[i].Stage)
			}
		}
		if after := tree(t, results); !slices.Equal(keys(before), keys(after)) {
			t.Errorf("%s: the plan changed the folder", tc.reason)
		}
		got, _ := c.run(t, results)
		for i, s := range strings.Fields(got) {
			ran := strings.HasSuffix(s, "=ran")
			if ran && steps[i].Status == PlanHit || !ran && steps[i].Status == PlanRun {
				t.Errorf("%s: planned %s for %s", tc.reason, steps[i].Status, s)
			}
		}
	}
}

func TestPlanFresh(t *testing.T) {
	results := filepath.Join(t.TempDir(), "none")
	steps := newToy().plan(t, results)
	if steps[0].Status != PlanRun || steps[0].Reason != "has not run here" || !steps[0].Measured || steps[2].Status != PlanMaybe {
		t.Errorf("got %+v", steps)
	}
	if _, err := os.Stat(results); err == nil {
		t.Error("the plan made the folder")
	}
	newToy().run(t, results)
	steps = newToy().plan(t, results, func(o *Options) { o.Only, o.Force = []string{"double"}, true })
	if len(steps) != 2 || steps[0].Status != PlanHit || steps[1].Status != PlanRun || steps[1].Reason != "forced" {
		t.Errorf("forced: got %+v", steps)
	}
}

func TestWhy(t *testing.T) {
	results := t.TempDir()
	c := newToy()
	c.run(t, results)
	c.DoubleConfig = map[string]any{"load": map[string]any{"rate": 200}}
	o := Options{Results: results, Host: c.Host}
	x, err := c.graph(t, "toy").Why("double", o)
	must(t, err)
	m, err := ReadManifest(filepath.Join(results, "toy"))
	must(t, err)
	want := []string{"stage double v1", "config load.rate=200", "input measure timing " + m.file("timing.parquet").OutputID}
	for _, line := range want {
		if !slices.Contains(x.Lines, line) {
			t.Errorf("lines %q lack %q", x.Lines, line)
		}
	}
	if len(x.Changed) != 1 || x.Changed[0] != (Change{"config load.rate=100", "config load.rate=200"}) || len(x.ActionID) != 64 {
		t.Errorf("got %+v", x)
	}
	x, err = c.graph(t, "toy").Why("draw", o)
	must(t, err)
	if x.ActionID != "" || !slices.Contains(x.Lines, "input double twice ?") || len(x.Changed) != 0 {
		t.Errorf("with an input not known yet: %+v", x)
	}
	if _, err := c.graph(t, "toy").Why("none", o); err == nil {
		t.Error("an unknown stage is explained")
	}
}

// TestArch names the level of the architecture only where it is not the default.
func TestArch(t *testing.T) {
	for _, tc := range []struct{ arch, key, value, want string }{
		{"amd64", "GOAMD64", "v1", "amd64"},
		{"amd64", "GOAMD64", "v3", "amd64/v3"},
		{"arm64", "GOARM64", "v8.0", "arm64"},
		{"arm64", "GOARM64", "v9.0", "arm64/v9.0"},
		{"wasm", "GOWASM", "satconv", "wasm"},
	} {
		if got := archOf(tc.arch, []debug.BuildSetting{{Key: "-compiler", Value: "gc"}, {Key: tc.key, Value: tc.value}}); got != tc.want {
			t.Errorf("%+v: got %s", tc, got)
		}
	}
}

func TestChanges(t *testing.T) {
	for _, tc := range []struct {
		old, new []string
		want     string
		reason   string
	}{
		{[]string{"go go1.26.1", "arch amd64"}, []string{"go go1.26.2", "arch amd64"}, "go go1.26.1 -> go1.26.2", "one word"},
		{[]string{"config a=1 2"}, []string{"config a=1 3"}, "config a=1 2 -> 1 3", "a value with a space"},
		{[]string{"config a=1"}, []string{"config b=1"}, "new: config b=1; gone: config a=1", "a renamed key"},
		{[]string{"input a t x"}, []string{"input a t ?"}, "", "not known yet"},
		{[]string{"input-host a Xeon, 2 cores"}, []string{"input-host a Xeon, 4 cores"}, "input-host a Xeon, 2 cores -> Xeon, 4 cores", "a host"},
		{[]string{"input-host a Xeon, 2 cores"}, []string{"input-host a ?"}, "", "a host not known yet"},
		{[]string{"arch amd64"}, []string{"arch amd64/v3"}, "arch amd64 -> amd64/v3", "a level"},
		{nil, nil, "", "nothing"},
	} {
		var got []string
		for _, c := range Changes(tc.old, tc.new) {
			got = append(got, c.String())
		}
		if s := strings.Join(got, "; "); s != tc.want {
			t.Errorf("%s: got %q, want %q", tc.reason, s, tc.want)
		}
	}
}
