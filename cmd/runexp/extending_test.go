package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The files and commands of docs/extending.md are written and run, in order, as
// a reader would.
func TestExtending(t *testing.T) {
	if testing.Short() {
		t.Skip("profiles a model")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "extending.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, b := range regexp.MustCompile("(?s)```(?:json|csv|yaml) (\\S+)\n(.*?)```").FindAllSubmatch(text, -1) {
		if err := os.WriteFile(string(b[1]), b[2], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	commands := regexp.MustCompile(`(?m)^\$ runexp (.*)$`).FindAllSubmatch(text, -1)
	if len(commands) < 5 {
		t.Fatalf("%d commands found", len(commands))
	}
	for _, c := range commands {
		args := strings.Fields(strings.ReplaceAll(string(c[1]), "'", ""))
		if args[0] == "run" {
			args = append(args, "--progress", "none")
		}
		var out strings.Builder
		if code := run(context.Background(), &out, &out, args); code != 0 || out.Len() == 0 {
			t.Errorf("$ runexp %s: exit %d\n%s", c[1], code, out.String())
		}
	}
}
