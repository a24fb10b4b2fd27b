package experiments

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"runexp/pipeline"
)

// A stage whose Config names the content of a file must not run on another:
// its rows would be kept under the digest of what is gone.
func TestFileChangesDuringTheRun(t *testing.T) {
	const was, is = "1\n2\n", "3\n4\n"
	broken := errors.New("broken")
	for _, tc := range []struct {
		reason string
		before func(path string) error // Run
		during func(path string) error
		ran    bool
		want   string // after the path
	}{
		{"nothing changes", nothing, nothing, true, ""},
		{"it is written again, the same", rewrite(was), rewrite(was), true, ""},
		{"it changes after it was declared", rewrite(is), nothing, false, " changed during the run"},
		{"it changes while the stage runs", nothing, rewrite(is), true, " changed during the run"},
		{"it is removed", os.Remove, nothing, false, ": no such file or directory"},
		{"the stage fails by itself", nothing, func(string) error { return broken }, true, broken.Error()},
	} {
		path := filepath.Join(t.TempDir(), "sizes.txt")
		if err := rewrite(was)(path); err != nil {
			t.Fatal(err)
		}
		var e Experiment
		e.Load.Arrivals, e.Load.Sizes = "poisson", "file:"+path
		ran := false
		s := e.withFiles(pipeline.Stage{Run: func(context.Context, *pipeline.Task) error { ran = true; return tc.during(path) }})
		if err := tc.before(path); err != nil {
			t.Fatal(err)
		}
		err := s.Run(t.Context(), nil)
		want := tc.want
		switch {
		case want == "":
			want = "no error"
		case want != broken.Error():
			want = path + want
		}
		if got := message(err); got != want && got != "open "+want || ran != tc.ran {
			t.Errorf("%s: %s, want %s; the stage ran: %v", tc.reason, got, want, ran)
		}
	}
}

func nothing(string) error { return nil }

func rewrite(text string) func(path string) error {
	return func(path string) error { return os.WriteFile(path, []byte(text), 0o644) }
}

// A stage that reads no file is left as it is.
func TestWithoutFiles(t *testing.T) {
	var e Experiment
	e.Load.Arrivals, e.Load.Sizes = "poisson", "production"
	if s := e.withFiles(pipeline.Stage{Config: "as it was"}); s.Config != "as it was" || s.Run != nil {
		t.Errorf("got %+v", s)
	}
}
