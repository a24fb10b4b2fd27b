package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"runexp/internal/stream"
	"runexp/internal/timing"
)

// TestCrashQuick kills runs of quick at random moments, CRASH_QUICK of
// them, each going on where the one before was killed. No stage that had ended
// starts again, and in the end a run succeeds and its results verify.
func TestCrashQuick(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("CRASH_QUICK"))
	if err != nil {
		t.Skip("make crash-quick runs it: it takes ten minutes")
	}
	bin, err := filepath.Abs("../../bin/runexp")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rng := stream.New(1, "crash quick")
	ended := map[string]bool{}
	for seed, n := 1, 0; n <= kills; n++ {
		c := exec.Command(bin, "run", "quick", "--results", filepath.Join(dir, "results"), "--progress", "plain", "--seed", strconv.Itoa(seed))
		var stderr bytes.Buffer
		c.Env, c.Stderr = append(os.Environ(), "TMPDIR="+dir), &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		over := make(chan struct{})
		go func() {
			err = c.Wait()
			close(over)
		}()
		killed := n < kills && timing.Wait(time.Duration(rng.Float64()*float64(25*time.Second)), over)
		if killed {
			c.Process.Kill()
		}
		<-over
		if err != nil && !killed {
			t.Fatalf("run %d: %v\n%s", n, err, stderr.String())
		}
		started := note(ended, stderr.String())
		for _, stage := range started {
			t.Errorf("kill %d: %s had ended, but starts again\n%s", n, stage, stderr.String())
		}
		if err == nil && n < kills { // it came to its end: the next is another experiment
			seed, ended = seed+1, map[string]bool{}
		}
		if n == kills {
			out, err := exec.Command(bin, "verify", "quick", "--results", filepath.Join(dir, "results"), "--progress", "none", "--seed", strconv.Itoa(seed)).CombinedOutput()
			if err != nil {
				t.Errorf("verify: %v\n%s", err, out)
			}
			t.Logf("%d kills, %d experiments\n%s", kills, seed, out)
		}
	}
}

// note takes note of the stages that ended, and returns those that had ended
// before and started again.
func note(ended map[string]bool, stderr string) (again []string) {
	for line := range strings.Lines(stderr) {
		words := strings.Fields(line)
		switch {
		case len(words) < 2:
		case words[1] == "started" && ended[words[0]]:
			again = append(again, words[0])
		case words[1] == "done":
			ended[words[0]] = true
		}
	}
	return again
}
