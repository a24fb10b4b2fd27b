package load_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runexp/serving/load"
)

func traceFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A trace replays its own gaps, scaled to the rate, and keeps each query's
// size; after the last query it starts again, a mean gap later.
func TestTraceReplays(t *testing.T) {
	spec := "trace:" + traceFile(t, "size,time_s\n10,100\n2000,101\n30,104\n")
	a, s := arrivals(t, spec), sizes(t, spec, 1000)
	want := []load.Query{ // mean gap 2 s becomes 1 s
		{Arrival: 1000 * time.Millisecond, Size: 10},
		{Arrival: 1500 * time.Millisecond, Size: 1000}, // clipped
		{Arrival: 3000 * time.Millisecond, Size: 30},
		{Arrival: 4000 * time.Millisecond, Size: 10},
		{Arrival: 4500 * time.Millisecond, Size: 1000},
	}
	for i, got := range load.Draw(a, s, 1, len(want), 1) {
		if got != want[i] {
			t.Errorf("query %d is %+v, want %+v", i, got, want[i])
		}
	}
	if a.Name() != spec || s.Name() != spec || s.Max() != 1000 || math.Abs(load.MeanSize(s)-1040.0/3) > 1e-9 {
		t.Errorf("name %q, largest %d, mean %v", s.Name(), s.Max(), load.MeanSize(s))
	}
}

func TestBadTrace(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "no header",
		"time_s,items\n":                   "lack time_s or size",
		"time_s,size\n":                    "0 times and 0 sizes, where 2 queries are needed",
		"time_s,size\n1,10\n":              "1 times and 1 sizes, where 2 queries are needed",
		"time_s,size\n2,10\n1,10\n":        "query 2: time 1 does not ascend after 2",
		"time_s,size\n3,10\n1,10\n4,1\n":   "query 2: time 1 does not ascend after 3",
		"time_s,size\n1,10\n1,10\n":        "all queries arrive at 1",
		"time_s,size\n1,10\n2,0\n":         "query 2: size 0 is not at least 1",
		"time_s,size\nNaN,10\n2,1\n":       `line 2: time_s "NaN" is not a number of seconds`,
		"time_s,size\n1,10\n2,1.5\n":       `line 3: size "1.5" is not a number of items`,
		"time_s,size\n1,10\n2\n":           "line 3: wrong number of fields",
		"time_s,size\n1,10\n\"2,10\n3,1\n": "line",
	} {
		spec := "trace:" + traceFile(t, text)
		if _, err := load.ParseArrivals(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
		if _, err := load.ParseSizes(spec, 1000); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if _, err := load.ParseArrivals("trace:none.csv"); err == nil {
		t.Error("a missing file is accepted")
	}
}
