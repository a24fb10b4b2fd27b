package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var out = flag.String("out", "", "also write the rendered report into this folder, to be looked at")

func silent(int, int, string) {}

func TestRender(t *testing.T) {
	files, err := Render(testConfig(), testTables(), silent)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Render(testConfig(), testTables(), silent)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		if f.Name != again[i].Name || !bytes.Equal(f.Data, again[i].Data) {
			t.Errorf("%s: the same tables gave other bytes", f.Name)
		}
		if *out != "" {
			name := filepath.Join(*out, f.Name)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
