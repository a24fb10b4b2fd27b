package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run this test binary as runexp.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"runexp": func() { os.Exit(run(context.Background(), os.Stdout, os.Stderr, os.Args[1:])) },
	})
}

// TestScripts runs testdata/script/*.txtar: each a story told in commands, with
// the files it needs. GOLDEN is the folder of recorded tensors.
func TestScripts(t *testing.T) {
	golden, err := filepath.Abs("../../models/testdata/golden")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GOLDEN", golden)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits CODE ARGS... runs runexp and fails unless it exits with that code and
// every line on stderr is one that starts with the program's name.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("runexp", args[1:]...); err != nil {
		var ee *exec.ExitError
		if !errors.As(err, &ee) {
			ts.Fatalf("runexp: %v", err)
		}
		got = ee.ExitCode()
	}
	if got != want {
		ts.Fatalf("runexp %v exits with %d, want %d", args[1:], got, want)
	}
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		if !strings.HasPrefix(line, "runexp: ") || len(line) > 400 {
			ts.Fatalf("not a clear line: %s", line)
		}
	}
}
