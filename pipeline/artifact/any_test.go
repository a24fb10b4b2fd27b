package artifact

import (
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type anyRow struct {
	Model   string   `parquet:"model,dict"`
	Batch   int32    `parquet:"batch_size"`
	Wall    *int64   `parquet:"wall_ns,optional"`
	Rate    float64  `parquet:"rate_qps"`
	Single  float32  `parquet:"single"`
	Stable  bool     `parquet:"stable"`
	Comment *string  `parquet:"comment,dict,optional"`
	Count   uint64   `parquet:"count"`
	Util    *float64 `parquet:"util,optional"`
}

var anyRows = []anyRow{
	{"rm1", 1, maybe(1, int64(5)), 0.5, 0.1, true, nil, 7, nil},
	{"rm1", 2, nil, 100, 2, false, maybe(1, "null"), 8, maybe(1, math.NaN())},
	{"ncf", 2, maybe(1, int64(-3)), 100, 3, true, maybe(1, "a=b"), 1 << 63, maybe(1, 1.0)},
}

func anyFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "t.parquet")
	write(t, path, encoded(t, anyRows))
	return path
}

func TestReadAny(t *testing.T) {
	got, err := ReadAny(anyFile(t), nil, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]any{
		{"rm1", int64(1), int64(5), 0.5, float64(float32(0.1)), true, nil, uint64(7), nil},
		{"rm1", int64(2), nil, 100.0, 2.0, false, "null", uint64(8), got.Values[1][8]}, // NaN is not equal to itself
		{"ncf", int64(2), int64(-3), 100.0, 3.0, true, "a=b", uint64(1 << 63), 1.0},
	}
	if !reflect.DeepEqual(got.Values[0], want[0]) || !slices.Equal(got.Values[1][:8], want[1][:8]) || !reflect.DeepEqual(got.Values[2], want[2]) {
		t.Errorf("got %v, want %v", got.Values, want)
	}
	if !reflect.DeepEqual(got.Columns, TableOf[anyRow]("t").Columns) {
		t.Errorf("columns %v", got.Columns)
	}
}

func TestWhere(t *testing.T) {
	path := anyFile(t)
	for _, tc := range []struct {
		where  []Cond
		limit  int
		rows   []int
		reason string
	}{
		{nil, 2, []int{0, 1}, "the limit"},
		{[]Cond{{"model", "rm1"}}, 0, []int{0, 1}, "text"},
		{[]Cond{{"model", "rm1"}, {"batch_size", "2"}}, 0, []int{1}, "both conditions"},
		{[]Cond{{"model", "rm1"}}, 1, []int{0}, "limit after condition"},
		{[]Cond{{"wall_ns", "null"}}, 0, []int{1}, "a null number"},
		{[]Cond{{"wall_ns", "-3"}}, 0, []int{2}, "a negative number"},
		{[]Cond{{"rate_qps", "1e2"}}, 0, []int{1, 2}, "a number written another way"},
		{[]Cond{{"single", "0.1"}}, 0, []int{0}, "a float32 as people write it"},
		{[]Cond{{"stable", "false"}}, 0, []int{1}, "a truth value"},
		{[]Cond{{"comment", "null"}}, 0, []int{0}, "null in a text column that may be null"},
		{[]Cond{{"comment", "a=b"}}, 0, []int{2}, "text with an equals sign"},
		{[]Cond{{"count", "9223372036854775808"}}, 0, []int{2}, "a number past int64"},
		{[]Cond{{"util", "NaN"}}, 0, []int{1}, "not a number"},
		{[]Cond{{"model", "none"}}, 0, nil, "no row"},
	} {
		got, err := ReadAny(path, []string{"batch_size", "model"}, tc.where, tc.limit)
		if err != nil {
			t.Errorf("%s: %v", tc.reason, err)
			continue
		}
		var want [][]any
		for _, i := range tc.rows {
			want = append(want, []any{int64(anyRows[i].Batch), anyRows[i].Model})
		}
		if !reflect.DeepEqual(got.Values, want) {
			t.Errorf("%s: got %v, want %v", tc.reason, got.Values, want)
		}
	}
}

func TestReadAnyRefuses(t *testing.T) {
	path := anyFile(t)
	for _, tc := range []struct {
		columns []string
		where   []Cond
		err     string
	}{
		{[]string{"modle"}, nil, "no column modle"},
		{nil, []Cond{{"modle", "rm1"}}, "no column modle"},
		{nil, []Cond{{"batch_size", "two"}}, "condition batch_size=two: the column is int32"},
		{nil, []Cond{{"stable", "maybe"}}, "the column is bool"},
		{nil, []Cond{{"rate_qps", "null"}}, "the column is float64"},
	} {
		_, err := ReadAny(path, tc.columns, tc.where, 0)
		if err == nil || !strings.Contains(err.Error(), tc.err) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want %q and the file's name", err, tc.err)
		}
	}
}
