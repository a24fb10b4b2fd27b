package kernel

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "record the digest of the sources in testdata")

// Cache keys hold Version, so it has to change whenever the sources do. If this
// fails, raise Version and run go test -run TestVersion -update.
func TestVersion(t *testing.T) {
	const record = "testdata/sources.sha256"
	got := fmt.Sprintf("v%d %s\n", Version, sourcesDigest(t))
	recorded, err := os.ReadFile(record)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	want := string(recorded)
	if got == want {
		return
	}
	version, _, _ := strings.Cut(want, " ")
	if *update && version != fmt.Sprintf("v%d", Version) {
		if err := os.WriteFile(record, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("kernel sources changed: bump Version and refresh the digest\n got %swant %s", got, want)
}

// sourcesDigest hashes the names and contents of all sources but tests.
func sourcesDigest(t *testing.T) string {
	t.Helper()
	goFiles, _ := filepath.Glob("*.go")
	asmFiles, _ := filepath.Glob("*.s")
	files := append(goFiles, asmFiles...) // each sorted
	h := sha256.New()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(data), data)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
