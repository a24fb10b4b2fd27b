package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"runexp/internal/atomicfile"
	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// TestConcurrentRuns runs the same and different experiments in one folder at
// once, in this process and in others. Afterwards every table is the one its
// sidecar describes, every sidecar the one in the manifest, and a further run
// repairs nothing.
func TestConcurrentRuns(t *testing.T) {
	results := t.TempDir()
	if dir := os.Getenv("PIPELINE_TEST_RESULTS"); dir != "" { // one of the other processes
		results = dir
	}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for j := range 4 {
				c := newToy()
				c.Versions["double"] = (i + j) % 3 // three different folders' worth of results
				c.Factor = int64((i + j) % 3)
				name := fmt.Sprintf("toy%d", i%2)
				_, err := c.graph(t, name).Run(context.Background(), Options{Results: results, Jobs: 2, Host: c.Host})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	if os.Getenv("PIPELINE_TEST_RESULTS") != "" {
		wg.Wait()
		return
	}
	for range 2 {
		wg.Go(func() {
			other := exec.Command(os.Args[0], "-test.run=^TestConcurrentRuns$")
			other.Env = append(os.Environ(), "PIPELINE_TEST_RESULTS="+results)
			if out, err := other.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	for _, name := range []string{"toy0", "toy1"} {
		checkFolder(t, filepath.Join(results, name))
	}
}

// TestMixedFolder lets another run, of another configuration, put a stage into
// the folder while a run is under way: the run says so at its end.
func TestMixedFolder(t *testing.T) {
	for _, tc := range []struct {
		reason string
		factor int64
		warned []string
	}{
		{"another configuration", 3, []string{"double: another run replaced double's files"}},
		{"the same once more", 2, nil},
	} {
		results := t.TempDir()
		c := newToy()
		c.Run = func(stage string) error {
			if stage == "draw" { // double has ended
				other := newToy()
				other.Factor, other.Versions["double"] = tc.factor, int(tc.factor)-2
				other.run(t, results, func(o *Options) { o.Only, o.Force = []string{"double"}, true })
			}
			return nil
		}
		if _, e := c.run(t, results); !slices.Equal(e.warned(), tc.warned) {
			t.Errorf("%s: warnings %q, want %q", tc.reason, e.warned(), tc.warned)
		}
	}
}

// TestInterruptedWait tells runs to stop that wait for a lock.
func TestInterruptedWait(t *testing.T) {
	for name, lock := range map[string]func(f folder) (func(), error){
		"the cache":  func(f folder) (func(), error) { return f.cache.Alone() },
		"the folder": func(f folder) (func(), error) { return atomicfile.Lock(f.dir) },
	} {
		results := t.TempDir()
		unlock, err := lock(openFolder(results, "toy"))
		must(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if _, err := newToy().graph(t, "toy").Run(ctx, Options{Results: results}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error %v", name, err)
		}
		unlock()
		if got, _ := newToy().run(t, results); got != "measure=ran double=ran draw=ran" { // what was waited for was given back
			t.Errorf("%s, afterwards: %s", name, got)
		}
	}
}

// checkFolder checks a folder against its manifest, file by file.
func checkFolder(t *testing.T, dir string) {
	t.Helper()
	m, err := ReadManifest(dir)
	must(t, err)
	if len(m.Stages) != 3 {
		t.Errorf("%s: %d stages in the manifest, want 3", dir, len(m.Stages))
	}
	for _, r := range m.Stages {
		for _, f := range r.Files {
			path := filepath.Join(dir, f.Name)
			if cache.Sum(read(t, path)) != f.OutputID || cache.Sum(read(t, path+artifact.SidecarSuffix)) != f.Sidecar {
				t.Errorf("%s: not what the manifest says", path)
			}
			meta, err := artifact.ReadMeta(path)
			if err != nil || meta.OutputID != f.OutputID || meta.ActionID != r.ActionID {
				t.Errorf("%s: its sidecar is that of another run: %v", path, err)
			}
		}
	}
	for name := range tree(t, dir) {
		if strings.Contains(name, ".tmp-") {
			t.Errorf("%s is left", name)
		}
	}
}
