package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"runexp/internal/atomicfile"
	"runexp/pipeline/cache"
)

// lived returns a results folder with history: an old run that nothing refers
// to any more, a present one, a stopped one and a killed one.
func lived(t *testing.T) string {
	t.Helper()
	results := t.TempDir()
	old := newToy()
	old.Factor, old.Versions["double"] = 7, 7
	old.run(t, results)
	age(t, results, 48*time.Hour)
	newToy().run(t, results)
	var made atomic.Int64
	stopped := parted(&made, "c")
	stopped.Versions["measure"] = 1 // it has other rows
	if _, err := stopped.graph(t, "stopped").Run(context.Background(), Options{Results: results, Host: stopped.Host}); err == nil {
		t.Fatal("no error")
	}
	must(t, os.WriteFile(filepath.Join(results, ".cache", "objects", ".tmp-x-1"), []byte("12345"), 0o644))
	must(t, os.WriteFile(filepath.Join(results, "toy", "figures", ".tmp-x-2"), []byte("123"), 0o644))
	must(t, os.WriteFile(filepath.Join(results, ".cache", "notes.txt"), nil, 0o644))
	return results
}

// age makes every file of the cache older.
func age(t *testing.T, results string, by time.Duration) {
	t.Helper()
	list, err := cacheIn(results).List()
	must(t, err)
	for _, e := range list {
		must(t, os.Chtimes(e.Path, time.Time{}, e.Stored.Add(-by)))
	}
}

// TestClean cleans a folder with history; the present run stays a hit.
func TestClean(t *testing.T) {
	all := CleanOptions{MaxBytes: -1}
	for _, tc := range []struct {
		reason  string
		options CleanOptions
		want    Cleaned // Bytes and what is left aside
	}{
		// of the old run: double and draw, whose tables have the same rows, and a figure
		{"all", all, Cleaned{Actions: 2, Objects: 2, Parts: 2, Temps: 2}},
		{"dry", CleanOptions{MaxBytes: -1, Dry: true}, Cleaned{Actions: 2, Objects: 2, Parts: 2, Temps: 2}},
		{"what is older than a day", CleanOptions{MaxBytes: -1, OlderThan: 24 * time.Hour}, Cleaned{Actions: 2, Objects: 2, Temps: 2}},
		{"what is older than a week", CleanOptions{MaxBytes: -1, OlderThan: 7 * 24 * time.Hour}, Cleaned{Temps: 2}},
		{"the cache is small enough", CleanOptions{MaxBytes: 1 << 30}, Cleaned{Temps: 2}},
		{"the cache is never small enough", CleanOptions{MaxBytes: 0}, Cleaned{Actions: 2, Objects: 2, Parts: 2, Temps: 2}},
	} {
		results := lived(t)
		before := size(t, results)
		got, err := Clean(results, tc.options)
		must(t, err)
		after := size(t, results)
		if tc.options.Dry && after != before || !tc.options.Dry && before-after != got.Bytes {
			t.Errorf("%s: it says %d bytes went, %d did", tc.reason, got.Bytes, before-after)
		}
		got.Bytes, got.Left, got.LeftBytes, got.Referenced = 0, 0, 0, 0
		if got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.reason, got, tc.want)
		}
		if got, e := newToy().run(t, results); got != "measure=hit double=hit draw=hit" || len(e.warned()) > 0 {
			t.Errorf("%s: the run after is %s, warnings %q", tc.reason, got, e.warned())
		}
		if _, err := os.Stat(filepath.Join(results, ".cache", "notes.txt")); err != nil {
			t.Errorf("%s: a file that is not the cache's own: %v", tc.reason, err)
		}
	}
}

// size returns the bytes of all files below dir.
func size(t *testing.T, dir string) (n int64) {
	t.Helper()
	must(t, filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			n += info.Size()
		}
		return err
	}))
	return n
}

// TestCleanMaxSize lets the newer of two old runs live.
func TestCleanMaxSize(t *testing.T) {
	results := t.TempDir()
	for i := range 4 {
		c := newToy()
		c.Factor, c.Versions["double"] = int64(i), i
		c.run(t, results)
		age(t, results, time.Hour)
	}
	sum, err := Clean(results, CleanOptions{MaxBytes: -1, Dry: true})
	must(t, err)
	got, err := Clean(results, CleanOptions{MaxBytes: sum.LeftBytes + sum.Bytes - 1})
	must(t, err)
	if got.Actions != 1 || got.LeftBytes != sum.LeftBytes+sum.Bytes-got.Bytes {
		t.Errorf("%+v of %+v", got, sum)
	}
	c := newToy()
	c.Factor, c.Versions["double"] = 2, 2
	if got, _ := c.run(t, results); got != "measure=hit double=restored draw=restored" {
		t.Errorf("the newer of the old runs: %s", got)
	}
}

// TestCleanSigns cleans a folder whose path could be read as a pattern.
func TestCleanSigns(t *testing.T) {
	for _, name := range []string{"results[1]", "res*", "r?"} {
		results := filepath.Join(t.TempDir(), name)
		newToy().run(t, results)
		must(t, os.WriteFile(filepath.Join(results, "notes.txt"), nil, 0o644))
		got, err := Clean(results, CleanOptions{MaxBytes: -1})
		if err != nil || got.Actions+got.Objects > 0 || got.Left == 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestCleanTemps leaves unfinished files alone whose writer may live: those in
// folders of others, and in an experiment's folder that somebody holds.
func TestCleanTemps(t *testing.T) {
	results := t.TempDir()
	newToy().run(t, results)
	mine := filepath.Join(results, "toy", ".tmp-x-1")
	others := filepath.Join(results, "exported", ".tmp-x-2")
	must(t, os.Mkdir(filepath.Dir(others), 0o755))
	must(t, os.WriteFile(mine, nil, 0o644))
	must(t, os.WriteFile(others, nil, 0o644))
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	unlock, err := atomicfile.Lock(filepath.Dir(mine))
	must(t, err)
	if got, err := Clean(results, CleanOptions{}); err != nil || got.Temps != 0 || !there(mine) || !there(others) {
		t.Errorf("while it is held: %+v, %v", got, err)
	}
	unlock()
	if got, err := Clean(results, CleanOptions{}); err != nil || got.Temps != 1 || there(mine) || !there(others) {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

// TestCleanRefuses cleans while it would be wrong.
func TestCleanRefuses(t *testing.T) {
	results := lived(t)
	leave, err := cacheIn(results).Enter()
	must(t, err)
	if _, err := Clean(results, CleanOptions{MaxBytes: -1}); err == nil || !strings.HasSuffix(err.Error(), "a run is using it: clean when it has ended") {
		t.Errorf("while a run uses it: %v", err)
	}
	leave()
	before := keys(tree(t, filepath.Join(results, ".cache")))
	must(t, os.Truncate(filepath.Join(results, "toy", manifestName), 100))
	if _, err := Clean(results, CleanOptions{MaxBytes: -1}); !errors.Is(err, cache.ErrDamaged) {
		t.Errorf("with a damaged manifest: %v", err)
	}
	if !slices.Equal(keys(tree(t, filepath.Join(results, ".cache"))), before) {
		t.Error("it cleaned nevertheless")
	}
	if _, err := Clean(filepath.Join(results, "absent"), CleanOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("where nothing is: %v", err)
	}
}
