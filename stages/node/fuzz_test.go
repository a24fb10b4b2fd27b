package node

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"runexp/pipeline/artifact"
)

// A trace of any bytes is an error or a load that can be drawn from, and takes
// memory in proportion to the file.
func FuzzReadTrace(f *testing.F) {
	type row struct {
		Time float64 `parquet:"time_s"`
		Size int64   `parquet:"size"`
	}
	for _, rows := range [][]row{{{0, 5}, {1.5, 7}, {2, 900}}, {{0, 1}}, nil, {{2, 1}, {1, 1}}, {{0, -4}, {1, 1 << 40}}} {
		var b bytes.Buffer
		if err := artifact.Write(&b, rows); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "trace.parquet")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		law, err := ParseSizes("trace:"+path, 1000)
		if err != nil {
			return
		}
		sizes := make([]int32, 10)
		law.Draws(nil)(sizes)
		for _, n := range sizes {
			if n < 1 || n > 1000 {
				t.Errorf("a query of %d items", n)
			}
		}
	})
}
