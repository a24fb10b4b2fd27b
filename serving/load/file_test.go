package load

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that does not end is refused, and one that is no device is read no
// further than the bound.
func TestEndlessFiles(t *testing.T) {
	const device = "/dev/zero"
	if _, err := os.Stat(device); err != nil {
		t.Skip("this system has no " + device)
	}
	const want = device + ": a device is no file of a law"
	if _, err := ReadFile(device); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	for name, parse := range map[string]func() error{
		"arrivals":       func() error { _, err := ParseArrivals("trace:" + device); return err },
		"sizes, a trace": func() error { _, err := ParseSizes("trace:"+device, 100); return err },
	} {
		if err := parse(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", name, err, want)
		}
	}
}

func TestFileBound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sizes")
	if err := os.WriteFile(path, []byte("1\n2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		left   int64
		want   string
		reason string
	}{
		{4, "", "as long as the bound"},
		{3, path + ": more than", "a byte longer"},
	} {
		f, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		f.left = tc.left
		text, err := io.ReadAll(f)
		f.Close()
		if tc.want == "" && (err != nil || string(text) != "1\n2\n") || tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.want)) {
			t.Errorf("%s: %q, %v", tc.reason, text, err)
		}
	}
}
