package pipeline

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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
