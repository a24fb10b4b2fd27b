package main

import (
	"context"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// Every "$ runexp" block of the manual is run, and must print what the manual
// says. A line of three dots stands for any lines.
func TestManual(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	blocks := manualBlocks(f.Doc.Text())
	if len(blocks) < 5 {
		t.Fatalf("%d blocks found", len(blocks))
	}
	for _, b := range blocks {
		var out strings.Builder
		code := run(context.Background(), &out, &out, strings.Fields(b.command)[1:])
		if code != 0 {
			out.WriteString("exit " + count(code) + "\n")
		}
		if !matches(strings.Split(strings.TrimSpace(out.String()), "\n"), b.want) {
			t.Errorf("$ %s\n%s\nwant\n%s", b.command, out.String(), strings.Join(b.want, "\n"))
		}
	}
}

// manualBlock is one command of the manual and the lines below it.
type manualBlock struct {
	command string
	want    []string
}

func manualBlocks(doc string) []manualBlock {
	var blocks []manualBlock
	in := false
	for line := range strings.SplitSeq(doc, "\n") {
		text, indented := strings.CutPrefix(line, "\t")
		command, starts := strings.CutPrefix(text, "$ ")
		switch {
		case indented && starts:
			blocks, in = append(blocks, manualBlock{command: command}), true
		case indented && in:
			last := &blocks[len(blocks)-1]
			last.want = append(last.want, text)
		default:
			in = false
		}
	}
	return blocks
}

// matches compares lines, where "..." in want stands for any number of them.
func matches(got, want []string) bool {
	for i, w := range want {
		if w == "..." {
			for skip := i; skip <= len(got); skip++ {
				if matches(got[skip:], want[i+1:]) {
					return true
				}
			}
			return false
		}
		if i >= len(got) || strings.TrimRight(got[i], " ") != w {
			return false
		}
	}
	return len(got) == len(want)
}
