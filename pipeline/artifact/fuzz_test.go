package artifact

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

// FuzzReadBytes looks for a file that crashes a reader, or costs it more than
// the budget, or that the two readers understand differently.
func FuzzReadBytes(f *testing.F) {
	for _, n := range []int{0, 1, 40} {
		f.Add(encoded(f, draw(n)))
	}
	f.Add(encoded(f, anyRows))
	f.Add(bomb{columns: 1, groups: 1, rows: 22_000_000, entries: 1}.file(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		var rows []everything
		var loose Rows
		var err, errLoose error
		typed := allocated(func() { rows, err = ReadBytes[everything](data) })
		boxed := allocated(func() { loose, errLoose = Decode("t.parquet", data) })
		if most := allowed(data); typed > most || boxed > most {
			t.Errorf("%d bytes took %d typed and %d without types, more than %d", len(data), typed, boxed, most)
		}
		if err == nil && (errLoose != nil || len(loose.Values) != len(rows)) {
			t.Errorf("%d rows typed, %d rows without types, error %v", len(rows), len(loose.Values), errLoose)
		}
	})
}

// FuzzReadMeta checks that a sidecar that is read is written the same.
func FuzzReadMeta(f *testing.F) {
	f.Add([]byte(`{"name":"t.parquet","stage":"fit","version":3,"inputs":[{"stage":"a","table":"b"}],"created":"2026-01-02T03:04:05Z","config":{"a":1},"warnings":["w"]}`))
	f.Add([]byte(`{"config":null,"inputs":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "t.parquet")
		write(t, path+SidecarSuffix, data)
		m, err := ReadMeta(path)
		if err != nil {
			return
		}
		if _, err := json.Marshal(m); err != nil {
			t.Errorf("cannot be written again: %v", err)
		}
	})
}
