package models

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestVersion forces Version to change with the code: testdata/version holds it
// and a digest of the sources, comments aside, and of the embedded models.
// After a change that can alter what is measured, bump Version and put the line
// that this test prints into the file.
func TestVersion(t *testing.T) {
	files := sources(t, "*.go", "op/*.go", "configs/*.json")
	digest := sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".go") {
			text = tokens(text)
		}
		fmt.Fprintf(digest, "%s %d\n%s", filepath.ToSlash(file), len(text), text)
	}
	want := fmt.Sprintf("%d %x\n", Version, digest.Sum(nil))
	got, err := os.ReadFile("testdata/version")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) == want {
		return
	}
	if old, _, _ := strings.Cut(string(got), " "); old == fmt.Sprint(Version) {
		t.Fatalf("the sources changed but Version is still %d: bump it", Version)
	}
	t.Fatalf("testdata/version should be\n%s", want)
}

// sources returns the files of these patterns, tests aside.
func sources(t *testing.T, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// tokens returns a Go source without comments and white space.
func tokens(source []byte) []byte {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(source)), source, nil, 0)
	var out bytes.Buffer
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return out.Bytes()
		case tok == token.SEMICOLON: // written, or implied by the end of a line
			text = ";"
		case text == "":
			text = tok.String()
		}
		out.WriteString(text + "\x00")
	}
}
