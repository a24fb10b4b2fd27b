package arrowio

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"runexp/pipeline/artifact"
)

var columns = []artifact.Column{
	{Name: "model", Type: "string"}, {Name: "comment", Type: "string", Nullable: true}, {Name: "stable", Type: "bool"},
	{Name: "batch_size", Type: "int32"}, {Name: "p95_ns", Type: "int64", Nullable: true}, {Name: "u", Type: "uint32"},
	{Name: "count", Type: "uint64"}, {Name: "single", Type: "float32"}, {Name: "rate_qps", Type: "float64"},
}

// table returns n rows, with nulls.
func table(n int) artifact.Rows {
	rows := artifact.Rows{Columns: columns}
	for i := range n {
		row := []any{"rm1", nil, i%3 == 0, int64(i), nil, uint64(i), uint64(i) << 40, float64(i) / 4, float64(i) / 3}
		if i%2 == 0 {
			row[1], row[4] = "é\n", -int64(i)<<33
		}
		rows.Values = append(rows.Values, row)
	}
	return rows
}

// records is what Arrow's two readers have in common.
type records interface{ Read() (arrow.Record, error) }

// readBack reads all records into rows as artifact would give them.
func readBack(t *testing.T, schema *arrow.Schema, r records) artifact.Rows {
	t.Helper()
	var rows artifact.Rows
	for _, f := range schema.Fields() {
		name := map[string]string{"utf8": "string"}[f.Type.Name()]
		if name == "" {
			name = strings.Replace(f.Type.String(), "utf8", "string", 1)
		}
		rows.Columns = append(rows.Columns, artifact.Column{Name: f.Name, Type: name, Nullable: f.Nullable})
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(record.NumRows()) {
			row := make([]any, record.NumCols())
			for j := range row {
				row[j] = value(record.Column(j), i)
			}
			rows.Values = append(rows.Values, row)
		}
	}
}

func value(a arrow.Array, i int) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(i)
	case *array.String:
		return a.Value(i)
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	case *array.Uint32:
		return uint64(a.Value(i))
	case *array.Uint64:
		return a.Value(i)
	case *array.Float32:
		return float64(a.Value(i))
	case *array.Float64:
		return a.Value(i)
	}
	return a.DataType().String()
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 7, batchRows, batchRows + 3} {
		want := table(n)
		var stream, file bytes.Buffer
		if err := WriteStream(&stream, want); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(&file, want); err != nil {
			t.Fatal(err)
		}
		sr, err := ipc.NewReader(&stream)
		if err != nil {
			t.Fatal(err)
		}
		fr, err := ipc.NewFileReader(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for format, got := range map[string]artifact.Rows{"stream": readBack(t, sr.Schema(), sr), "file": readBack(t, fr.Schema(), fr)} {
			if len(got.Values) != n || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %d rows come back as %d other ones", format, n, len(got.Values))
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	one := artifact.Column{Name: "a", Type: "int32"}
	for _, tc := range []struct {
		rows artifact.Rows
		err  string
	}{
		{artifact.Rows{Columns: []artifact.Column{{Name: "a", Type: "date"}}}, "column a: no type date"},
		{artifact.Rows{Columns: []artifact.Column{one}, Values: [][]any{{"x"}}}, "column a: string is no int32"},
		{artifact.Rows{Columns: []artifact.Column{one}, Values: [][]any{{int64(1), int64(2)}}}, "2 values for 1 columns"},
	} {
		for _, write := range []func(io.Writer, artifact.Rows) error{WriteStream, WriteFile} {
			if err := write(io.Discard, tc.rows); err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("error %v, want %q", err, tc.err)
			}
		}
	}
	if err := WriteStream(full{}, table(3)); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a full disk: error %v", err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }
