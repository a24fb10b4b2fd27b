package main

import (
	"context"
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		why, words, want string
	}{
		{"an experiment", "run q", "quick\n"},
		{"a stage of it", "run quick ", "simulate\n"},
		{"of why too", "why quick ", "fit\n"},
		{"a platform", "hw sk", "skylake\n"},
		{"a kind of file", "cat ", "parquet\n"},
		{"a command", "ver", "verify\t"},
	} {
		var out, errs strings.Builder
		args := append([]string{"__complete"}, strings.Split(c.words, " ")...)
		if code := run(context.Background(), &out, &errs, args); code != 0 || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %q completes to %q (exit %d), want %q", c.why, c.words, out.String(), code, c.want)
		}
	}
}
