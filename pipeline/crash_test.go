package pipeline

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"runexp/internal/parallel"
	"runexp/internal/stream"
	"runexp/internal/timing"
	"runexp/pipeline/artifact"
)

// crashStages is an experiment of about two seconds made to be killed: a
// measured stage of ten parts, one that reads it in ten parts, and one that
// draws. It waits more than it works, so that many can be killed at once. Each
// part that was made is told to made.
func crashStages(made func(part string)) []Stage {
	inParts := func(t *Task, stage string, each time.Duration, row func(i, j int64) toyRow) ([]toyRow, error) {
		var all []toyRow
		for i := range int64(10) {
			rows, err := Part(t, fmt.Sprint(i), func() ([]toyRow, error) {
				timing.Wait(each, nil)
				rows := make([]toyRow, 500)
				for j := range rows {
					rows[j] = row(i, int64(j))
				}
				made(fmt.Sprintf("%s/%d", stage, i))
				return rows, nil
			})
			if err != nil {
				return nil, err
			}
			all = append(all, rows...)
		}
		return all, nil
	}
	table := artifact.TableOf[toyRow]
	return []Stage{
		{Name: "measure", Version: 1, Host: true, Tables: []artifact.Table{table("timing")}, Run: func(_ context.Context, t *Task) error {
			rows, err := inParts(t, "measure", 90*time.Millisecond, func(i, j int64) toyRow { return toyRow{i * j * j % 10007, "measured"} })
			if err != nil {
				return err
			}
			return Write(t, "timing", rows)
		}},
		{Name: "double", Version: 1, After: []string{"measure"}, Tables: []artifact.Table{table("twice")}, Run: func(_ context.Context, t *Task) error {
			in, err := Read[toyRow](t, "measure", "timing")
			if err != nil {
				return err
			}
			rows, err := inParts(t, "double", 60*time.Millisecond, func(i, j int64) toyRow { return toyRow{2 * in[500*i+j].N, "twice"} })
			if err != nil {
				return err
			}
			return Write(t, "twice", rows)
		}},
		{Name: "draw", Version: 1, After: []string{"double"}, Run: func(_ context.Context, t *Task) error {
			rows, err := Read[toyRow](t, "double", "twice")
			if err != nil {
				return err
			}
			timing.Wait(300*time.Millisecond, nil)
			for i := range 8 {
				if err := t.WriteFile(fmt.Sprintf("figures/%d.svg", i), fmt.Append(nil, i, rows)); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

// crashLog is what a process of the crash test says, one line at a time, in a
// file that outlives it.
type crashLog struct{ path string }

func (l crashLog) say(format string, args ...any) {
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		fmt.Fprintf(f, format+"\n", args...)
		f.Close()
	}
}

func (l crashLog) StageStarted(string)               {}
func (l crashLog) Step(string, int, int, string)     {}
func (l crashLog) StageDone(stage string, o Outcome) { l.say("done %s %s", stage, o.Status) }
func (l crashLog) Warn(stage, text string)           { l.say("warn %s: %s", stage, text) }
func (l crashLog) lines() []string {
	data, err := os.ReadFile(l.path)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// crashRun runs the experiment in dir and says there what it does.
func crashRun(t *testing.T, dir, log string) error {
	t.Helper()
	l := crashLog{filepath.Join(dir, log)}
	g, err := NewGraph("crash", crashStages(func(part string) { l.say("made %s", part) })...)
	must(t, err)
	_, err = g.Run(context.Background(), Options{Results: filepath.Join(dir, "results"), Jobs: 2,
		Host: []string{"cpu Toy 9000"}, Machine: filepath.Join(dir, "lock"), Report: l})
	return err
}

// TestCrash kills a process with SIGKILL at a random moment of the experiment,
// then runs it to its end; CRASH says how often, each time in a new
// folder. After a kill nothing that has a name is half-written; afterwards the
// stages that had ended are hits, the parts that had been made are not made
// again, and the tables are those of a run that was never killed.
func TestCrash(t *testing.T) {
	if dir := os.Getenv("PIPELINE_TEST_CRASH"); dir != "" { // a process to be killed
		must(t, crashRun(t, dir, os.Getenv("PIPELINE_TEST_LOG")))
		return
	}
	kills, err := strconv.Atoi(os.Getenv("CRASH"))
	if err != nil {
		kills = 32
	}
	clean := t.TempDir()
	start := timing.Now()
	must(t, crashRun(t, clean, "log"))
	whole := timing.Now() - start
	want := tree(t, filepath.Join(clean, "results"))
	rng := stream.New(1, "crash")
	delays := make([]time.Duration, kills)
	for i := range delays {
		delays[i] = time.Duration(rng.Float64() * 1.1 * float64(whole))
	}
	var mu sync.Mutex
	where := map[string]int{}
	must(t, parallel.Each(context.Background(), 16, kills, func(_ context.Context, i int) error {
		c := crash{dir: filepath.Join(t.TempDir(), strconv.Itoa(i)), delay: delays[i]}
		landed, err := c.check(t, want)
		mu.Lock()
		defer mu.Unlock()
		where[landed]++
		if err != nil {
			t.Errorf("killed after %v, %s: %v", c.delay, landed, err)
		}
		return nil
	}))
	t.Logf("%d kills of an experiment of %.1f s: %v", kills, whole.Seconds(), where)
}

// crash is one kill.
type crash struct {
	dir   string
	delay time.Duration
}

func (c crash) start(log string) *exec.Cmd {
	child := exec.Command(os.Args[0], "-test.run=^TestCrash$")
	child.Env = append(os.Environ(), "PIPELINE_TEST_CRASH="+c.dir, "PIPELINE_TEST_LOG="+log)
	return child
}

// check kills and runs again. It returns where the kill landed.
func (c crash) check(t *testing.T, want map[string]string) (landed string, err error) {
	must(t, os.MkdirAll(c.dir, 0o755))
	child := c.start("before")
	must(t, child.Start())
	timing.Wait(c.delay, nil)
	must(t, child.Process.Kill())
	_ = child.Wait() // killed, or at its end
	before := crashLog{filepath.Join(c.dir, "before")}.lines()
	return whereabouts(before), c.recover(t, before, want)
}

// recover looks at what a process left that came to no good end, and runs the
// experiment again. It goes by what the process said before.
func (c crash) recover(t *testing.T, before []string, want map[string]string) error {
	results := filepath.Join(c.dir, "results")
	files := map[string]string{}
	checkCache(t, filepath.Join(results, ".cache"))
	if _, err := os.Stat(results); err == nil { // it may have been killed before there was any
		files = tree(t, results)
	}
	for name, data := range files {
		if strings.HasSuffix(name, ".parquet") && !strings.Contains(name, ".tmp-") && data != want[name] {
			return fmt.Errorf("%s is half-written", name)
		}
	}
	if out, err := c.start("after").CombinedOutput(); err != nil {
		return fmt.Errorf("the run after: %v\n%s", err, out)
	}
	after := crashLog{filepath.Join(c.dir, "after")}.lines()
	if err := resumed(before, after); err != nil {
		return err
	}
	got := tree(t, results)
	for name, data := range want {
		if !strings.HasSuffix(name, ".json") && got[name] != data { // sidecars have dates
			return fmt.Errorf("%s is not that of a run never killed", name)
		}
	}
	return os.RemoveAll(c.dir)
}

// whereabouts says what the killed process did last.
func whereabouts(before []string) string {
	if len(before) == 0 {
		return "before the first part"
	}
	last, _, _ := strings.Cut(strings.TrimPrefix(before[len(before)-1], "made "), "/")
	return "after " + last
}

// resumed compares what two processes say: nothing that ended in the first is
// done again in the second, the last part aside, which may have been made but
// not kept yet.
func resumed(before, after []string) error {
	again := 0
	for _, line := range before {
		stage, done := strings.CutPrefix(line, "done ")
		switch {
		case done && !contains(after, "done "+strings.Fields(stage)[0]+" hit", "done "+strings.Fields(stage)[0]+" restored"):
			return fmt.Errorf("stage %s had ended, but it is not a hit: %q", stage, after)
		case !done && contains(after, line):
			again++
		}
	}
	if again > 1 {
		return fmt.Errorf("%d parts made again: %q, then %q", again, before, after)
	}
	for _, line := range after {
		if strings.HasPrefix(line, "warn ") {
			return fmt.Errorf("a warning: %s", line)
		}
	}
	return nil
}

func contains(lines []string, any ...string) bool {
	for _, l := range lines {
		for _, a := range any {
			if l == a {
				return true
			}
		}
	}
	return false
}
