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
// they wait.
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
		var made, inside atomic.Int64
		var heard sync.Map
		var wg sync.WaitGroup
		for i, name := range tc.names {
			wg.Go(func() {
				c, e := newToy(), &ear{}
				c.Run = func(stage string) error {
					if stage != "measure" {
						return nil
					}
					made.Add(1)
					if inside.Add(1) != 1 {
						t.Error("two measure at once")
					}
					timing.Wait(300*time.Millisecond, nil)
					inside.Add(-1)
					return nil
				}
				_, err := c.graph(t, name).Run(context.Background(), Options{Results: filepath.Join(dir, strconv.Itoa(i%tc.folders)),
					Host: c.Host, Report: e, Machine: filepath.Join(dir, "lock")})
				if err != nil {
					t.Error(err)
				}
				heard.Store(i, strings.Join(e.warned(), "\n"))
			})
		}
		wg.Wait()
		if made.Load() != tc.made {
			t.Errorf("%s: measured %d times, want %d", tc.reason, made.Load(), tc.made)
		}
		waited := 0
		heard.Range(func(_, v any) bool {
			if v != "" {
				waited++
				want := "measure: waits: another run measures on this machine: experiment "
				if !strings.HasPrefix(v.(string), want) || !strings.Contains(v.(string), "process "+strconv.Itoa(os.Getpid())) {
					t.Errorf("%s: warned %q", tc.reason, v)
				}
			}
			return true
		})
		if waited != len(tc.names)-1 {
			t.Errorf("%s: %d runs say that they wait, want %d", tc.reason, waited, len(tc.names)-1)
		}
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
	for deadline := timing.Now() + 30*time.Second; ; timing.Wait(10*time.Millisecond, nil) {
		if _, err := os.Stat(lock + ".held"); err == nil {
			break
		}
		if timing.Now() > deadline {
			t.Fatal("the other process did not take the lock")
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	c, e := newToy(), &ear{}
	results := t.TempDir()
	go func() {
		timing.Wait(250*time.Millisecond, nil)
		cancel()
	}()
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
