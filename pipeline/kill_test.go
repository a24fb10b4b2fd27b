package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runexp/internal/stream"
	"runexp/internal/timing"
	"runexp/pipeline/cache"
)

// TestKill kills runs of another process at random moments. After each, every
// record and object in the cache is whole, and at the end a run finishes with
// the tables of a run that was never killed.
func TestKill(t *testing.T) {
	if dir := os.Getenv("PIPELINE_TEST_KILL"); dir != "" { // the process to be killed
		for i := os.Getpid() << 20; ; i++ { // nothing an earlier process did is a hit
			c := newToy()
			c.Factor, c.Versions["double"] = int64(i), i
			if _, err := c.graph(t, "toy").Run(context.Background(), Options{Results: dir, Jobs: 2, Host: c.Host}); err != nil {
				t.Fatal(err)
			}
		}
	}
	results := t.TempDir()
	rng := stream.New(1, "kill")
	for range 25 {
		child := exec.Command(os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), "PIPELINE_TEST_KILL="+results)
		must(t, child.Start())
		timing.Wait(time.Duration(20+rng.IntN(80))*time.Millisecond, nil)
		must(t, child.Process.Kill())
		_ = child.Wait() // killed, of course
		checkCache(t, filepath.Join(results, ".cache"))
	}
	newToy().run(t, results)
	clean := t.TempDir()
	newToy().run(t, clean)
	want, got := tree(t, clean), tree(t, results)
	for name, data := range want {
		if !strings.HasSuffix(name, ".json") && got[name] != data {
			t.Errorf("%s is not that of a run never killed", name)
		}
	}
	checkFolder(t, filepath.Join(results, "toy"))
	if got, e := newToy().run(t, results); got != "measure=hit double=hit draw=hit" || len(e.warned()) > 0 {
		t.Errorf("and once more: %s, warnings %q", got, e.warned())
	}
}

// checkCache checks that whatever has a name in the cache deserves it.
func checkCache(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) { // a run may be killed before there is any
		return
	}
	c := cache.New(dir)
	for name := range tree(t, dir) {
		folder, id := filepath.Split(name)
		if strings.HasPrefix(id, ".tmp-") {
			continue
		}
		var err error
		if action, ok := strings.CutPrefix(folder, "parts/"); ok {
			_, err = c.Part(strings.TrimSuffix(action, "/"), id)
		} else if folder == "actions/" {
			_, err = c.Lookup(id)
		} else {
			err = c.Check(id)
		}
		if err != nil {
			t.Error(err)
		}
	}
}
