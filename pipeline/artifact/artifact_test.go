package artifact

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/gzip"
	"github.com/parquet-go/parquet-go/compress/snappy"
	"github.com/parquet-go/parquet-go/compress/uncompressed"
	"github.com/parquet-go/parquet-go/encoding"

	"runexp/internal/stream"
	"runexp/stages/record"
)

// everything has a column of each type, with and without nulls.
type everything struct {
	Name    string   `parquet:"name,dict"`
	Text    string   `parquet:"text,dict"`
	Yes     bool     `parquet:"yes"`
	Small   int32    `parquet:"small"`
	Large   int64    `parquet:"large_ns"`
	USmall  uint32   `parquet:"u_small"`
	ULarge  uint64   `parquet:"u_large"`
	Single  float32  `parquet:"single"`
	Double  float64  `parquet:"double"`
	NName   *string  `parquet:"n_name,dict,optional"`
	NYes    *bool    `parquet:"n_yes,optional"`
	NSmall  *int32   `parquet:"n_small,optional"`
	NLarge  *int64   `parquet:"n_large,optional"`
	NDouble *float64 `parquet:"n_double,optional"`
}

// draw returns n rows of everything, a third of their nullable values null.
func draw(n int) []everything {
	rng := stream.New(7, "everything")
	names := []string{"", "rm1", "wide & deep", "dien", strings.Repeat("x", 300)}
	rows := make([]everything, n)
	for i := range rows {
		rows[i] = everything{Name: names[rng.IntN(len(names))], Text: names[rng.IntN(len(names))], Yes: rng.IntN(2) == 0,
			Small: int32(rng.Uint32()), Large: int64(rng.Uint64()), USmall: rng.Uint32(), ULarge: rng.Uint64(),
			Single: float32(rng.NormFloat64()), Double: rng.NormFloat64(),
			NName: maybe(rng.IntN(3), names[rng.IntN(len(names))]), NYes: maybe(rng.IntN(3), rng.IntN(2) == 0),
			NSmall: maybe(rng.IntN(3), int32(i)), NLarge: maybe(rng.IntN(3), int64(i)), NDouble: maybe(rng.IntN(3), rng.Float64())}
	}
	if n > 0 {
		rows[0].Double, rows[0].Large = math.Inf(-1), math.MinInt64
	}
	return rows
}

func maybe[V any](die int, v V) *V {
	if die == 0 {
		return nil
	}
	return &v
}

func encoded[T any](t testing.TB, rows []T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for _, tc := range []struct {
		n      int
		reason string
	}{
		{0, "no rows"}, {1, "one row"}, {blockRows + 1, "more than a block"},
		{20_000, "several pages"}, {rowsPerGroup, "one full group"}, {2*rowsPerGroup + 17, "several groups"},
	} {
		rows := draw(tc.n)
		data := encoded(t, rows)
		if !bytes.Equal(data, encoded(t, rows)) {
			t.Errorf("%s: equal rows give different bytes", tc.reason)
		}
		got, err := ReadBytes[everything](data)
		if err != nil {
			t.Errorf("%s: %v", tc.reason, err)
			continue
		}
		if len(got) != len(rows) || len(rows) > 0 && !reflect.DeepEqual(got, rows) {
			t.Errorf("%s: read other rows than written", tc.reason)
		}
	}
}

// TestOracle compares our decoder with parquet-go's, which it replaces.
func TestOracle(t *testing.T) {
	data := encoded(t, trials(3000))
	want, err := parquet.Read[record.Trial](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadBytes[record.Trial](data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the two decoders differ")
	}
}

// TestForeignWriters reads files that another writer may produce: the same
// schema, other encodings.
func TestForeignWriters(t *testing.T) {
	rows := draw(3000)
	for _, tc := range []struct {
		reason  string
		options []parquet.WriterOption
		err     string
	}{
		{"snappy, pandas' default", codecs(&snappy.Codec{}), ""},
		{"no compression", codecs(&uncompressed.Codec{}), ""},
		{"first page format", []parquet.WriterOption{parquet.DataPageVersion(1)}, ""},
		{"first page format, zstd", append(codecs(codec), parquet.DataPageVersion(1)), ""},
		{"small pages and groups", []parquet.WriterOption{parquet.PageBufferSize(500), parquet.MaxRowsPerRowGroup(900)}, ""},
		{"numbers in dictionaries", encodings(&parquet.RLEDictionary, parquet.Int32, parquet.Int64, parquet.Double), ""},
		{"unknown compression", codecs(&gzip.Codec{}), "GZIP is not supported"},
		{"unknown encoding", encodings(&parquet.DeltaBinaryPacked, parquet.Int64), "encoding DELTA"},
	} {
		var b bytes.Buffer
		w := parquet.NewGenericWriter[everything](&b, tc.options...)
		if _, err := w.Write(rows); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := ReadBytes[everything](b.Bytes())
		switch {
		case tc.err != "":
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: error %v, want one about %q", tc.reason, err, tc.err)
			}
		case err != nil:
			t.Errorf("%s: %v", tc.reason, err)
		case !reflect.DeepEqual(got, rows):
			t.Errorf("%s: read other rows than written", tc.reason)
		}
	}
}

func codecs(c compress.Codec) []parquet.WriterOption {
	return []parquet.WriterOption{parquet.Compression(c)}
}

func encodings(e encoding.Encoding, kinds ...parquet.Kind) (options []parquet.WriterOption) {
	for _, k := range kinds {
		options = append(options, parquet.DefaultEncodingFor(k, e))
	}
	return options
}

// TestPlainText reads text that is in no dictionary, as other writers leave it
// when it does not repeat.
func TestPlainText(t *testing.T) {
	type plain struct {
		A string  `parquet:"a,plain"`
		B *string `parquet:"b,plain,optional"`
	}
	type ours struct {
		A string  `parquet:"a,dict"`
		B *string `parquet:"b,dict,optional"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[plain](&b, encodings(&parquet.Plain, parquet.ByteArray)...)
	want := []ours{{"one", maybe(1, "")}, {"", nil}, {"three", maybe(1, "3")}}
	for _, r := range want {
		if _, err := w.Write([]plain{plain(r)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadBytes[ours](b.Bytes()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestForeignSchema(t *testing.T) {
	type want struct {
		A int32  `parquet:"a"`
		B string `parquet:"b,dict"`
	}
	for _, tc := range []struct {
		data []byte
		err  string
	}{
		{encoded(t, []struct {
			A int64  `parquet:"a"`
			B string `parquet:"b,dict"`
		}{{1, "x"}}), `column 1 is "a int64", want "a int32"`},
		{encoded(t, []struct {
			A *int32 `parquet:"a,optional"`
			B string `parquet:"b,dict"`
		}{{nil, "x"}}), `column 1 is "a int32 null", want "a int32"`},
		{encoded(t, []struct {
			A int32 `parquet:"a"`
		}{{1}}), "column b is missing"},
		{encoded(t, []struct {
			A int32  `parquet:"a"`
			B string `parquet:"b,dict"`
			C string `parquet:"c,dict"`
		}{{1, "x", "y"}}), "column c is not expected"},
		{[]byte("a,b\n1,x\n"), "not a whole Parquet file"},
		{nil, "not a whole Parquet file"},
	} {
		_, err := ReadBytes[want](tc.data)
		if err == nil || !strings.Contains(err.Error(), tc.err) {
			t.Errorf("error %v, want %q", err, tc.err)
		}
	}
}

func TestTableOf(t *testing.T) {
	type row struct {
		A int32    `parquet:"a"`
		B *float64 `parquet:"b,optional"`
	}
	got := TableOf[row]("t")
	if got.File() != "t.parquet" || len(got.Columns) != 2 || got.Columns[1].String() != "b float64 null" {
		t.Errorf("got %+v", got)
	}
	type renamed struct {
		A int32    `parquet:"a"`
		B *float64 `parquet:"c,optional"`
	}
	if TableOf[renamed]("t").Schema == got.Schema {
		t.Error("another column name gives the same schema")
	}
	if TableOf[row]("other").Schema != got.Schema {
		t.Error("another table name gives another schema")
	}
}

// TestColumnsMatchLibrary checks that the schema we derive is the one written.
func TestColumnsMatchLibrary(t *testing.T) {
	f, err := open(encoded(t, draw(1)))
	if err != nil {
		t.Fatal(err)
	}
	if err := sameColumns(f.columns, TableOf[everything]("t").Columns); err != nil {
		t.Error(err)
	}
}

func TestTableOfRefuses(t *testing.T) {
	for _, tc := range []struct {
		declare func()
		err     string
	}{
		{func() { TableOf[int]("t") }, "not a struct"},
		{func() { TableOf[struct{}]("t") }, "no fields"},
		{func() { TableOf[struct{ a int32 }]("t") }, "not an exported column"},
		{func() { TableOf[struct{ A int }]("t") }, "not an exported column"},
		{func() { TableOf[struct{ A []int32 }]("t") }, "not an exported column"},
		{func() { TableOf[struct{ A string }]("t") }, "must be tagged dict"},
		{func() { TableOf[struct{ A *int32 }]("t") }, "must be tagged optional"},
		{func() {
			TableOf[struct {
				A int32 `parquet:"a,optional"`
			}]("t")
		}, "zero is not null"},
		{func() {
			TableOf[struct {
				A float64 `parquet:"a,split"`
			}]("t")
		}, "tag split"},
		{func() {
			TableOf[struct {
				A int32 `parquet:"a"`
				B int32 `parquet:"a"`
			}]("t")
		}, "there twice"},
	} {
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.Contains(p.(string), tc.err) {
					t.Errorf("panic %v, want %q", p, tc.err)
				}
			}()
			tc.declare()
		}()
	}
}
