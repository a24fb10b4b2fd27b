package main

import (
	"strings"
	"testing"
)

func TestInk(t *testing.T) {
	for _, tc := range []struct {
		ink          ink
		colour, want string
		reason       string
	}{
		{true, red, "\x1b[31mx\x1b[0m", "a terminal"},
		{true, "", "x", "no colour"},
		{false, red, "x", "a file"},
	} {
		if got := tc.ink.paint(tc.colour, "x"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.reason, got, tc.want)
		}
	}
	if inkOn(&strings.Builder{}) {
		t.Error("a builder is no terminal")
	}
}
