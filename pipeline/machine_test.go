package pipeline

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"runexp/internal/atomicfile"
	"runexp/internal/timing"
)

// TestMeasureOnce starts runs of one and of two experiments at once, in one
// folder and in two, under one lock. No two measure at the same time; the same
// measurement for the same folder is made once, and the others say for whom
// they wait: the first measurement ends only when they have.
func TestMeasureOnce(t *testing.T) {
	for _, tc := range []struct {
		reason  string
		folders int
		names   []string // of the experiments
		made    int64
	}{
		{"one experiment, one folder", 1, []string{"a", "a", "a", "a"}, 1},
		{"two experiments with one configuration, one folder", 1, []string{"a", "b", "a", "b"}, 1},
		{"one experiment, two folders", 2, []string{"a", "a", "a", "a"}, 2},
	} {
		dir := t.TempDir()
		var made, inside, waiting atomic.Int64
		var wg sync.WaitGroup
		for i, name := range tc.names {
			wg.Go(func() {
				c := newToy()
				e := &waiter{onWarn: func(stage, text string) {
					waiting.Add(1)
					want := "waits: another run measures on this machine: experiment "
					if stage != "measure" || !strings.HasPrefix(text, want) || !strings.Contains(text, "process "+strconv.Itoa(os.Getpid())) {
						t.Errorf("%s: warned %s: %q", tc.reason, stage, text)
					}
				}}
				c.Run = func(stage string) error {
					if stage != "measure" {
						return nil
					}
					made.Add(1)
					if inside.Add(1) != 1 {
						t.Error("two measure at once")
					}
					until(func() bool { return waiting.Load() == int64(len(tc.names)-1) })
					inside.Add(-1)
					return nil
				}
				_, err := c.graph(t, name).Run(context.Background(), Options{Results: filepath.Join(dir, strconv.Itoa(i%tc.folders)),
					Host: c.Host, Report: e, Machine: filepath.Join(dir, "lock")})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made.Load() != tc.made {
			t.Errorf("%s: measured %d times, want %d", tc.reason, made.Load(), tc.made)
		}
		if got := waiting.Load(); got != int64(len(tc.names)-1) {
			t.Errorf("%s: %d runs say that they wait, want %d", tc.reason, got, len(tc.names)-1)
		}
	}
}

// A waiter is an ear that acts on a warning.
type waiter struct {
	ear
	onWarn func(stage, text string)
}

func (w *waiter) Warn(stage, text string) {
	w.ear.Warn(stage, text)
	w.onWarn(stage, text)
}

// until waits for cond to hold, half a minute at most, and returns whether it does.
func until(cond func() bool) bool {
	for deadline := timing.Now() + 30*time.Second; !cond(); timing.Wait(5*time.Millisecond, nil) {
		if timing.Now() > deadline {
			return false
		}
	}
	return true
}

// TestNamelessHolder waits for a holder whose file nobody could write.
func TestNamelessHolder(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	unlock, _, err := atomicfile.TryLockFile(lock, "")
	must(t, err)
	c := newToy()
	start := timing.Now()
	e := &waiter{onWarn: func(_, _ string) { unlock() }}
	_, err = c.graph(t, "toy").Run(context.Background(), Options{Results: t.TempDir(), Host: c.Host, Machine: lock, Report: e})
	must(t, err)
	if warned := e.warned(); len(warned) != 1 || !strings.HasSuffix(warned[0], ": it could not write its name") {
		t.Errorf("warnings %q", warned)
	}
	if timing.Now()-start < time.Second {
		t.Error("it was given no time to write its name")
	}
}

// TestDeadHolder kills the process that holds the lock: the next run takes it
// over at once. A run that waits for a living one stops when told to.
func TestDeadHolder(t *testing.T) {
	if path := os.Getenv("PIPELINE_TEST_HOLD"); path != "" { // the process to be killed
		_, _, err := atomicfile.TryLockFile(path, "a process to be killed")
		must(t, err)
		must(t, os.WriteFile(path+".held", nil, 0o644))
		timing.Wait(time.Minute, nil)
		return
	}
	lock := filepath.Join(t.TempDir(), "lock")
	child := exec.Command(os.Args[0], "-test.run=^TestDeadHolder$")
	child.Env = append(os.Environ(), "PIPELINE_TEST_HOLD="+lock)
	must(t, child.Start())
	if !until(func() bool { _, err := os.Stat(lock + ".held"); return err == nil }) {
		t.Fatal("the other process did not take the lock")
	}
	ctx, cancel := context.WithCancel(context.Background())
	c, e := newToy(), &waiter{onWarn: func(_, _ string) { cancel() }}
	results := t.TempDir()
	if _, err := c.graph(t, "toy").Run(ctx, Options{Results: results, Host: c.Host, Machine: lock, Report: e}); !errors.Is(err, context.Canceled) {
		t.Errorf("while another holds the lock: %v", err)
	}
	if warned := e.warned(); len(warned) != 1 || !strings.HasSuffix(warned[0], ": a process to be killed") {
		t.Errorf("warnings %q", warned)
	}
	must(t, child.Process.Kill())
	_ = child.Wait() // killed, of course
	if got, e := c.run(t, results, func(o *Options) { o.Machine = lock }); got != "measure=ran double=ran draw=ran" || len(e.warned()) > 0 {
		t.Errorf("after its death: %s, warnings %q", got, e.warned())
	}
}
