package models

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestNames: the eight models load, without warnings, under their own names and
// with the targets of the paper.
func TestNames(t *testing.T) {
	want := map[string]time.Duration{"rm1": 100, "rm2": 400, "rm3": 100, "ncf": 5, "wnd": 25, "mtwnd": 25, "din": 100, "dien": 35}
	if len(Names()) != len(want) {
		t.Errorf("names: %v", Names())
	}
	for _, name := range Names() {
		c, warnings, err := Resolve(name)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("%s: %v %v", name, warnings, err)
		}
		if c.Name() != name || c.Target() != want[name]*time.Millisecond || c.Variant != Corrected || !c.FixedLookups {
			t.Errorf("%s: name %q, target %v, variant %q, fixed %v", name, c.Name(), c.Target(), c.Variant, c.FixedLookups)
		}
	}
	if target := (Config{Type: "wnd", Label: "mine"}).Target(); target != 0 {
		t.Errorf("a model of one's own has target %v", target)
	}
}

// TestLoadRelease: a config file of the old release loads unchanged.
func TestLoadRelease(t *testing.T) {
	got, warnings, err := Load("testdata/configs/good_release_din.json")
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	want, err := ByName("din")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestLoadWarns of keys that it does not know, and defaults what is missing.
func TestLoadWarns(t *testing.T) {
	const path = "testdata/configs/good_ragged.json"
	c, warnings, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{path + ": numpy_rand_seed: unknown key, ignored"}; !reflect.DeepEqual(warnings, want) {
		t.Errorf("warnings %q, want %q", warnings, want)
	}
	if c.Name() != "wnd" || c.FixedLookups || c.Hidden != 64 || c.Tasks != 1 {
		t.Errorf("got %+v", c)
	}
}

// TestSettings: the keys may sit under "settings", as in golden files; what is
// around them is not looked at.
func TestSettings(t *testing.T) {
	c, warnings, err := Load("testdata/golden/din.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.TableRows) != 11 || len(warnings) != 1 || !strings.Contains(warnings[0], "numpy_rand_seed") {
		t.Errorf("%d tables, warnings %q", len(c.TableRows), warnings)
	}
}

// TestConfigJSON: a Config survives JSON, as it travels in the configuration of
// stages, and equal ones are equal bytes.
func TestConfigJSON(t *testing.T) {
	for _, name := range Names() {
		want, err := ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Config
		if err := json.Unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if parsed, warnings, err := Parse(data); err != nil || len(warnings) > 0 || !reflect.DeepEqual(parsed, want) {
			t.Errorf("%s as a model file: %+v, %v, %v", name, parsed, warnings, err)
		}
	}
}

// edit returns the text of an embedded model with one value replaced.
func edit(t *testing.T, name, old, new string) string {
	t.Helper()
	data, err := configs.ReadFile("configs/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s.json: no %q", name, old)
	}
	return strings.Replace(string(data), old, new, 1)
}

// TestBadFiles: each is one error that names the file and the key.
func TestBadFiles(t *testing.T) {
	rm1 := func(old, new string) string { return edit(t, "rm1", old, new) }
	for _, c := range []struct{ reason, text, want string }{
		{"an empty file", "", "byte 0: unexpected end of JSON input"},
		{"a file cut short", `{"model_type": "dl`, "byte 18: unexpected end"},
		{"two values", "{} {}", "byte 4: invalid character"},
		{"a list", "[]", "not a JSON object"},
		{"null", "null", "not a JSON object"},
		{"settings that are no object", `{"settings": 3}`, "settings: not a JSON object"},
		{"no keys", "{}", "model_type: missing"},
		{"a key twice", rm1(`"model_type"`, `"arch_mlp_top": "8-1", "model_type"`), "arch_mlp_top: stands twice"},
		{"a key twice, once escaped", rm1(`"model_type"`, `"arch_mlp\u005ftop": "8-1", "model_type"`), "arch_mlp_top: stands twice"},
		{"an unknown key twice", rm1(`"model_type"`, `"x": 1, "x": 1, "model_type"`), "x: stands twice"},
		{"a key of the settings twice", `{"settings": {"hidden_size": 1, "hidden_size": 2}}`, "settings: hidden_size: stands twice"},
		{"settings twice", `{"settings": {}, "settings": {}}`, "settings: stands twice"},
		{"a name of two lines", rm1(`"rm1"`, `"rm1\nrm2"`), `model_name: "rm1\nrm2" holds a line break`},
		{"a name that rings", rm1(`"rm1"`, `"rm1\u0007"`), `model_name: "rm1\a" holds a line break or another control character`},
		{"a name with a line separator", rm1(`"rm1"`, `"rm1\u2028"`), `model_name: "rm1\u2028" holds`},
		{"an unknown graph", rm1(`"dlrm"`, `"dlrn"`), `model_type: "dlrn" is not one of dlrm, wnd, mtwnd, ncf, din, dien`},
		{"an unknown variant", rm1(`"model_type"`, `"variant": "v2", "model_type"`), `variant: "v2" is not one of corrected, release`},
		{"a missing key", rm1(`"arch_mlp_top"`, `"x"`), "arch_mlp_top: missing"},
		{"a null", rm1(`"cat"`, `null`), "arch_interaction_op: null is not a value"},
		{"a number for a text", rm1(`"256-64-1"`, `256`), "arch_mlp_top: 256 is not a text"},
		{"a text for a number", rm1(`: 32`, `: "32"`), `arch_sparse_feature_size: "32" is not a whole number`},
		{"a fraction", rm1(`: 80`, `: 80.5`), "num_indices_per_lookup: 80.5 is not a whole number"},
		{"a number for a truth", rm1(`true`, `1`), "num_indices_per_lookup_fixed: 1 is not true or false"},
		{"sizes that are no numbers", rm1(`256-64-1`, `256-x-1`), `arch_mlp_top: "256-x-1" is not a list of sizes`},
		{"a size of zero", rm1(`256-64-1`, `256-0-1`), `arch_mlp_top: "256-0-1" is not a list of sizes`},
		{"no tables", rm1(`4000000-4000000-4000000-4000000-4000000-4000000-4000000-4000000`, ``), "arch_embedding_size: missing"},
		{"a table of 1e18 rows", rm1(`"4000000-`, `"1000000000000000000-`), "arch_embedding_size: 1000000000000000000 is not in 1..2147483647"},
		{"a number beyond int64", rm1(`"4000000-`, `"10000000000000000000-`), `arch_embedding_size: "10000000000000000000-`},
		{"no lookups", rm1(`: 80`, `: 0`), "num_indices_per_lookup: missing or 0"},
		{"negative lookups", rm1(`: 80`, `: -1`), "num_indices_per_lookup: -1 is not in 1..65536"},
		{"too wide a table", rm1(`: 32`, `: 1000000`), "arch_sparse_feature_size: 1000000 is not in"},
		{"an unknown interaction", rm1(`"cat"`, `"sum"`), `arch_interaction_op: "sum" is not one of cat, dot`},
		{"a dot of different widths", strings.Replace(rm1(`"cat"`, `"dot"`), `128-64-32`, `128-64-16`, 1), "arch_mlp_bot: ends in 16"},
		{"a dlrm without layers", rm1(`128-64-32`, `128`), "arch_mlp_bot: number of sizes: 1 is not in 2..64"},
		{"a wnd with bottom layers", edit(t, "wnd", `"512"`, `"512-256"`), "arch_mlp_bot: number of sizes: 2 is not in 1..1"},
		{"five tables in ncf", edit(t, "ncf", `140000-140000`, `140000-140000-140000`), "arch_embedding_size: number of sizes: 5 is not in 4..4"},
		{"one layer in ncf", edit(t, "ncf", `256-256-128-64-64`, `64`), "arch_mlp_top: number of sizes: 1 is not in 2..64"},
		{"towers of another width", edit(t, "mtwnd", `512-256-128`, `500-256-128`), "arch_mlp_tasks: starts with 500"},
		{"a billion towers", edit(t, "mtwnd", `"num_multi_tasks": 1`, `"num_multi_tasks": 1000000000`), "num_multi_tasks: 1000000000 is not in"},
		{"a billion behaviours", edit(t, "din", `250`, `1000000000`), "user_behavior_tables: 1000000000 is not in"},
		{"no behaviours", edit(t, "din", `"user_behavior_tables": 250,`, ``), "user_behavior_tables: missing"},
		{"three tables in din", edit(t, "din", `"1000000-`, `"`), "arch_embedding_size: number of sizes: 3"},
		{"no hidden units", edit(t, "dien", `: 64`, `: 0`), "hidden_size: missing or 0"},
	} {
		path := filepath.Join(t.TempDir(), "bad.json")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := Load(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
}

// TestResolveUnknown: a name that is neither a model nor a file.
func TestResolveUnknown(t *testing.T) {
	_, _, err := Resolve("rm4")
	if err == nil || !strings.Contains(err.Error(), `model: "rm4" is not one of rm1, rm2,`) || !strings.Contains(err.Error(), "nor is it a file") {
		t.Errorf("got %v", err)
	}
	if _, _, err = Resolve("my/rm4.json"); err == nil || !strings.Contains(err.Error(), "my/rm4.json: no such file") {
		t.Errorf("got %v", err)
	}
}
