package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// ruin is a way to damage a file.
type ruin struct {
	name string
	do   func(t *testing.T, path string)
}

var ruins = []ruin{
	{"deleted", func(t *testing.T, path string) { must(t, os.Remove(path)) }},
	{"truncated", func(t *testing.T, path string) { must(t, os.Truncate(path, 10)) }},
	{"emptied", func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) }},
	{"with a flipped byte", func(t *testing.T, path string) {
		data := read(t, path)
		data[len(data)/2] ^= 0x10
		must(t, os.WriteFile(path, data, 0o644))
	}},
	{"replaced by text", func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte("hello"), 0o644)) }},
	{"replaced by another table", func(t *testing.T, path string) {
		var b bytes.Buffer
		must(t, artifact.Write(&b, []toyRow{{99, "foreign"}}))
		must(t, os.WriteFile(path, b.Bytes(), 0o644))
	}},
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return data
}

// TestRuin damages one file after a run. The next run must name it, run again
// no more than it has to, and end with the folder as it was.
func TestRuin(t *testing.T) {
	const hits = "measure=hit double=hit draw=hit"
	for _, tc := range []struct {
		file   string // of the folder; or the object of a table, or the action of a stage
		both   string // a second file to damage, in the folder
		want   string // how the stages end
		warned string // in the warning, unless the file is only missing
		silent bool   // a deleted one is no different from one never written
	}{
		{"twice.parquet", "", "measure=hit double=restored draw=hit", "double: twice.parquet: ", false},
		{"twice.parquet.json", "", "measure=hit double=restored draw=hit", "double: twice.parquet.json: ", false},
		{"figures/rows.svg", "", "measure=hit double=hit draw=restored", "draw: figures/rows.svg: ", false},
		{"figures/rows.svg.json", "", "measure=hit double=hit draw=restored", "draw: figures/rows.svg.json: ", false},
		{"manifest.json", "", hits, "measure: manifest.json: damaged", true},
		{"object timing", "", hits, "measure: timing.parquet: its copy in the cache is ", false},
		{"object twice", "", hits, "double: twice.parquet: its copy in the cache is ", false},
		{"object twice", "twice.parquet", "measure=hit double=ran draw=hit", "the stage runs again", false},
		{"object timing", "timing.parquet", "measure=ran double=hit draw=hit", "the stage runs again", false},
		{"action double", "", "measure=hit double=ran draw=hit", "damaged: the stage runs again", true},
		{"action double", "twice.parquet", "measure=hit double=ran draw=hit", "", true},
		{"twice.parquet", "manifest.json", "measure=hit double=restored draw=hit", "", true},
	} {
		for _, r := range ruins {
			t.Run(tc.file+" "+r.name+" "+tc.both, func(t *testing.T) {
				results := t.TempDir()
				newToy().run(t, results)
				before := tree(t, results)
				r.do(t, place(t, results, tc.file))
				if tc.both != "" {
					r.do(t, filepath.Join(results, "toy", tc.both))
				}
				got, e := newToy().run(t, results)
				if got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				warned := strings.Join(e.warned(), "\n")
				if !strings.Contains(warned, tc.warned) && !(tc.silent && r.name == "deleted") {
					t.Errorf("warnings %q, want %q", warned, tc.warned)
				}
				after := tree(t, results)
				for name, data := range before {
					again := strings.Contains(tc.want, "ran") && strings.HasSuffix(name, ".json") // dates may differ
					if after[name] != data && !again {
						t.Errorf("%s is not as before", name)
					}
				}
				if got, e := newToy().run(t, results); got != hits || len(e.warned()) > 0 {
					t.Errorf("and once more: %s, warnings %q", got, e.warned())
				}
			})
		}
	}
}

// place returns the path of a file of the folder, of "object TABLE" or of
// "action STAGE".
func place(t *testing.T, results, name string) string {
	t.Helper()
	m, err := ReadManifest(filepath.Join(results, "toy"))
	must(t, err)
	c := cacheIn(results)
	if table, ok := strings.CutPrefix(name, "object "); ok {
		return c.ObjectPath(m.file(table + ".parquet").OutputID)
	}
	if stage, ok := strings.CutPrefix(name, "action "); ok {
		return c.ActionPath(m.stage(stage).ActionID)
	}
	return filepath.Join(results, "toy", name)
}

// TestEveryByte flips every byte of a table, its sidecar and its object, and
// every seventh of the longer records, one at a time. A plan must notice each;
// and for some of them, because that takes longer, a run must end with the same
// tables.
func TestEveryByte(t *testing.T) {
	results := t.TempDir()
	g, err := NewGraph("toy", newToy().stages()[:2]...)
	must(t, err)
	e := &ear{}
	o := Options{Results: results, Host: newToy().Host, Report: e}
	run := func() string {
		_, err := g.Run(context.Background(), o)
		must(t, err)
		files := tree(t, results)
		return files["toy/timing.parquet"] + files["toy/twice.parquet"]
	}
	want := run()
	clean := planned(t, g, o)
	for name, stride := range map[string]int{"twice.parquet": 1, "twice.parquet.json": 1, "object timing": 1, "manifest.json": 7, "action double": 7} {
		path := place(t, results, name)
		data := read(t, path)
		for i := 0; i < len(data); i += stride {
			bad := slices.Clone(data)
			bad[i] ^= 1 << (i % 8)
			must(t, os.WriteFile(path, bad, 0o644))
			if planned(t, g, o) == clean {
				t.Fatalf("%s, byte %d: not noticed", name, i)
			}
			if i%(149*stride) == 0 {
				e.said = nil
				if got := run(); got != want || len(e.warned()) == 0 {
					t.Fatalf("%s, byte %d: other tables, or no warning: %q", name, i, e.said)
				}
			}
			must(t, os.WriteFile(path, data, 0o644)) // an action that ran again has another date
		}
		run()
		clean = planned(t, g, o)
	}
}

// planned returns a plan as text.
func planned(t *testing.T, g *Graph, o Options) string {
	t.Helper()
	steps, err := g.Plan(o)
	must(t, err)
	return fmt.Sprint(steps)
}

// TestSwappedActions copies one action's record to another's name.
func TestSwappedActions(t *testing.T) {
	results := t.TempDir()
	newToy().run(t, results)
	a, b := place(t, results, "action measure"), place(t, results, "action double")
	must(t, os.WriteFile(b, read(t, a), 0o644))
	if got, e := newToy().run(t, results); got != "measure=hit double=ran draw=hit" || len(e.warned()) != 1 {
		t.Errorf("got %s, warnings %q", got, e.warned())
	}
}

// TestLateDamage ruins the input of a stage between the check and the reading:
// both copies gone is an error that names the table, one is not.
func TestLateDamage(t *testing.T) {
	for _, tc := range []struct {
		files  []string
		err    string
		reason string
	}{
		{[]string{"object timing"}, "", "the folder's copy serves"},
		{[]string{"timing.parquet"}, "", "the cache serves"},
		{[]string{"object timing", "timing.parquet"}, "stage double: table timing of stage measure: timing.parquet: changed during the run", "none serves"},
	} {
		results := t.TempDir()
		c := newToy()
		c.Run = func(stage string) error {
			if stage == "double" {
				for _, name := range tc.files {
					must(t, os.Truncate(place(t, results, name), 5))
				}
			}
			return nil
		}
		_, err := c.graph(t, "toy").Run(context.Background(), Options{Results: results})
		if tc.err == "" && err != nil || tc.err != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.err)) {
			t.Errorf("%s: error %v, want %q", tc.reason, err, tc.err)
		}
	}
}

func FuzzParseEntry(f *testing.F) {
	results := f.TempDir()
	newToy().run(f, results)
	m, err := ReadManifest(filepath.Join(results, "toy"))
	must(f, err)
	for _, r := range m.Stages {
		record, err := cacheIn(results).Lookup(r.ActionID)
		must(f, err)
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := parseEntry(cache.Sum(data), data); err == nil {
			t.Fatalf("taken under a name it cannot have: %+v", e)
		}
		var own entry
		if json.Unmarshal(data, &own) != nil {
			return
		}
		e, err := parseEntry(own.action(), data) // sealed: only what is in it speaks against it
		if err != nil {
			return
		}
		for _, o := range e.Outputs {
			if !filepath.IsLocal(o.Name) {
				t.Errorf("file %q is taken", o.Name)
			}
		}
		once, err := marshal(e)
		must(t, err)
		same, err := parseEntry(e.action(), once)
		if err != nil {
			t.Fatalf("written again: %v", err)
		}
		if twice, err := marshal(same); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("written as %s, then as %s, %v", once, twice, err)
		}
	})
}

// TestForeignNames reads manifests that name files where none may be.
func TestForeignNames(t *testing.T) {
	for _, tc := range []struct {
		file  File
		sound bool
	}{
		{File{Name: "a.parquet", Table: "a"}, true},
		{File{Name: "figures/a.svg"}, true},
		{File{Name: "../a.svg"}, false},
		{File{Name: "/tmp/a.svg"}, false},
		{File{Name: ".cache/a"}, false},
		{File{Name: "../a.parquet", Table: "../a"}, false},
		{File{Name: "a.parquet", Table: "../a"}, false},
		{File{Name: "a.parquet", Table: "b"}, false},
	} {
		dir := t.TempDir()
		must(t, (&Manifest{Experiment: "toy", Stages: []Record{{Stage: "s", Files: []File{tc.file}}}}).write(dir))
		_, err := ReadManifest(dir)
		if tc.sound && err != nil || !tc.sound && !errors.Is(err, cache.ErrDamaged) {
			t.Errorf("%+v: error %v", tc.file, err)
		}
	}
}

// TestPartialAfterDamage runs one stage after the manifest was damaged: it must
// not forget the others, or Clean would remove what they made.
func TestPartialAfterDamage(t *testing.T) {
	results := t.TempDir()
	newToy().run(t, results)
	path := filepath.Join(results, "toy", manifestName)
	must(t, os.Truncate(path, 100))
	before := tree(t, results)
	o := Options{Results: results, Host: newToy().Host, Only: []string{"double"}}
	_, err := newToy().graph(t, "toy").Run(context.Background(), o)
	if !errors.Is(err, cache.ErrDamaged) || !strings.Contains(err.Error(), path) || !strings.HasSuffix(err.Error(), "a run of all stages repairs it") {
		t.Errorf("error %v", err)
	}
	if !reflect.DeepEqual(tree(t, results), before) {
		t.Error("it changed the folder")
	}
	o.Only = []string{"draw"} // needs all the others
	_, err = newToy().graph(t, "toy").Run(context.Background(), o)
	must(t, err)
	checkFolder(t, filepath.Join(results, "toy"))
}

func FuzzReadManifest(f *testing.F) {
	results := f.TempDir()
	newToy().run(f, results)
	f.Add(read(f, filepath.Join(results, "toy", manifestName)))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, manifestName), data, 0o644))
		m, err := ReadManifest(dir)
		if err != nil {
			return
		}
		if !m.local() {
			t.Error("it names files elsewhere")
		}
		if again, err := m.marshal(); err != nil || !bytes.Equal(again, data) {
			t.Error("read without an error, but written differently")
		}
	})
}
