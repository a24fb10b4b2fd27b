package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// trigger calls fire once its text has been written.
type trigger struct {
	mu   sync.Mutex
	b    bytes.Buffer
	text string
	fire func()
}

func (w *trigger) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.b.Write(p)
	if strings.Contains(w.b.String(), w.text) {
		w.fire()
	}
	return n, err
}

// An interrupted run says so in one line, exits with 130 and leaves neither a
// table nor a temporary file of the stage that was running.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // where the lock is that measured stages take
	file := filepath.Join(dir, "long.yaml")
	text := "# ?\nmodels: [ncf]\nstages: [profile]\nprofile: {table_scale: 0.001, repetitions: 1000000, max_seconds: 1000}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stderr := &trigger{text: "profile   started", fire: cancel}
	results := filepath.Join(dir, "results")
	code := run(ctx, &bytes.Buffer{}, stderr, []string{"run", file, "--results", results, "--progress", "plain"})
	lines := strings.Split(strings.TrimSpace(stderr.b.String()), "\n")
	if last := lines[len(lines)-1]; code != exitInterrupted || !strings.HasPrefix(last, "runexp: interrupted: ") {
		t.Errorf("exit %d, last line %q", code, last)
	}
	left, _ := filepath.Glob(filepath.Join(results, "long", "*"))
	hidden, _ := filepath.Glob(filepath.Join(results, "long", ".tmp-*"))
	for _, f := range append(left, hidden...) {
		if strings.HasSuffix(f, ".parquet") || strings.Contains(f, ".tmp-") {
			t.Errorf("left behind: %s", f)
		}
	}
}

// Only a run has something to go on from.
func TestInterruptKeepsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stderr strings.Builder
	code := run(ctx, &bytes.Buffer{}, &stderr, []string{"sim", "--service", "exp:1ms", "--rate", "500"})
	if code != exitInterrupted || stderr.String() != "runexp: interrupted\n" {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
}
