package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "runexp"

// sourceFile is one parsed Go file that is not a test.
type sourceFile struct {
	name string // relative to the module, with slashes
	pkg  string // folder of name
	ast  *ast.File
}

// imports maps the name used in the file to the import path.
func (f sourceFile) imports() map[string]string {
	m := map[string]string{}
	for _, spec := range f.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(p)
		if strings.HasPrefix(name, "v") && len(name) == 2 { // a major version suffix
			name = path.Base(path.Dir(p))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		m[name] = p
	}
	return m
}

func parseModule(t *testing.T) []sourceFile {
	t.Helper()
	root := filepath.Join("..", "..")
	var files []sourceFile
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && rel != "." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, sourceFile{name: rel, pkg: path.Dir(rel), ast: f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestImportLaw(t *testing.T) {
	files := parseModule(t)
	pkgs := map[string]bool{}
	for _, f := range files {
		pkgs[f.pkg] = true
	}
	rules, err := parseLaw(law, pkgs)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !rules.known[f.pkg] {
			t.Errorf("%s: package %s stands in no line of the law", f.name, f.pkg)
			continue
		}
		for _, p := range f.imports() {
			if dep, ok := strings.CutPrefix(p, module+"/"); ok && !rules.allows(f.pkg, dep) {
				t.Errorf("%s: %s may not import %s", f.name, f.pkg, dep)
			}
		}
	}
}

func TestLibraryHomes(t *testing.T) {
	for _, f := range parseModule(t) {
		for _, p := range f.imports() {
			for lib, allowed := range homes {
				if (p == lib || strings.HasPrefix(p, lib+"/") && lib != "math/rand") && !slices.Contains(allowed, f.pkg) {
					t.Errorf("%s: imports %s, which belongs to %v alone", f.name, p, allowed)
				}
			}
		}
	}
}

func TestForbiddenCalls(t *testing.T) {
	for _, f := range parseModule(t) {
		imports := f.imports()
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			for _, rule := range calls {
				if imports[x.Name] == rule.pkg && forbids(rule.names, sel.Sel.Name) &&
					!slices.Contains(rule.homes, f.pkg) && !slices.Contains(rule.homes, f.name) {
					t.Errorf("%s: uses %s.%s: %s", f.name, x.Name, sel.Sel.Name, rule.reason)
				}
			}
			return true
		})
	}
}

func forbids(names []string, name string) bool { return names == nil || slices.Contains(names, name) }

func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range parseModule(t) {
		documented[f.pkg] = documented[f.pkg] || f.ast.Doc != nil
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment", pkg)
		}
	}
}

// rules is the law after transitive closure.
type rules struct {
	known  map[string]bool
	may    map[string]map[string]bool
	forbid map[string]map[string]bool
}

func (r rules) allows(pkg, dep string) bool { return r.may[pkg][dep] && !r.forbid[pkg][dep] }

// parseLaw reads the law and closes it transitively over the packages given.
func parseLaw(text string, pkgs map[string]bool) (rules, error) {
	r := rules{known: map[string]bool{}, may: map[string]map[string]bool{}, forbid: map[string]map[string]bool{}}
	var forbidden [][2][]string
	for _, line := range strings.Split(text, ";") {
		if left, right, ok := strings.Cut(line, "!<"); ok {
			forbidden = append(forbidden, [2][]string{names(left, pkgs), names(right, pkgs)})
			continue
		}
		parts := strings.Split(line, "<")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(parts) < 2 {
			return r, fmt.Errorf("law: %q has no <", strings.TrimSpace(line))
		}
		for i := 1; i < len(parts); i++ {
			for _, b := range names(parts[i], pkgs) {
				r.known[b] = true
				if r.may[b] == nil {
					r.may[b] = map[string]bool{}
				}
				for _, a := range names(parts[i-1], pkgs) {
					r.may[b][a] = true
				}
			}
		}
	}
	close(r.may)
	for _, f := range forbidden { // "a !< b": a may not import b
		for _, a := range f[0] {
			if r.forbid[a] == nil {
				r.forbid[a] = map[string]bool{}
			}
			for _, b := range f[1] {
				r.forbid[a][b] = true
			}
		}
	}
	return r, nil
}

// names splits a list and expands each trailing /* over the packages.
func names(list string, pkgs map[string]bool) []string {
	var out []string
	for _, n := range strings.Split(list, ",") {
		n = strings.TrimSpace(n)
		prefix, wild := strings.CutSuffix(n, "/*")
		switch {
		case n == "" || n == "NONE":
		case wild:
			for p := range pkgs {
				if strings.HasPrefix(p, prefix+"/") {
					out = append(out, p)
				}
			}
		default:
			out = append(out, n)
		}
	}
	return out
}

// close adds, for every allowed import, what that import may import itself.
func close(may map[string]map[string]bool) {
	for changed := true; changed; {
		changed = false
		for pkg, deps := range may {
			for d := range deps {
				for dd := range may[d] {
					if dd != pkg && !may[pkg][dd] {
						may[pkg][dd], changed = true, true
					}
				}
			}
		}
	}
}

func TestLawIsRead(t *testing.T) {
	pkgs := map[string]bool{"a": true, "b": true, "c": true, "s/x": true, "s/y": true}
	r, err := parseLaw("NONE < a; a < b < c; c < s/*; s/x !< a", pkgs)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		pkg, dep, reason string
		want             bool
	}{
		{"b", "a", "named", true},
		{"c", "a", "transitive", true},
		{"a", "b", "upwards", false},
		{"s/y", "a", "through a wildcard", true},
		{"s/x", "a", "taken back", false},
		{"s/x", "s/y", "siblings", false},
	} {
		if got := r.allows(tc.pkg, tc.dep); got != tc.want {
			t.Errorf("%s imports %s (%s): allowed %v, want %v", tc.pkg, tc.dep, tc.reason, got, tc.want)
		}
	}
}
