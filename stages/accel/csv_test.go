package accel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"runexp/stages/record"
)

const header = "model,platform,batch_size,latency_ms\n"

func TestReadCSV(t *testing.T) {
	ms := time.Millisecond
	for _, tc := range []struct {
		reason, text string
		want         []Sample
	}{
		{"a total", header + "rm1,t4,1,0.5\nrm1,t4,4,0.75\n", []Sample{
			{Model: "rm1", Platform: "t4", Workers: 1, Batch: 1, Latency: ms / 2},
			{Model: "rm1", Platform: "t4", Workers: 1, Batch: 4, Latency: 3 * ms / 4},
		}},
		{"two parts, other order", "batch_size,compute_ms,transfer_ms,platform,model\n8,2,1,gtx1080ti,din\n", []Sample{
			{Model: "din", Platform: "gtx1080ti", Workers: 1, Batch: 8, Transfer: ms, Compute: 2 * ms, Latency: 3 * ms},
		}},
		{"repetitions, each ascending", "model,platform,batch_size,latency_ms,rep\nncf,t4,1,1,0\nncf,t4,1,2,1\nncf,t4,2,1,0\n", []Sample{
			{Model: "ncf", Platform: "t4", Workers: 1, Batch: 1, Latency: ms},
			{Model: "ncf", Platform: "t4", Workers: 1, Batch: 1, Rep: 1, Latency: 2 * ms},
			{Model: "ncf", Platform: "t4", Workers: 1, Batch: 2, Latency: ms},
		}},
		{"a CPU with workers", "model,platform,batch_size,latency_ms,workers\nncf,skylake,1,1,40\n", []Sample{
			{Model: "ncf", Platform: "skylake", Workers: 40, Batch: 1, Latency: ms},
		}},
		{"spaces, a byte order mark, a blank line, \\r\\n", "\xef\xbb\xbfmodel, platform, batch_size, latency_ms\r\n\r\nrm1, t4, 1, 1e0\r\n", []Sample{
			{Model: "rm1", Platform: "t4", Workers: 1, Batch: 1, Latency: ms},
		}},
	} {
		got, err := ReadCSV("x.csv", strings.NewReader(tc.text), Standard())
		if err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", tc.reason, got, err, tc.want)
		}
	}
}

// Every fault is one line that names the file, the line and the column.
func TestReadCSVFaults(t *testing.T) {
	for _, tc := range []struct{ reason, text, want string }{
		{"empty", "", "x.csv: empty file"},
		{"header alone", header, "x.csv: no lines below the header"},
		{"missing column", "model,platform,latency_ms\nrm1,t4,1\n", "x.csv: line 1: column batch_size is missing"},
		{"missing time", "model,platform,batch_size\nrm1,t4,1\n", "x.csv: line 1: column latency_ms is missing"},
		{"half a time", "model,platform,batch_size,compute_ms\nrm1,t4,1,1\n", "x.csv: line 1: column transfer_ms is missing"},
		{"both times", "model,platform,batch_size,latency_ms,compute_ms\nrm1,t4,1,1,1\n", "x.csv: line 1: columns latency_ms and"},
		{"unknown column", "model,platform,batch_size,latency_ms,note\nrm1,t4,1,1,hi\n", `x.csv: line 1: unknown column "note"`},
		{"column twice", "model,model,batch_size,latency_ms\n", "x.csv: line 1: column model stands twice"},
		{"few fields", header + "rm1,t4,1\n", "x.csv: line 2: not as many fields"},
		{"open quote", header + "\"rm1,t4,1,1\n", "x.csv: line 2"},
		{"unknown model", header + "rm1,t4,1,1\nrm9,t4,1,1\n", `x.csv: line 3, column model: unknown model "rm9"`},
		{"unknown platform", header + "rm1,v100,1,1\n", `x.csv: line 2, column platform: unknown platform "v100"`},
		{"no batch", header + "rm1,t4,,1\n", "x.csv: line 2, column batch_size"},
		{"batch 0", header + "rm1,t4,0,1\n", "x.csv: line 2, column batch_size: \"0\" is not a whole number of at least 1"},
		{"negative batch", header + "rm1,t4,-4,1\n", "x.csv: line 2, column batch_size"},
		{"half a batch", header + "rm1,t4,1.5,1\n", "x.csv: line 2, column batch_size"},
		{"huge batch", header + "rm1,t4,99999999999,1\n", "x.csv: line 2, column batch_size"},
		{"a batch above any query", header + "rm1,t4,1,1\nrm1,t4,1048577,1\n", "x.csv: line 3, column batch_size: 1048577 is more than 1048576"},
		{"NaN", header + "rm1,t4,1,NaN\n", "x.csv: line 2, column latency_ms: \"NaN\" is not a positive number"},
		{"infinite", header + "rm1,t4,1,inf\n", "x.csv: line 2, column latency_ms"},
		{"negative time", header + "rm1,t4,1,-1\n", "x.csv: line 2, column latency_ms"},
		{"no time at all", header + "rm1,t4,1,0\n", "x.csv: line 2, column latency_ms"},
		{"a word", header + "rm1,t4,1,fast\n", "x.csv: line 2, column latency_ms"},
		{"descending", header + "rm1,t4,4,1\nrm1,t4,1,1\n", "x.csv: line 3, column batch_size: 1 comes after 4"},
		{"twice", header + "rm1,t4,4,1\nrm1,t4,4,1\n", "x.csv: line 3, column batch_size: 4 stands twice"},
		{"workers of a GPU", "model,platform,batch_size,latency_ms,workers\nrm1,t4,1,1,2\n", "x.csv: line 2, column workers"},
		{"negative rep", "model,platform,batch_size,latency_ms,rep\nrm1,t4,1,1,-1\n", "x.csv: line 2, column rep"},
	} {
		got, err := ReadCSV("x.csv", strings.NewReader(tc.text), Standard())
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, %v\nwant %s", tc.reason, got, err, tc.want)
		}
	}
}

// What WriteCSV puts out, ReadCSV takes back unchanged.
func TestCSVRoundTrip(t *testing.T) {
	for _, samples := range [][]Sample{
		{
			{Model: "din", Platform: "t4", Workers: 1, Batch: 1, Latency: 123456},
			{Model: "din", Platform: "t4", Workers: 1, Batch: 4, Latency: 1},
			{Model: "rm1", Platform: "skylake", Workers: 2, Batch: 1, Rep: 3, Latency: 5 * time.Second},
		},
		{{Model: "din", Platform: "t4", Workers: 1, Batch: 1, Transfer: 3, Compute: 4, Latency: 7}},
	} {
		var b bytes.Buffer
		if err := WriteCSV(&b, samples); err != nil {
			t.Fatal(err)
		}
		got, err := ReadCSV("x.csv", &b, Standard())
		if err != nil || !reflect.DeepEqual(got, samples) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, samples)
		}
	}
}

// The largest batch is taken, from a file and for roofline rows, and one more
// is refused before anything is computed from it.
func TestMaxBatch(t *testing.T) {
	if got, err := ReadCSV("x.csv", strings.NewReader(header+"rm1,t4,1048576,1\n"), Standard()); err != nil || got[0].Batch != maxBatch {
		t.Errorf("got %+v, %v", got, err)
	}
	c := Config{Models: configs(t, "rm1"), Accelerators: []string{"t4"}, BatchSizes: []int{1, maxBatch}}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	for _, b := range []int{maxBatch + 1, 9_000_000_000_000} {
		c.BatchSizes[1] = b
		if err := c.Validate(); err == nil || err.Error() != fmt.Sprintf("batch_sizes: %d is more than 1048576, the largest query", b) {
			t.Errorf("batch %d: %v", b, err)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add(header + "rm1,t4,1,0.5\n")
	f.Add("model,platform,batch_size,transfer_ms,compute_ms,rep,workers\nrm1,t4,1,1,1,0,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		samples, err := ReadCSV("x.csv", strings.NewReader(text), Standard())
		if err != nil {
			return
		}
		for _, s := range samples {
			if s.Batch < 1 || s.Latency < 1 || s.Workers < 1 || s.Rep < 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}

func TestUserFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.csv")
	text := header + "rm1,t4,1,0.5\nrm1,gtx1080ti,1,0.25\nrm2,t4,1,0.5\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	file, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, _, warnings := gather(t, Config{
		Models: configs(t, "rm1"), Accelerators: []string{"t4"}, BatchSizes: []int{1}, Files: []File{file},
	})
	var users int
	for _, r := range rows {
		if r.Source == record.User {
			users++
			if r.Platform != "t4" || r.Model != "rm1" || *r.TotalNS != 500_000 || r.TransferNS != nil {
				t.Errorf("%+v", r)
			}
		}
	}
	if users != 1 || len(warnings) == 0 || !strings.Contains(warnings[len(warnings)-1], "2 of 3 lines") {
		t.Errorf("%d user rows, warnings %v", users, warnings)
	}
}

// The cache key follows the content of a file and does not hold it.
func TestUserFileInCacheKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.csv")
	key := func(text string) string {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		file, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(New(Config{Models: configs(t, "rm1"), Files: []File{file}}).Config)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	a, b, c := key(header+"rm1,t4,1,0.5\n"), key(header+"rm1,t4,1,0.6\n"), key(header+"rm1,t4,1,0.5\n")
	if a == b || a != c {
		t.Error("the key does not follow the content")
	}
	if strings.Contains(a, "0.5") {
		t.Error("the key holds the content")
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none.csv")); err == nil || !strings.Contains(err.Error(), "none.csv: no such file") {
		t.Errorf("missing file: %v", err)
	}
}

func TestReadRawLog(t *testing.T) {
	var b strings.Builder
	for batch := range 6 {
		b.WriteString("--------------------Running GPU Test--------------------\n")
		for i := range 6 {
			b.WriteString("*** part: " + strings.Repeat("*", i) + " " + strings.Repeat("1", batch+1) + ".5 ms\n")
		}
	}
	got, err := ReadRawLog("r.txt", strings.NewReader(b.String()), "wnd", "gtx1080ti")
	if err == nil {
		t.Fatalf("text after the asterisks accepted: %+v", got)
	}
	log := strings.ReplaceAll(b.String(), " part: ", "")
	got, err = ReadRawLog("r.txt", strings.NewReader(log), "wnd", "gtx1080ti")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 6 || got[5].Batch != 1024 || got[5].Latency != 111_111_500*time.Microsecond || got[0].Latency != 1500*time.Microsecond {
		t.Errorf("%+v", got)
	}
	for _, tc := range []struct{ reason, log, want string }{
		{"nothing", "hello\n", "r.txt: 0 *** lines"},
		{"five lines", strings.Repeat("*** 1 ms\n", 5), "r.txt: 5 *** lines"},
		{"a word", "\n*** fast ms\n", `r.txt: line 2: "fast" is not`},
		{"NaN", "*** NaN ms\n", `r.txt: line 1: "NaN" is not`},
		{"negative", "*** -1 ms\n", `r.txt: line 1: "-1" is not`},
		{"too many", strings.Repeat("*** 1 ms\n", 42), "r.txt: line 42: more than 36"},
	} {
		if got, err := ReadRawLog("r.txt", strings.NewReader(tc.log), "wnd", "t4"); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s: got %+v, %v, want %s", tc.reason, got, err, tc.want)
		}
	}
}
