package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// Every measure of every table is defined: each numeric column of stages/record
// is named in metrics.md, or in the glossary where it is a setting.
func TestEveryMeasureIsDefined(t *testing.T) {
	var text strings.Builder
	for _, name := range []string{"metrics.md", "glossary.md", "design.md", "validation.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(data)
	}
	for _, column := range numericColumns(t) {
		column = quantile.ReplaceAllString(column, "pNN_$1")
		if column != "pNN_ns" && !strings.Contains(text.String(), column) {
			t.Errorf("no document says what %s is", column)
		}
	}
}

// quantile matches p50_ns to p999_ns and their intervals, defined together.
var quantile = regexp.MustCompile(`^p[0-9]+_((?:lo_|hi_)?ns)$`)

func numericColumns(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../stages/record/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no row types found", err)
	}
	var columns []string
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil {
				return true
			}
			if id, ok := field.Type.(*ast.Ident); ok && (id.Name == "string" || id.Name == "bool") {
				return true
			}
			column, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("parquet"), ",")
			columns = append(columns, column)
			return true
		})
	}
	return columns
}
