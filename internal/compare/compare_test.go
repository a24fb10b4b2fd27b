package compare

import (
	"encoding/json"
	"maps"
	"math"
	"strings"
	"testing"

	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

var shape = record.Shape{Key: []string{"model", "batch", "rep"}, Repeat: []string{"rep"},
	Interval: map[string]record.Bound{"p95_ns": {Lo: "lo_ns", Hi: "hi_ns"}}}

var columns = []artifact.Column{
	{Name: "model", Type: "string"}, {Name: "batch", Type: "int32"}, {Name: "rep", Type: "int32"},
	{Name: "p95_ns", Type: "int64", Nullable: true}, {Name: "lo_ns", Type: "int64", Nullable: true},
	{Name: "hi_ns", Type: "int64", Nullable: true}, {Name: "util", Type: "float64"}, {Name: "source", Type: "string"},
}

func table(rows ...[]any) artifact.Rows { return artifact.Rows{Columns: columns, Values: rows} }

func row(model string, rep, p95, halfwidth int64, util float64, source string) []any {
	return []any{model, int64(4), rep, p95, p95 - halfwidth, p95 + halfwidth, util, source}
}

// TestTables compares single rows with intervals.
func TestTables(t *testing.T) {
	a := table(row("a", 0, 100, 10, 0.5, "measured"), row("b", 0, 100, 10, 0.5, "measured"), row("c", 0, 100, 10, 0, "measured"), row("gone", 0, 1, 0, 0, ""))
	b := table(row("new", 0, 1, 0, 0, ""), row("c", 0, 90, 1, 0.5, "measured"), row("a", 0, 200, 10, 0.55, "projected"), row("b", 0, 100, 50, 0.5, "measured"))
	r, err := Tables(shape, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if r.Matched != 3 || r.Values != 9 || r.Significant != 1 || len(r.OnlyA) != 1 || r.OnlyA[0].String() != "model=gone batch=4" || len(r.OnlyB) != 1 {
		t.Errorf("%+v", r)
	}
	want := []struct{ key, measure, significant string }{
		{"model=a batch=4", "source", Unknown}, // a word
		{"model=c batch=4", "util", Unknown},   // from 0
		{"model=a batch=4", "p95_ns", Significant},
		{"model=a batch=4", "util", Unknown},          // no interval
		{"model=c batch=4", "p95_ns", NotSignificant}, // 90..110 and 89..91 meet
	}
	if len(r.Changes) != len(want) {
		t.Fatalf("%d changes: %+v", len(r.Changes), r.Changes)
	}
	for i, w := range want {
		if c := r.Changes[i]; c.Key.String() != w.key || c.Measure != w.measure || c.Significant != w.significant {
			t.Errorf("change %d is %s %s %s, want %v", i, c.Key, c.Measure, c.Significant, w)
		}
	}
	if rel := *r.Changes[2].Relative; rel != 1 {
		t.Errorf("100 to 200 is a change of %v", rel)
	}
	if r, err := Tables(shape, a, a); err != nil || len(r.Changes)+len(r.OnlyA)+len(r.OnlyB) != 0 || r.Matched != 4 {
		t.Errorf("a table with itself: %+v, %v", r, err)
	}
}

// TestRepetitions compares medians of repetitions, in any order and number.
func TestRepetitions(t *testing.T) {
	var a, few, faster, same artifact.Rows
	for i := range int64(10) {
		a.Values = append(a.Values, row("a", i, 100+i, 0, 0, "x"))
		faster.Values = append(faster.Values, row("a", 20-i, 50+i, 0, 0, "x"))
		same.Values = append(same.Values, row("a", i, 101+(i*7)%10, 0, 0, "x"))
	}
	a.Columns, few.Columns, faster.Columns, same.Columns = columns, columns, columns, columns
	few.Values = faster.Values[:3]
	for _, tc := range []struct {
		b           artifact.Rows
		significant string
		reason      string
	}{
		{faster, Significant, "all below all"}, {same, NotSignificant, "one up"}, {few, Unknown, "three cannot tell"},
	} {
		r, err := Tables(shape, a, tc.b)
		if err != nil || r.Matched != 1 || len(r.Changes) != 1 || r.Changes[0].Significant != tc.significant {
			t.Errorf("%s: %+v, %v", tc.reason, r, err)
		}
	}
}

// TestNull compares what is not known.
func TestNull(t *testing.T) {
	null := row("a", 0, 0, 0, 1, "x")
	null[3], null[4], null[5] = nil, nil, nil
	nan := row("a", 0, 1, 0, math.NaN(), "x")
	for _, tc := range []struct {
		a, b   []any
		want   int
		reason string
	}{
		{null, null, 0, "null is null"},
		{null, row("a", 0, 5, 0, 1, "x"), 1, "null and a number"},
		{nan, nan, 0, "not a number is itself"},
		{nan, row("a", 0, 1, 0, 1, "x"), 1, "not a number and a number"},
	} {
		r, err := Tables(shape, table(tc.a), table(tc.b))
		if err != nil || len(r.Changes) != tc.want {
			t.Errorf("%s: %+v, %v", tc.reason, r, err)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", tc.reason, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	once := record.Shape{Key: []string{"model"}}
	for _, tc := range []struct {
		shape record.Shape
		a, b  artifact.Rows
		err   string
	}{
		{once, table(row("a", 0, 1, 0, 0, ""), row("a", 1, 1, 0, 0, "")), table(), "the first table: two rows have the key model=a"},
		{record.Shape{Key: []string{"absent"}}, table(), table(), "no column absent"},
		{once, table(), artifact.Rows{Columns: columns[:2]}, "different columns"},
	} {
		if _, err := Tables(tc.shape, tc.a, tc.b); err == nil || !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%v, want %q", err, tc.err)
		}
	}
}

func TestTelling(t *testing.T) {
	keys := []Key{{{"model", "a"}, {"batch", int64(1)}}, {{"model", "a"}, {"batch", int64(2)}}}
	if got := Telling(keys); got[0].String() != "batch=1" || got[1].String() != "batch=2" {
		t.Errorf("got %v", got)
	}
	if got := Telling(keys[:1]); got[0].String() != "model=a batch=1" {
		t.Errorf("of one: %v", got)
	}
	if text, err := json.Marshal(keys[0]); err != nil || string(text) != `{"model":"a","batch":1}` {
		t.Errorf("got %s, %v", text, err)
	}
}

// TestKeyIsJSON marshals names of columns that Go quotes in another way.
func TestKeyIsJSON(t *testing.T) {
	want := map[string]any{"a\x01\a\v": "x", "caf\u00e9 \u2028 \U0001F600\u200b": 1.0, `quote " and \`: nil}
	var key Key
	for name, value := range want {
		key = append(key, Field{name, value})
	}
	text, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil || !maps.Equal(got, want) {
		t.Errorf("got %s, which reads %v, %v", text, got, err)
	}
}
