package artifact

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"runexp/internal/stream"
	"runexp/pipeline/cache"
)

// TestTruncation cuts a file at every length.
func TestTruncation(t *testing.T) {
	data := encoded(t, draw(20))
	for n := range data {
		if _, err := ReadBytes[everything](data[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are read without an error", n, len(data))
		}
	}
}

// TestBitFlips flips every byte of a file. Without a sidecar a flip may go
// unnoticed where nothing depends on it, such as in the statistics, but it must
// not change a row.
func TestBitFlips(t *testing.T) {
	rows := draw(20)
	data := encoded(t, rows)
	unnoticed := 0
	for i := range data {
		for _, mask := range []byte{0xff, 1 << (i % 8)} {
			bad := bytes.Clone(data)
			bad[i] ^= mask
			got, err := ReadBytes[everything](bad)
			if err != nil {
				continue
			}
			unnoticed++
			if !reflect.DeepEqual(got, rows) {
				t.Errorf("byte %d flipped by %#x: read other rows without an error", i, mask)
			}
		}
	}
	t.Logf("%d of %d flips unnoticed", unnoticed, 2*len(data))
}

// TestSidecarCatchesEverything flips every byte of a file and of its sidecar's
// hash.
func TestSidecarCatchesEverything(t *testing.T) {
	type row struct {
		A int32 `parquet:"a"`
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	data := encoded(t, []row{{1}, {2}})
	write(t, path, data)
	write(t, path+SidecarSuffix, []byte(`{"output_id":"`+cache.Sum(data)+`"}`))
	if _, err := ReadFile[row](path); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 4
		write(t, path, bad)
		if _, err := ReadFile[row](path); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("byte %d flipped: error %v, want one that names the file", i, err)
		}
		if _, err := ReadAny(path, nil, nil, 0); err == nil {
			t.Fatalf("byte %d flipped: ReadAny takes it", i)
		}
	}
	write(t, path, data)
	write(t, path+SidecarSuffix, []byte(`{"output_id":`))
	if _, err := ReadFile[row](path); err == nil {
		t.Error("a truncated sidecar is taken")
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestClaims edits the numbers in a footer and in page headers: whatever they
// claim, the answer is an error and costs little memory.
func TestClaims(t *testing.T) {
	type row struct {
		A int64   `parquet:"a"`
		B *int64  `parquet:"b,optional"`
		C string  `parquet:"c,dict"`
		D *string `parquet:"d,dict,optional"`
	}
	data := encoded(t, []row{{1, maybe(1, int64(2)), "x", nil}, {3, nil, "y", nil}})
	for _, tc := range []struct {
		reason string
		edit   func(m *format.FileMetaData)
	}{
		{"rows of the file", func(m *format.FileMetaData) { m.NumRows = 1 << 40 }},
		{"rows of the file and the group", func(m *format.FileMetaData) { m.NumRows, m.RowGroups[0].NumRows = 1<<40, 1<<40 }},
		{"a plausible number of rows", func(m *format.FileMetaData) { m.NumRows, m.RowGroups[0].NumRows = 1000, 1000 }},
		{"fewer rows", func(m *format.FileMetaData) { m.NumRows, m.RowGroups[0].NumRows = 1, 1 }},
		{"negative rows", func(m *format.FileMetaData) { m.NumRows, m.RowGroups[0].NumRows = -1, -1 }},
		{"overflow", func(m *format.FileMetaData) {
			m.RowGroups = append(m.RowGroups, m.RowGroups[0])
			m.RowGroups[0].NumRows, m.RowGroups[1].NumRows, m.NumRows = math.MaxInt64, math.MaxInt64, -2
		}},
		{"group twice", func(m *format.FileMetaData) { m.RowGroups = append(m.RowGroups, m.RowGroups[0]) }},
		{"columns swapped", func(m *format.FileMetaData) {
			c := m.RowGroups[0].Columns
			c[0], c[1] = c[1], c[0]
		}},
		{"column missing", func(m *format.FileMetaData) { m.RowGroups[0].Columns = m.RowGroups[0].Columns[:3] }},
		{"offset past the end", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset = 1 << 50 }},
		{"negative offset", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset = -5 }},
		{"length past the end", func(m *format.FileMetaData) {
			m.RowGroups[0].Columns[0].MetaData.TotalCompressedSize = math.MaxInt64
		}},
		{"offset inside a page", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset += 7 }},
		{"dictionary lost", func(m *format.FileMetaData) { m.RowGroups[0].Columns[2].MetaData.DictionaryPageOffset = 0 }},
		{"other compression", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.Codec = format.Snappy }},
		{"no columns", func(m *format.FileMetaData) { m.Schema = m.Schema[:1] }},
		{"no schema", func(m *format.FileMetaData) { m.Schema = nil }},
	} {
		bad := withFooter(t, data, tc.edit)
		var err error
		if used := allocated(func() { _, err = ReadBytes[row](bad) }); used > 64<<20 {
			t.Errorf("%s: took %d MB", tc.reason, used>>20)
		}
		if err == nil {
			t.Errorf("%s: no error", tc.reason)
		}
	}
}

// withFooter returns the file with an edited footer.
func withFooter(t *testing.T, data []byte, edit func(*format.FileMetaData)) []byte {
	t.Helper()
	f, err := open(data)
	if err != nil {
		t.Fatal(err)
	}
	edit(&f.meta)
	footer, err := thrift.Marshal(&thrift.CompactProtocol{}, f.meta)
	if err != nil {
		t.Fatal(err)
	}
	end := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	out := append(bytes.Clone(data[:end]), footer...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(footer)))
	return append(out, magic...)
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHostileMetadata gives the footer's decoder lists and strings longer than
// the file, and structures nested without end.
func TestHostileMetadata(t *testing.T) {
	for _, tc := range []struct {
		reason string
		footer []byte
	}{
		{"a list of two billion structures", []byte{0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0}},
		{"a string of two billion bytes", []byte{0x68, 0xff, 0xff, 0xff, 0xff, 0x07, 0}},
		{"a list of lists of lists", bytes.Repeat([]byte{0x19}, 5000)},
		{"structures in structures", bytes.Repeat([]byte{0x1c}, 5000)},
		{"a map", []byte{0x1b, 1, 0x55, 0}},
		{"a number that does not end", bytes.Repeat([]byte{0xff}, 20)},
		{"no end", []byte{0x15}},
	} {
		data := append([]byte(magic), tc.footer...)
		data = binary.LittleEndian.AppendUint32(data, uint32(len(tc.footer)))
		data = append(data, magic...)
		var err error
		if used := allocated(func() { _, err = ReadBytes[everything](data) }); used > 1<<20 || err == nil {
			t.Errorf("%s: %d bytes allocated, error %v", tc.reason, used, err)
		}
	}
}

// TestRuns compares the run decoder with runs encoded one by one.
func TestRuns(t *testing.T) {
	rng := stream.New(3, "runs")
	for range 300 {
		width := 1 + rng.IntN(20)
		var src []byte
		var want []uint32
		for range 1 + rng.IntN(5) {
			if rng.IntN(2) == 0 {
				n, v := 1+rng.IntN(50), rng.Uint32()&(1<<width-1)
				src = binary.AppendUvarint(src, uint64(n)<<1)
				for i := range (width + 7) / 8 {
					src = append(src, byte(v>>(8*i)))
				}
				for range n {
					want = append(want, v)
				}
				continue
			}
			groups := 1 + rng.IntN(4)
			src = binary.AppendUvarint(src, uint64(groups)<<1|1)
			packed := make([]byte, groups*width)
			for i := range groups * 8 {
				v := rng.Uint32() & (1<<width - 1)
				for b := range width {
					packed[(i*width+b)/8] |= byte(v>>b&1) << ((i*width + b) % 8)
				}
				want = append(want, v)
			}
			src = append(src, packed...)
		}
		n := 1 + rng.IntN(len(want)) // a page may end inside a run
		got := make([]uint32, n)
		if err := decodeRuns(got, src, width); err != nil || !reflect.DeepEqual(got, want[:n]) {
			t.Fatalf("width %d: %v, %v, want %v", width, got, err, want[:n])
		}
		if err := decodeRuns(make([]uint32, len(want)), src[:len(src)-1], width); err == nil {
			t.Fatal("a truncated run is taken")
		}
	}
}
