package pipeline

import (
	"context"
	"strings"
	"testing"

	"runexp/pipeline/artifact"
)

func TestGraphString(t *testing.T) {
	const want = `toy
  measure v1, measured: timing
  double v1, after measure: twice
  draw v1, after measure, double: drawn
`
	c := newToy()
	if got := c.graph(t, "toy").String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	stages := c.stages()
	stages[0], stages[2] = stages[2], stages[0]
	g, err := NewGraph("toy", stages...)
	if err != nil {
		t.Fatal(err)
	}
	if got := g.String(); got != want {
		t.Errorf("given in another order, got\n%s\nwant\n%s", got, want)
	}
}

func TestNewGraphRefuses(t *testing.T) {
	run := func(context.Context, *Task) error { return nil }
	table := artifact.TableOf[toyRow]("t")
	ok := Stage{Name: "a", Version: 1, Run: run, Tables: []artifact.Table{table}}
	bare := Stage{Name: "a", Version: 1, Run: run}
	for _, tc := range []struct {
		name   string
		stages []Stage
		err    string
	}{
		{"", []Stage{ok}, "must serve as the name of a folder"},
		{"a/b", []Stage{ok}, "must serve as the name of a folder"},
		{".cache", []Stage{ok}, "must serve as the name of a folder"},
		{"x", []Stage{bare, bare}, "stage a: the name must be given, once"},
		{"x", []Stage{{Version: 1, Run: run}}, "the name must be given"},
		{"x", []Stage{{Name: "a", Run: run}}, "version 0"},
		{"x", []Stage{{Name: "a", Version: 1}}, "nothing to run"},
		{"x", []Stage{{Name: "a", Version: 1, Run: run, After: []string{"b"}}}, "after b: no such stage"},
		{"x", []Stage{{Name: "a", Version: 1, Run: run, After: []string{"a"}}}, "after a: no such stage before it"},
		{"x", []Stage{ok, {Name: "b", Version: 1, Run: run, After: []string{"a", "a"}}}, "after a: named twice"},
		{"x", []Stage{ok, {Name: "b", Version: 1, Run: run, Tables: []artifact.Table{table}}}, `table "t"`},
		{"x", []Stage{{Name: "a", Version: 1, Run: run, Tables: []artifact.Table{{Name: "u"}}}}, `table "u"`},
		{"x", []Stage{{Name: "a", Version: 1, Run: run, Config: func() {}}}, "stage a: config: json"},
		{"x", []Stage{
			{Name: "a", Version: 1, Run: run, After: []string{"b"}},
			{Name: "b", Version: 1, Run: run, After: []string{"a"}},
		}, "stages wait for each other: a, b"},
	} {
		_, err := NewGraph(tc.name, tc.stages...)
		if err == nil || !strings.Contains(err.Error(), tc.err) {
			t.Errorf("error %v, want %q", err, tc.err)
		}
	}
}

func TestConfigLines(t *testing.T) {
	type part struct {
		B float64 `json:"b"`
		A []int   `json:"a"`
	}
	config, err := canonical(map[string]any{
		"z": part{0.1, []int{1, 2}}, "list": []part{{1e21, nil}, {2, []int{}}}, "empty": map[string]int{},
		"odd.key": true, "text": "a\nb", "deep": [][]int{{1}, {2, 3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`deep[0]=[1]`, `deep[1]=[2,3]`, `empty={}`, `list[0].a=null`, `list[0].b=1e+21`, `list[1].a=[]`, `list[1].b=2`,
		`"odd.key"=true`, `text="a\nb"`, `z.a=[1,2]`, `z.b=0.1`,
	}
	if got := configLines(config); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for value, want := range map[any]string{nil: "=null", 5: "=5"} {
		config, _ := canonical(value)
		if got := configLines(config); len(got) != 1 || got[0] != want {
			t.Errorf("%v: got %q, want %q", value, got, want)
		}
	}
}
