package experiments

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every *.bad.yaml breaks one rule and says at its end which message a user
// must get; every *.good.yaml keeps to the same rule.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bad files: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".bad.yaml"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			_, want, ok := strings.Cut(string(text), "# want: ")
			if !ok {
				t.Fatal("the file does not say what it wants")
			}
			_, err = Load(f, Options{})
			if got := message(err); got != "testdata/"+strings.TrimSpace(want) {
				t.Errorf("got  %s\nwant testdata/%s", got, want)
			}
		})
	}
}

func TestGoodFiles(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.good.yaml")
	for _, f := range files {
		if _, err := Load(f, Options{}); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	for _, name := range Names() {
		if _, err := Load(name, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if Question(name) == "" {
			t.Errorf("%s: the file does not open with the question it asks", name)
		}
	}
}

func message(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

func TestLayers(t *testing.T) {
	const file = "testdata/layers.good.yaml" // sets seed, load.sizes and profile.warmup
	e, err := Load(file, Options{
		Environ: []string{"PATH=/bin", "RUNEXP_SEED=20", "RUNEXP_LOAD__SIZES=fixed:20", "RUNEXP_PROFILE__BATCH_SIZES=[1, 8]"},
		Set:     []string{"seed=30", "seed=31"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if e.Seed != 31 || e.Load.Sizes != "fixed:20" || e.Profile.Warmup != 7 || e.Load.Arrivals != "poisson" || e.Name != "layers.good" {
		t.Errorf("resolved %+v", e.Config)
	}
	if got := e.Profile.BatchSizes; len(got) != 2 || got[1] != 8 {
		t.Errorf("batch_sizes %v: a list replaces a list, it is not merged into it", got)
	}
	for _, tc := range []struct{ key, origin, reason string }{
		{"seed", "--set", "the strongest layer"},
		{"load.sizes", "environment RUNEXP_LOAD__SIZES", "over the file"},
		{"profile.warmup", "file " + file + ":6", "over the default"},
		{"load.arrivals", "default", "nobody set it"},
	} {
		for _, v := range e.Settings {
			if v.Key == tc.key && v.Origin() != tc.origin {
				t.Errorf("%s comes from %s, want %s (%s)", tc.key, v.Origin(), tc.origin, tc.reason)
			}
		}
	}
}

func TestBadLayers(t *testing.T) {
	for _, tc := range []struct{ env, set, want, reason string }{
		{env: "RUNEXP_OPTIMISE__TARGETS=[low]", want: "RUNEXP_OPTIMISE__TARGETS: optimise.targets: unknown key (did you mean optimize.targets?)", reason: "a misspelt section"},
		{env: "RUNEXP_SEDE=1", want: "RUNEXP_SEDE: sede: unknown key (did you mean seed?)", reason: "a misspelt key"},
		{env: "RUNEXP_SEED=", want: "RUNEXP_SEED: seed: the value is empty (null); remove the key or give it an integer", reason: "no value"},
		{env: "RUNEXP_SEED=one", want: `RUNEXP_SEED: seed: wants an integer, not the string "one"`, reason: "a wrong type"},
		{env: "RUNEXP_LOAD=3", want: "RUNEXP_LOAD: load: is a section; set one of its keys, as load.arrivals", reason: "a section"},
		{set: "seed", want: `--set: "seed" is not key=value`, reason: "no value"},
		{set: "seed=-1", want: "--set: seed: -1 is less than 0", reason: "out of range"},
		{set: "seed=[1", want: "--set: seed: not a YAML value: line 1: did not find expected ',' or ']'", reason: "not YAML"},
		{set: "models=rm1", want: `--set: models: wants a list of strings, not the string "rm1"`, reason: "never split or wrapped"},
		{set: "Seed=1", want: "--set: Seed: unknown key (did you mean seed?)", reason: "keys are lower case"},
	} {
		var o Options
		if tc.env != "" {
			o.Environ = []string{tc.env}
		}
		if tc.set != "" {
			o.Set = []string{tc.set}
		}
		if _, err := Load("quick", o); message(err) != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.reason, message(err), tc.want)
		}
	}
}

func TestUnknownExperiment(t *testing.T) {
	_, err := Load("quik", Options{})
	if got := message(err); !strings.HasPrefix(got, "quik: unknown experiment (did you mean quick?)") {
		t.Error(got)
	}
	if _, err = Load("none/such.yaml", Options{}); message(err) != "none/such.yaml: no such file or directory" {
		t.Error(err)
	}
}

// What config prints is a file that Load reads back to the same values.
func TestWriteYAML(t *testing.T) {
	for _, name := range Names() {
		e, err := Load(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := e.WriteYAML(&b, true); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "again.yaml")
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		again, err := Load(file, Options{})
		if err != nil {
			t.Fatalf("%s:\n%s\n%v", name, b.String(), err)
		}
		for i, v := range again.Settings {
			if text(t, v.Value) != text(t, e.Settings[i].Value) {
				t.Errorf("%s: %s: %v became %v", name, v.Key, e.Settings[i].Value, v.Value)
			}
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	s, err := inline(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
