package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// verified returns what Verify says, "measure=exempt double=same ...", and the
// differences.
func verified(t *testing.T, c *toy, results string, only ...string) (statuses, differences string, err error) {
	t.Helper()
	list, err := c.graph(t, "toy").Verify(context.Background(), Options{Results: results, Host: c.Host, Only: only})
	var s, d []string
	for _, v := range list {
		s = append(s, v.Stage+"="+v.Status)
		d = append(d, v.Differences...)
	}
	return strings.Join(s, " "), strings.Join(d, "; "), err
}

// TestVerify changes what a stage does behind the back of its version, or a
// file behind the back of everybody.
func TestVerify(t *testing.T) {
	for _, tc := range []struct {
		reason      string
		change      func(t *testing.T, c *toy, results string)
		statuses    string
		differences string
	}{
		{"nothing changed", func(*testing.T, *toy, string) {}, "measure=exempt double=same draw=same", ""},
		{"a measured stage gives other rows", func(_ *testing.T, c *toy, _ string) { c.Rows = nil }, "measure=exempt double=same draw=same", ""},
		{"other rows", func(_ *testing.T, c *toy, _ string) { c.Factor = 3 }, "measure=exempt double=differs draw=same",
			"table twice: row 1, column n: 2, now 3"},
		{"a file less", func(_ *testing.T, c *toy, _ string) { c.Skip = true }, "measure=exempt double=same draw=differs",
			"file figures/more.svg: not put out any more"},
		{"a file was edited", func(t *testing.T, _ *toy, results string) {
			must(t, os.WriteFile(filepath.Join(results, "toy", "figures", "rows.svg"), []byte("<svg/>"), 0o644))
		}, "measure=exempt double=same draw=differs", "figures/rows.svg: truncated, changed or foreign"},
		{"a measured table was edited", func(t *testing.T, _ *toy, results string) {
			must(t, os.Truncate(filepath.Join(results, "toy", "timing.parquet"), 20))
		}, "measure=differs double=same draw=same", "timing.parquet: truncated, changed or foreign"},
		{"both copies of a table are gone", func(t *testing.T, _ *toy, results string) {
			must(t, os.Remove(place(t, results, "object drawn")))
			must(t, os.Remove(filepath.Join(results, "toy", "drawn.parquet")))
		}, "measure=exempt double=same draw=differs", "drawn.parquet: sound neither in the folder nor in the cache"},
		{"the manifest is damaged", func(t *testing.T, _ *toy, results string) {
			must(t, os.Truncate(filepath.Join(results, "toy", manifestName), 100))
		}, "measure=differs double=same draw=same", "manifest.json: damaged"},
		{"the manifest is missing", func(t *testing.T, _ *toy, results string) {
			must(t, os.Remove(filepath.Join(results, "toy", manifestName)))
		}, "measure=differs double=same draw=same", "manifest.json: missing"},
		{"a table is missing", func(t *testing.T, _ *toy, results string) {
			must(t, os.Remove(filepath.Join(results, "toy", "twice.parquet")))
		}, "measure=exempt double=differs draw=same", "twice.parquet: missing"},
		{"the manifest is damaged and a table is missing", func(t *testing.T, _ *toy, results string) {
			must(t, os.Truncate(filepath.Join(results, "toy", manifestName), 100))
			must(t, os.Remove(filepath.Join(results, "toy", "twice.parquet")))
		}, "measure=differs double=differs draw=same", "manifest.json: damaged; twice.parquet: missing"},
	} {
		results := t.TempDir()
		newToy().run(t, results)
		c := newToy()
		tc.change(t, c, results)
		before := tree(t, results)
		statuses, differences, err := verified(t, c, results)
		if err != nil || statuses != tc.statuses || differences != tc.differences {
			t.Errorf("%s: %s, %q, %v, want %s, %q", tc.reason, statuses, differences, err, tc.statuses, tc.differences)
		}
		if fmt.Sprint(tree(t, results)) != fmt.Sprint(before) {
			t.Errorf("%s: it changed the folder", tc.reason)
		}
	}
}

// TestVerifyRefuses verifies what there is not.
func TestVerifyRefuses(t *testing.T) {
	results := t.TempDir()
	if _, _, err := verified(t, newToy(), results); err == nil || !strings.Contains(err.Error(), "stage measure: not up to date") {
		t.Errorf("before a run: %v", err)
	}
	newToy().run(t, results)
	other := newToy()
	other.DoubleConfig["load"] = 1
	if s, _, err := verified(t, other, results); err == nil || s != "measure=exempt" {
		t.Errorf("another configuration: %s, %v", s, err)
	}
	other.run(t, results)
	if _, _, err := verified(t, newToy(), results); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("the folder has another configuration's tables: %v", err)
	}
	newToy().run(t, results)
	if s, _, err := verified(t, newToy(), results, "draw"); err != nil || s != "draw=same" {
		t.Errorf("one stage: %s, %v", s, err)
	}
	c := newToy()
	c.Run = func(stage string) error { return os.ErrInvalid }
	if _, _, err := verified(t, c, results); err == nil || !strings.Contains(err.Error(), "stage double: invalid") {
		t.Errorf("a stage fails: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.Run = func(stage string) error { cancel(); select {} } // a stage that never stops
	if _, err := c.graph(t, "toy").Verify(ctx, Options{Results: results, Host: c.Host}); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("interrupted: %v", err)
	}
}
