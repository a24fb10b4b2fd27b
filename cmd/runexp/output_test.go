package main

import (
	"strings"
	"testing"

	"runexp/pipeline/artifact"
)

func TestGrid(t *testing.T) {
	g := &grid{header: []string{"name", "n", "note"}}
	g.add("µ", "1.5", "")
	g.add("long", "-", "x y")
	var b strings.Builder
	if err := g.write(&b); err != nil {
		t.Fatal(err)
	}
	want := "name    n  note\nµ     1.5\nlong    -  x y\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestUnits(t *testing.T) {
	for _, tc := range []struct{ got, want, reason string }{
		{si(0), "0", "zero"},
		{si(999.4), "999", "below the first prefix"},
		{si(1234567), "1.23M", "three digits"},
		{si(5.89e9), "5.89G", "tables of DIN"},
		{duration(999), "999 ns", "exact below a microsecond"},
		{duration(29_960_000), "30 ms", "three digits"},
		{duration(1_500_000_000), "1.5 s", "seconds"},
		{duration(90_000_000_000), "1m30s", "minutes"},
		{short(484), "484", "whole"},
		{short(2097152), "2097152", "no exponent"},
		{percent(0.805), "80.5 %", "a share"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.reason, tc.got, tc.want)
		}
	}
}

// Null is empty in CSV and null in JSON; numbers keep every digit.
func TestRowsAsText(t *testing.T) {
	rows := artifact.Rows{
		Columns: []artifact.Column{{Name: "a", Type: "string"}, {Name: "x", Type: "float64"}, {Name: "n", Type: "int64"}},
		Values:  [][]any{{`q"1,2`, 0.30000000000000004, int64(1 << 62)}, {"b", nil, nil}},
	}
	for _, tc := range []struct{ format, want string }{
		{"csv", "a,x,n\n\"q\"\"1,2\",0.30000000000000004,4611686018427387904\nb,,\n"},
		{"json", "[\n{\"a\":\"q\\\"1,2\",\"x\":0.30000000000000004,\"n\":4611686018427387904},\n{\"a\":\"b\",\"x\":null,\"n\":null}\n]\n"},
		{"table", "a        x                    n\nq\"1,2  0.3  4611686018427387904\nb        -                    -\n"},
	} {
		var b strings.Builder
		if err := writeRows(&b, rows, tc.format); err != nil {
			t.Fatal(err)
		}
		if b.String() != tc.want {
			t.Errorf("%s:\ngot\n%swant\n%s", tc.format, b.String(), tc.want)
		}
	}
}
