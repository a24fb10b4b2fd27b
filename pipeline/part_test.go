package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// parted is the toy with a stage double that works in parts, one per row.
func parted(made *atomic.Int64, fail string) *toy {
	c := newToy()
	c.Rows = []toyRow{{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}}
	c.Parts = func(t *Task, row toyRow) ([]toyRow, error) {
		return Part(t, row.Name, func() ([]toyRow, error) {
			if row.Name == fail {
				return nil, errors.New("no more")
			}
			made.Add(1)
			return []toyRow{{10 * row.N, row.Name}}, nil
		})
	}
	return c
}

// TestParts stops a stage at its third part. The next run makes the third and
// the fourth, and afterwards no part is left.
func TestParts(t *testing.T) {
	results := t.TempDir()
	var made atomic.Int64
	_, err := parted(&made, "c").graph(t, "toy").Run(context.Background(), Options{Results: results, Host: newToy().Host})
	if err == nil || !strings.HasSuffix(err.Error(), "no more") || made.Load() != 2 {
		t.Fatalf("error %v after %d parts", err, made.Load())
	}
	got, e := parted(&made, "").run(t, results)
	if want := "measure=hit double=ran draw=ran"; got != want || made.Load() != 4 || len(e.warned()) > 0 {
		t.Errorf("got %s after %d parts in all, warnings %q", got, made.Load(), e.warned())
	}
	if left := partFiles(t, results); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	clean := t.TempDir()
	parted(&made, "").run(t, clean)
	if tree(t, clean)["toy/twice.parquet"] != tree(t, results)["toy/twice.parquet"] {
		t.Error("other rows than without a stop")
	}
}

// partFiles returns the paths of the parts kept.
func partFiles(t *testing.T, results string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(results, ".cache", "parts", "*", "*"))
	must(t, err)
	return paths
}

// TestPartsChange gives reasons why a part must not be used.
func TestPartsChange(t *testing.T) {
	for _, tc := range []struct {
		reason string
		change func(t *testing.T, c *toy, o *Options, part string)
		made   int64
		warned string
	}{
		{"nothing changed", func(*testing.T, *toy, *Options, string) {}, 4, ""},
		{"another version", func(_ *testing.T, c *toy, _ *Options, _ string) { c.Versions["double"] = 1 }, 6, ""},
		{"another configuration", func(_ *testing.T, c *toy, _ *Options, _ string) { c.DoubleConfig["x"] = 1 }, 6, ""},
		{"forced", func(_ *testing.T, _ *toy, o *Options, _ string) { o.Force = true }, 6, ""},
		{"damaged", func(t *testing.T, _ *toy, _ *Options, part string) {
			data := read(t, part)
			data[len(data)-1] ^= 1
			must(t, os.WriteFile(part, data, 0o644))
		}, 5, "damaged: made again"},
		{"truncated", func(t *testing.T, _ *toy, _ *Options, part string) { must(t, os.Truncate(part, 3)) }, 5, "damaged: made again"},
		{"another part's", func(t *testing.T, _ *toy, _ *Options, part string) {
			all, _ := filepath.Glob(filepath.Join(filepath.Dir(part), "*"))
			i := slices.Index(all, part)
			must(t, os.WriteFile(part, read(t, all[1-i]), 0o644))
		}, 5, "damaged: made again"},
		{"gone", func(t *testing.T, _ *toy, _ *Options, part string) { must(t, os.Remove(part)) }, 5, ""},
	} {
		results := t.TempDir()
		var made atomic.Int64
		o := Options{Results: results, Host: newToy().Host}
		if _, err := parted(&made, "c").graph(t, "toy").Run(context.Background(), o); err == nil {
			t.Fatal("no error")
		}
		c, e := parted(&made, ""), &ear{}
		o.Report = e
		tc.change(t, c, &o, partFiles(t, results)[0])
		if _, err := c.graph(t, "toy").Run(context.Background(), o); err != nil {
			t.Errorf("%s: %v", tc.reason, err)
		}
		if made.Load() != tc.made {
			t.Errorf("%s: %d parts made in all, want %d", tc.reason, made.Load(), tc.made)
		}
		if warned := strings.Join(e.warned(), "\n"); !strings.HasSuffix(warned, tc.warned) || tc.warned == "" && warned != "" {
			t.Errorf("%s: warnings %q, want %q", tc.reason, warned, tc.warned)
		}
	}
}

// TestPartAfterTheEnd leaves a stage behind: the part that it makes afterwards
// is not kept, and the stage is told.
func TestPartAfterTheEnd(t *testing.T) {
	started, release, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	g, err := NewGraph("x", Stage{Name: "deaf", Version: 1, Run: func(_ context.Context, t *Task) error {
		_, err := Part(t, "late", func() (int, error) {
			close(started)
			<-release
			return 1, nil
		})
		ended <- err
		return err
	}})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-started
		cancel()
	}()
	results := t.TempDir()
	if _, err = g.Run(ctx, Options{Results: results}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(release)
	if err := <-ended; !errors.Is(err, errOver) {
		t.Errorf("of the part: error %v", err)
	}
	if left := partFiles(t, results); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestPartNotKept takes the place where parts are kept away: the stage does
// without.
func TestPartNotKept(t *testing.T) {
	results := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(results, ".cache"), 0o755))
	must(t, os.WriteFile(filepath.Join(results, ".cache", "parts"), nil, 0o644))
	var made atomic.Int64
	got, e := parted(&made, "").run(t, results)
	warned := strings.Join(e.warned(), "\n")
	if got != "measure=ran double=ran draw=ran" || made.Load() != 4 || strings.Count(warned, "not kept: ") != 4 {
		t.Errorf("got %s, %d parts, warnings %q", got, made.Load(), warned)
	}
}

func FuzzPart(f *testing.F) {
	results := f.TempDir()
	var made atomic.Int64
	if _, err := parted(&made, "c").graph(f, "toy").Run(context.Background(), Options{Results: results}); err == nil {
		f.Fatal("no error")
	}
	paths, _ := filepath.Glob(filepath.Join(results, ".cache", "parts", "*", "*"))
	for _, path := range paths {
		data := read(f, path)
		f.Add(data)
		f.Add(data[bytes.IndexByte(data, '\n')+1:]) // without the seal
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &parts{cacheIn(t.TempDir()), strings.Repeat("a", 64), &gate{}}
		id := strings.Repeat("b", 64)
		if _, err := keptPart[[]toyRow](p, id); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("none kept: error %v", err)
		}
		must(t, os.MkdirAll(filepath.Dir(p.cache.PartPath(p.action, id)), 0o755))
		must(t, os.WriteFile(p.cache.PartPath(p.action, id), data, 0o644))
		if rows, err := keptPart[[]toyRow](p, id); err == nil {
			t.Fatalf("taken under a name it cannot have: %v", fmt.Sprint(rows))
		}
		must(t, p.keep(id, data)) // sealed: only the rows in it speak against it
		rows, err := keptPart[[]toyRow](p, id)
		if err != nil {
			return
		}
		again, err := json.Marshal(rows)
		must(t, err)
		must(t, p.keep(id, again))
		if same, err := keptPart[[]toyRow](p, id); err != nil || !reflect.DeepEqual(same, rows) {
			t.Errorf("kept again: %v, %v, want %v", same, err, rows)
		}
	})
}
