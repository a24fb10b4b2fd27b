package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runexp/pipeline/artifact"
)

// walked prints a lineage: "name<input<input, input; problem".
func walked(l *Lineage) string {
	var b strings.Builder
	b.WriteString(l.Name)
	for _, f := range l.From {
		b.WriteString("<" + walked(f))
	}
	if len(l.Problems) > 0 {
		b.WriteString("!")
	}
	return b.String()
}

func TestWhyFile(t *testing.T) {
	results := t.TempDir()
	newToy().run(t, results)
	dir := filepath.Join(results, "toy")
	figure := filepath.Join(dir, "figures", "rows.svg")
	const whole = "figures/rows.svg<timing.parquet<twice.parquet<timing.parquet"
	check := func(reason, path, cache, want string) {
		t.Helper()
		l, err := WhyFile(path, cache)
		if err != nil {
			t.Errorf("%s: %v", reason, err)
		} else if got := walked(l); got != want {
			t.Errorf("%s: got %s, want %s (%q)", reason, got, want, l.Problems)
		}
	}
	check("a figure", figure, results, whole)
	check("its sidecar", figure+".json", results, whole)
	check("a table", filepath.Join(dir, "twice.parquet"), results, "twice.parquet<timing.parquet")
	check("without the cache", figure, "", whole)

	c := newToy()
	c.Rows, c.Versions["measure"] = []toyRow{{7, "x"}}, 1
	c.run(t, results, func(o *Options) { o.Only = []string{"measure"} })
	check("after the input was measured again", figure, results, whole)
	check("the same without the cache", figure, "", "figures/rows.svg<twice.parquet!!")

	must(t, os.Truncate(filepath.Join(dir, "twice.parquet"), 9))
	l, err := WhyFile(filepath.Join(dir, "twice.parquet"), results)
	if err != nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0], "its bytes are not those in its sidecar") {
		t.Errorf("a truncated table: %+v, %v", l, err)
	}
	must(t, os.Remove(figure+".json"))
	if _, err := WhyFile(figure, results); err == nil || !strings.Contains(err.Error(), "no sidecar") {
		t.Errorf("without a sidecar: error %v", err)
	}
}

// TestWhyFileElsewhere walks a copy of a folder that has no cache beside it, by
// a relative path.
func TestWhyFileElsewhere(t *testing.T) {
	results := t.TempDir()
	newToy().run(t, results)
	t.Chdir(results)
	must(t, os.Rename("toy", "published"))
	must(t, os.RemoveAll(".cache"))
	for _, path := range []string{"published/figures/rows.svg", "./published/figures/rows.svg"} {
		l, err := WhyFile(path, "nowhere")
		if err != nil || walked(l) != "figures/rows.svg<timing.parquet<twice.parquet<timing.parquet" {
			t.Errorf("%s: %+v, %v", path, l, err)
		}
	}
	t.Chdir("published")
	if l, err := WhyFile("twice.parquet", ""); err != nil || walked(l) != "twice.parquet<timing.parquet" {
		t.Errorf("from inside: %+v, %v", l, err)
	}
	must(t, os.Rename("twice.parquet.json", "figures/other.svg.json"))
	if _, err := WhyFile("figures/other.svg", ""); err == nil || !strings.Contains(err.Error(), "its sidecar is that of twice.parquet") {
		t.Errorf("a foreign sidecar: error %v", err)
	}
}

// TestWhyFileLoop gives a sidecar that names itself as its input.
func TestWhyFileLoop(t *testing.T) {
	dir := t.TempDir()
	m := artifact.Meta{Name: "t.parquet", ActionID: "a", OutputID: "o", Inputs: []artifact.Input{{Table: "t", OutputID: "o", ActionID: "a"}}}
	data, err := marshal(m)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "t.parquet.json"), data, 0o644))
	l, err := WhyFile(filepath.Join(dir, "t.parquet"), "")
	if err != nil || walked(l) != "t.parquet<t.parquet!!" {
		t.Errorf("got %v, %v", l, err)
	}
}
