package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"runexp/internal/timing"
	"runexp/pipeline/artifact"
)

// TestHitOrMiss changes one thing at a time after a first run.
func TestHitOrMiss(t *testing.T) {
	for _, tc := range []struct {
		reason string
		change func(*toy)
		want   string
	}{
		{"nothing changed", func(c *toy) {}, "measure=hit double=hit draw=hit"},
		{"a config key of double, and so its rows", func(c *toy) {
			c.DoubleConfig["load"] = map[string]any{"rate": 200}
			c.Factor = 3
		}, "measure=hit double=ran draw=ran"},
		{"a config key of double, but not its rows: early cut-off", func(c *toy) {
			c.DoubleConfig["load"] = map[string]any{"rate": 200}
		}, "measure=hit double=ran draw=hit"},
		{"a new config key", func(c *toy) { c.DoubleConfig["new"] = nil }, "measure=hit double=ran draw=hit"},
		{"the code of double, but not its version: not noticed", func(c *toy) { c.Factor = 3 }, "measure=hit double=hit draw=hit"},
		{"the version of double", func(c *toy) { c.Versions["double"], c.Factor = 1, 3 }, "measure=hit double=ran draw=ran"},
		{"the version of double, same rows", func(c *toy) { c.Versions["double"] = 1 }, "measure=hit double=ran draw=hit"},
		{"the version of the last stage", func(c *toy) { c.Versions["draw"] = 1 }, "measure=hit double=hit draw=ran"},
		{"the host, only measured stages care", func(c *toy) { c.Host = []string{"cores 4"} }, "measure=ran double=hit draw=hit"},
		{"the host and what it measures", func(c *toy) {
			c.Host, c.Rows = []string{"cores 4"}, []toyRow{{5, "e"}}
		}, "measure=ran double=ran draw=ran"},
		{"a warning, which readers can see", func(c *toy) {
			c.Versions["measure"], c.Warn = 1, "noisy"
		}, "measure=ran double=ran draw=ran"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			results := t.TempDir()
			if got, _ := newToy().run(t, results); got != "measure=ran double=ran draw=ran" {
				t.Fatalf("first run: %s", got)
			}
			c := newToy()
			tc.change(c)
			got, e := c.run(t, results)
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if w := e.warned(); len(w) > 0 && c.Warn == "" {
				t.Errorf("warnings %q", w)
			}
			if got, _ := newToy().run(t, results); strings.Contains(got, "ran") {
				t.Errorf("back to the first configuration: %s, want no stage to run", got)
			}
			if got, _ := newToy().run(t, results); got != "measure=hit double=hit draw=hit" {
				t.Errorf("and once more: %s", got)
			}
		})
	}
}

// TestBytes runs in two folders: tables are equal, whenever and wherever made.
func TestBytes(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	newToy().run(t, a)
	newToy().run(t, b, func(o *Options) { o.HostName, o.Jobs = "other", 1 })
	ta, tb := tree(t, a), tree(t, b)
	want := []string{"toy/drawn.parquet", "toy/drawn.parquet.json", "toy/figures/more.svg", "toy/figures/more.svg.json",
		"toy/figures/rows.svg", "toy/figures/rows.svg.json", "toy/manifest.json", "toy/timing.parquet", "toy/timing.parquet.json",
		"toy/twice.parquet", "toy/twice.parquet.json"}
	if got := keys(ta); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	for _, name := range want {
		if !strings.HasSuffix(name, ".json") && ta[name] != tb[name] {
			t.Errorf("%s differs", name)
		}
	}
}

func TestSidecar(t *testing.T) {
	results := t.TempDir()
	c := newToy()
	c.Warn = "only 3 reps"
	c.run(t, results)
	m, err := artifact.ReadMeta(filepath.Join(results, "toy", "timing.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Stage != "measure" || m.Version != 1 || m.Rows != 2 || m.Host != "toyhost" || !m.Measured || m.Created.IsZero() ||
		!slices.Equal(m.Warnings, []string{"only 3 reps"}) || len(m.Columns) != 2 || !strings.HasPrefix(m.Code, "runexp go") {
		t.Errorf("got %+v", m)
	}
	var config map[string]any
	if err := json.Unmarshal(m.Config, &config); err != nil || config["reps"] != 3.0 {
		t.Errorf("config %s, %v", m.Config, err)
	}
	m, err = artifact.ReadMeta(filepath.Join(results, "toy", "figures", "rows.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Inputs) != 2 || m.Inputs[0].Table != "timing" || m.Inputs[1].Stage != "double" {
		t.Errorf("inputs of the figure: %+v", m.Inputs)
	}
	if svg := tree(t, results)["toy/figures/rows.svg"]; !strings.Contains(svg, "measure: only 3 reps") {
		t.Errorf("the figure does not show the warning from two stages before: %s", svg)
	}
}

// TestInputHost measures the same rows on another machine: its name is in the
// keys of the stages that read them, because Meta shows it.
func TestInputHost(t *testing.T) {
	results := t.TempDir()
	newToy().run(t, results)
	other := newToy()
	other.Host = []string{"cores 4"}
	elsewhere := func(o *Options) { o.HostName = "other host" }
	if got, _ := other.run(t, results, elsewhere); got != "measure=ran double=ran draw=ran" {
		t.Errorf("elsewhere: %s", got)
	}
	o := Options{Results: results, Host: other.Host}
	x, err := other.graph(t, "toy").Why("double", o)
	must(t, err)
	if !slices.Contains(x.Lines, "input-host measure other host") || x.Status != PlanHit {
		t.Errorf("lines %q", x.Lines)
	}
	if got, _ := newToy().run(t, results, elsewhere); strings.Contains(got, "ran") {
		t.Errorf("the first machine's: %s; the name counts where it measured", got)
	}
}

func TestOnlyAndForce(t *testing.T) {
	results := t.TempDir()
	only := func(names ...string) func(*Options) { return func(o *Options) { o.Only = names } }
	force := func(o *Options) { o.Force = true }
	for _, tc := range []struct {
		options []func(*Options)
		want    string
		reason  string
	}{
		{[]func(*Options){only("double")}, "measure=ran double=ran", "with what it needs, without what needs it"},
		{nil, "measure=hit double=hit draw=ran", "the rest"},
		{[]func(*Options){force}, "measure=ran double=ran draw=ran", "all forced"},
		{[]func(*Options){force, only("double")}, "measure=hit double=ran", "only the one named is forced"},
		{nil, "measure=hit double=hit draw=hit", "same rows"},
	} {
		if got, e := newToy().run(t, results, tc.options...); got != tc.want || len(e.warned()) > 0 {
			t.Errorf("%s: got %s, want %s; warnings %q", tc.reason, got, tc.want, e.warned())
		}
	}
	_, err := newToy().graph(t, "toy").Run(context.Background(), Options{Results: results, Only: []string{"drow"}})
	if err == nil || !strings.Contains(err.Error(), "no stage drow (it has measure, double, draw)") {
		t.Errorf("unknown stage: error %v", err)
	}
}

// TestShrink drops a figure: its old copy goes.
func TestShrink(t *testing.T) {
	results := t.TempDir()
	c := newToy()
	c.run(t, results)
	c.Skip, c.Versions["draw"] = true, 1
	c.run(t, results)
	for _, name := range keys(tree(t, results)) {
		if strings.Contains(name, "more.svg") {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestReports(t *testing.T) {
	results := t.TempDir()
	_, e := newToy().run(t, results, func(o *Options) { o.Only = []string{"double"} })
	want := []string{"start measure", "done measure ran", "start double", "double 0/2 a", "double 1/2 b", "done double ran"}
	if !slices.Equal(e.said, want) {
		t.Errorf("heard %q, want %q", e.said, want)
	}
	_, e = newToy().run(t, results, func(o *Options) { o.Only = []string{"double"} })
	if want := []string{"done measure hit", "done double hit"}; !slices.Equal(e.said, want) {
		t.Errorf("second run: heard %q, want %q", e.said, want)
	}
}

// TestMisuse lets a stage break each rule.
func TestMisuse(t *testing.T) {
	rows := []toyRow{{1, "a"}}
	write := func(t *Task) error { return Write(t, "out", rows) }
	for _, tc := range []struct {
		reason string
		run    func(t *Task) error
		err    string
	}{
		{"nothing written", func(t *Task) error { return nil }, "stage s: table out: declared but not written"},
		{"written twice", func(t *Task) error { return errors.Join(write(t), write(t)) }, "stage s: table out: written twice"},
		{"written twice, error ignored", func(t *Task) error { write(t); write(t); return nil }, "stage s: table out: written twice"},
		{"not declared", func(t *Task) error { return Write(t, "other", rows) }, "stage s: table other: not declared"},
		{"other columns", func(t *Task) error { return Write(t, "out", []struct{ A int32 }{{1}}) }, "stage s: table out: declared with other columns"},
		{"no row type", func(t *Task) error { return Write(t, "out", []int{1}) }, "stage s: panic: artifact: table out: row type int"},
		{"panic", func(t *Task) error { return rowOf(nil) }, "stage s: panic: runtime error: index out of range"},
		{"error", func(t *Task) error { return errors.New("rate: must be positive") }, "stage s: rate: must be positive"},
		{"no input", func(t *Task) error { _, err := Read[toyRow](t, "q", "t"); return err }, "table t of stage q: not an input"},
		{"no input's sidecar", func(t *Task) error { _, err := t.Meta("q", "t"); return err }, "table t of stage q: not an input"},
		{"a file outside", func(t *Task) error { write(t); return t.WriteFile("../x.svg", nil) }, "stage s: file ../x.svg: the name"},
		{"a hidden file", func(t *Task) error { write(t); return t.WriteFile(".cache/x", nil) }, "stage s: file .cache/x: the name"},
		{"an absolute file", func(t *Task) error { write(t); return t.WriteFile("/x", nil) }, "stage s: file /x: the name"},
		{"the manifest", func(t *Task) error { write(t); return t.WriteFile("manifest.json", nil) }, "the name is taken"},
		{"a table as a file", func(t *Task) error { write(t); return t.WriteFile("x.parquet", nil) }, "the name is taken"},
		{"a sidecar as a file", func(t *Task) error {
			write(t)
			return errors.Join(t.WriteFile("a.svg", nil), t.WriteFile("a.svg.json", nil))
		}, "stage s: file a.svg.json: is the sidecar of another"},
		{"a file twice", func(t *Task) error { write(t); t.WriteFile("a", nil); t.WriteFile("a", nil); return nil }, "stage s: file a: written twice"},
	} {
		g, err := NewGraph("x", Stage{Name: "s", Version: 1, Tables: []artifact.Table{artifact.TableOf[toyRow]("out")},
			Run: func(_ context.Context, t *Task) error { return tc.run(t) }})
		if err != nil {
			t.Fatal(err)
		}
		results := t.TempDir()
		s, err := g.Run(context.Background(), Options{Results: results})
		if err == nil || !strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), "stage s: ") > 1 {
			t.Errorf("%s: error %v, want %q on one line", tc.reason, err, tc.err)
		}
		if files := tree(t, results); len(files) > 0 || len(s.Stages) > 0 {
			t.Errorf("%s: left %q, %+v", tc.reason, keys(files), s.Stages)
		}
	}
}

// rowOf panics on no rows, as a stage with a bug would.
func rowOf(rows []toyRow) error { return fmt.Errorf("row %v", rows[0]) }

// TestSharedFile lets two stages put out one file.
func TestSharedFile(t *testing.T) {
	run := func(_ context.Context, t *Task) error { return t.WriteFile("a.svg", nil) }
	g, err := NewGraph("x", Stage{Name: "s", Version: 1, Run: run}, Stage{Name: "t", Version: 1, Run: run})
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Run(context.Background(), Options{Results: t.TempDir()})
	if err == nil || err.Error() != "stage t: file a.svg: stage s puts it out too" {
		t.Errorf("error %v", err)
	}
}

// TestMeta checks what a stage may see of its input beside the rows.
func TestMeta(t *testing.T) {
	c := newToy()
	c.Warn = "noisy"
	stages := append(c.stages(), Stage{Name: "look", Version: 1, After: []string{"measure", "double"},
		Run: func(_ context.Context, task *Task) error {
			m, err := task.Meta("measure", "timing")
			if err != nil || m.Host != "toyhost" || !m.Created.IsZero() || !slices.Equal(m.Warnings, []string{"noisy"}) || m.Rows != 2 {
				t.Errorf("measured input: %+v, %v", m, err)
			}
			m, err = task.Meta("double", "twice")
			if err != nil || m.Host != "" || !m.Created.IsZero() || m.ActionID != "" || len(m.OutputID) != 64 {
				t.Errorf("computed input: %+v, %v", m, err)
			}
			return nil
		}})
	g, err := NewGraph("toy", stages...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Run(context.Background(), Options{Results: t.TempDir(), HostName: "toyhost"}); err != nil {
		t.Fatal(err)
	}
}

// TestJobs watches how many stages run at once.
func TestJobs(t *testing.T) {
	var running, most, wanted atomic.Int32
	var alone atomic.Bool
	alone.Store(true)
	run := func(host bool) func(context.Context, *Task) error {
		return func(ctx context.Context, _ *Task) error {
			n := running.Add(1)
			defer running.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			if !host {
				until(func() bool { return most.Load() >= wanted.Load() })
			}
			timing.Wait(20e6, ctx.Done()) // for one too many to show itself
			if host && (n != 1 || running.Load() != 1) {
				alone.Store(false)
			}
			return nil
		}
	}
	var stages []Stage
	for _, name := range []string{"a", "b", "c", "measured", "d", "e", "measured2", "f"} {
		host := strings.HasPrefix(name, "measured")
		stages = append(stages, Stage{Name: name, Version: 1, Host: host, Run: run(host)})
	}
	g, err := NewGraph("jobs", stages...)
	if err != nil {
		t.Fatal(err)
	}
	for jobs, want := range map[int]int32{0: 1, 1: 1, 3: 3} {
		most.Store(0)
		wanted.Store(want)
		if _, err := g.Run(context.Background(), Options{Results: t.TempDir(), Jobs: jobs}); err != nil {
			t.Fatal(err)
		}
		if most.Load() != want || !alone.Load() {
			t.Errorf("%d jobs: %d stages at once, want %d; measured stages alone: %v", jobs, most.Load(), want, alone.Load())
		}
	}
}

// TestFailure lets one of two stages fail while the other runs: the other is
// told, what had ended is kept, and the error is the first.
func TestFailure(t *testing.T) {
	boom := errors.New("boom")
	var fail atomic.Bool
	fail.Store(true)
	done := Stage{Name: "done", Version: 1, Run: func(_ context.Context, t *Task) error { return t.WriteFile("done.txt", []byte("x")) }}
	bad := Stage{Name: "bad", Version: 1, Run: func(context.Context, *Task) error {
		if fail.Load() {
			return boom
		}
		return nil
	}}
	slow := Stage{Name: "slow", Version: 1, Run: func(ctx context.Context, t *Task) error {
		if fail.Load() {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}}
	bad.After, slow.After = []string{"done"}, []string{"done"}
	g, err := NewGraph("x", done, slow, bad)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Results: t.TempDir(), Jobs: 2}
	s, err := g.Run(context.Background(), o)
	if !errors.Is(err, boom) || err.Error() != "stage bad: boom" || statusesOf(s) != "done=ran" {
		t.Errorf("error %v, summary %s", err, statusesOf(s))
	}
	fail.Store(false)
	if s, err = g.Run(context.Background(), o); err != nil || statusesOf(s) != "done=hit slow=ran bad=ran" {
		t.Errorf("second run: error %v, summary %s", err, statusesOf(s))
	}
}

// TestCancel cancels during each stage: what had ended stays a hit, nothing
// else is on disk, and the next run ends as if nothing had happened.
func TestCancel(t *testing.T) {
	want := tree(t, func() string { r := t.TempDir(); newToy().run(t, r); return r }())
	for stage, left := range map[string]string{"measure": "", "double": "measure=ran", "draw": "measure=ran double=ran"} {
		results := t.TempDir()
		c := newToy()
		ctx, cancel := context.WithCancel(context.Background())
		c.Run = func(s string) error {
			if s == stage {
				cancel()
			}
			return nil // as a stage that does not look at its context
		}
		o := Options{Results: results, Host: c.Host, HostName: "toyhost"}
		s, err := c.graph(t, "toy").Run(ctx, o)
		if !errors.Is(err, context.Canceled) || statusesOf(s) != left {
			t.Errorf("cancelled in %s: error %v, summary %q, want %q", stage, err, statusesOf(s), left)
		}
		for name := range tree(t, results) {
			if strings.Contains(name, ".tmp-") {
				t.Errorf("cancelled in %s: %s is left", stage, name)
			}
		}
		if got, e := newToy().run(t, results); strings.Count(got, "hit") != strings.Count(left, "ran") || len(e.warned()) > 0 {
			t.Errorf("cancelled in %s, then: %s, warnings %q", stage, got, e.warned())
		}
		if got := tree(t, results); !reflect.DeepEqual(keys(got), keys(want)) || got["toy/drawn.parquet"] != want["toy/drawn.parquet"] {
			t.Errorf("cancelled in %s: ends with other files", stage)
		}
	}
}

// TestLeftBehind cancels a stage that never stops: the run ends without it,
// and nothing that it does later is kept.
func TestLeftBehind(t *testing.T) {
	started, release, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	g, err := NewGraph("x", Stage{Name: "deaf", Version: 1, Run: func(_ context.Context, t *Task) error {
		defer close(ended)
		close(started)
		<-release
		t.Step(1, 1, "late")
		return t.WriteFile("late.txt", []byte("x"))
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	e, results := &ear{}, t.TempDir()
	go func() {
		<-started
		cancel()
	}()
	_, err = g.Run(ctx, Options{Results: results, Report: e})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "left behind: deaf") {
		t.Errorf("error %v", err)
	}
	close(release)
	<-ended
	timing.Wait(20e6, nil)
	if files := tree(t, results); len(files) > 0 || len(e.said) != 1 {
		t.Errorf("afterwards: files %q, heard %q", keys(files), e.said)
	}
}

func TestResultsNotWritable(t *testing.T) {
	results := filepath.Join(t.TempDir(), "results")
	if err := os.WriteFile(results, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := newToy().graph(t, "toy").Run(context.Background(), Options{Results: results})
	if err == nil || !strings.Contains(err.Error(), "results") {
		t.Errorf("error %v, want one that names the folder", err)
	}
}
