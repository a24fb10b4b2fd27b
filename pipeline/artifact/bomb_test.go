package artifact

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// bomb is a small file that unpacks to much: each column of each row group is
// one dictionary page of one value over and over and one page that repeats its first entry.
type bomb struct {
	columns, groups int
	rows            int // of a group
	entries         int // of a dictionary
	text            bool
	shared          bool // all columns of all groups are the same bytes
}

func (o bomb) file(t testing.TB) []byte {
	t.Helper()
	element, value := format.SchemaElement{}, []byte{1, 1, 1, 1, 1, 1, 1, 1}
	element.Type.Valid, element.Type.V = true, format.Int64
	if o.text {
		element.Type.V, value = format.ByteArray, make([]byte, 4) // an empty one
		element.ConvertedType.Valid = true
	}
	element.RepetitionType.Valid, element.RepetitionType.V = true, format.Required
	chunk, dataAt := o.chunk(t, bytes.Repeat(value, o.entries))

	b := bytes.NewBufferString(magic)
	m := format.FileMetaData{Version: 1, NumRows: int64(o.rows * o.groups)}
	m.Schema = make([]format.SchemaElement, 1)
	m.Schema[0].NumChildren.Valid, m.Schema[0].NumChildren.V = true, int32(o.columns)
	for i := range o.columns {
		element.Name = fmt.Sprint("c", i)
		m.Schema = append(m.Schema, element)
	}
	for range o.groups {
		g := format.RowGroup{NumRows: int64(o.rows)}
		for range o.columns {
			at := int64(len(magic))
			if !o.shared || b.Len() == len(magic) {
				at = int64(b.Len())
				b.Write(chunk)
			}
			g.Columns = append(g.Columns, format.ColumnChunk{MetaData: format.ColumnMetaData{
				Type: element.Type.V, Codec: format.Zstd, NumValues: int64(o.rows), TotalCompressedSize: int64(len(chunk)),
				DictionaryPageOffset: at, DataPageOffset: at + int64(dataAt)}})
		}
		m.RowGroups = append(m.RowGroups, g)
	}
	footer := marshal(t, m)
	b.Write(footer)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))))
	b.WriteString(magic)
	return b.Bytes()
}

// chunk returns the two pages and where the second one starts.
func (o bomb) chunk(t testing.TB, values []byte) (chunk []byte, dataAt int) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	dict := enc.EncodeAll(values, nil)
	run := append(binary.AppendUvarint([]byte{1}, uint64(o.rows)<<1), 0)
	data := enc.EncodeAll(run, nil)

	var h format.PageHeader
	h.Type, h.UncompressedPageSize, h.CompressedPageSize = format.DictionaryPage, int32(len(values)), int32(len(dict))
	h.DictionaryPageHeader.Valid = true
	h.DictionaryPageHeader.V = format.DictionaryPageHeader{NumValues: int32(o.entries), Encoding: format.Plain}
	chunk = append(marshal(t, h), dict...)

	h = format.PageHeader{Type: format.DataPage, UncompressedPageSize: int32(len(run)), CompressedPageSize: int32(len(data))}
	h.DataPageHeader.Valid = true
	h.DataPageHeader.V = format.DataPageHeader{NumValues: int32(o.rows), Encoding: format.RLEDictionary}
	return append(append(chunk, marshal(t, h)...), data...), len(chunk)
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := thrift.Marshal(&thrift.CompactProtocol{}, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBombs reads files whose size says nothing of what they unpack to: memory,
// and the time that goes with it, stay within the budget.
func TestBombs(t *testing.T) {
	for _, tc := range []struct {
		reason string
		bomb   bomb
		refuse bool
	}{
		{"an honest file of this make", bomb{columns: 2, groups: 3, rows: 1000, entries: 2}, false},
		{"honest text", bomb{columns: 2, groups: 3, rows: 1000, entries: 2, text: true}, false},
		{"as many rows as are accepted", bomb{columns: 1, groups: 1, rows: 2_600_000, entries: 1}, false},
		{"one run of rows", bomb{columns: 1, groups: 1, rows: 22_000_000, entries: 1}, true},
		{"one run of rows of text", bomb{columns: 1, groups: 1, rows: 22_000_000, entries: 1, text: true}, true},
		{"a page that all row groups share", bomb{columns: 1, groups: 300, rows: 1, entries: 8 << 20, shared: true}, true},
		{"a large page in every row group", bomb{columns: 1, groups: 30, rows: 1, entries: 8 << 20}, true},
		{"a large page in every column", bomb{columns: 30, groups: 1, rows: 1, entries: 8 << 20}, true},
		{"empty words, each four bytes in the page", bomb{columns: 7, groups: 1, rows: 1, entries: 16 << 20, text: true}, true},
	} {
		data := tc.bomb.file(t)
		var rows Rows
		var err error
		used := allocated(func() { rows, err = Decode("t", data) })
		if used > allowed(data) {
			t.Errorf("%s: %d bytes took %d MB, more than %d", tc.reason, len(data), used>>20, allowed(data)>>20)
		}
		if n := tc.bomb.rows * tc.bomb.groups; (err != nil) != tc.refuse || err == nil && len(rows.Values) != n {
			t.Errorf("%s: %d rows of %d, error %v", tc.reason, len(rows.Values), n, err)
		}
	}
}

// TestTypedBombs is the same for a row type that is known, where row groups are
// read at a time.
func TestTypedBombs(t *testing.T) {
	type row struct {
		A int64 `parquet:"c0"`
		B int64 `parquet:"c1"`
	}
	for _, tc := range []struct {
		reason string
		bomb   bomb
		refuse bool
	}{
		{"an honest file of this make", bomb{columns: 2, groups: 3, rows: 1000, entries: 2}, false},
		{"as many rows as are accepted", bomb{columns: 2, groups: 4, rows: 2_000_000, entries: 1}, false},
		{"one run of rows", bomb{columns: 2, groups: 1, rows: 22_000_000, entries: 1}, true},
		{"a page that all row groups share", bomb{columns: 2, groups: 300, rows: 1, entries: 8 << 20, shared: true}, true},
		{"a large page in every row group", bomb{columns: 2, groups: 30, rows: 1, entries: 8 << 20}, true},
	} {
		data := tc.bomb.file(t)
		var rows []row
		var err error
		used := allocated(func() { rows, err = ReadBytes[row](data) })
		if used > allowed(data) {
			t.Errorf("%s: %d bytes took %d MB, more than %d", tc.reason, len(data), used>>20, allowed(data)>>20)
		}
		if n := tc.bomb.rows * tc.bomb.groups; (err != nil) != tc.refuse || err == nil && len(rows) != n {
			t.Errorf("%s: %d rows of %d, error %v", tc.reason, len(rows), n, err)
		}
	}
}

// TestEndlessFiles reads what has no size to go by.
func TestEndlessFiles(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err == nil {
		if _, err := ReadAny("/dev/zero", nil, nil, 0); err == nil || err.Error() != "/dev/zero: a device is no table" {
			t.Errorf("error %v", err)
		}
	}
	path := filepath.Join(t.TempDir(), "t.parquet")
	write(t, path, []byte("12345"))
	if data, err := readBounded(path, 5); err != nil || string(data) != "12345" {
		t.Errorf("as long as the bound: %q, %v", data, err)
	}
	if _, err := readBounded(path, 4); err == nil || !strings.HasPrefix(err.Error(), path+": more than the 4 bytes") {
		t.Errorf("longer than the bound: error %v", err)
	}
}

// allowed is the budget of a file and what any file costs: decompressors keep
// their tables.
func allowed(data []byte) uint64 { return uint64(budget(len(data))) + 16<<20 }
