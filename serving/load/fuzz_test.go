package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runexp/internal/stream"
)

// FuzzTrace reads whatever a file holds: a trace that is taken gives gaps that
// are not negative and sizes within the limit.
func FuzzTrace(f *testing.F) {
	f.Add([]byte("time_s,size\n0,10\n0.5,2000\n2,1\n"))
	f.Add([]byte("size,time_s\n1,1e300\n1,1e308\n"))
	f.Add([]byte("time_s,size\n0,1\nNaN,1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		const most = 1000
		path := filepath.Join(t.TempDir(), "trace.csv")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		trace, err := readTrace(path, most)
		if err != nil {
			return
		}
		rng := stream.New(1, "fuzz")
		gaps, sizes := make([]float64, 10), make([]int32, 10)
		trace.Gaps(rng, 100)(gaps)
		trace.Draws(rng)(sizes)
		for i := range gaps {
			if !(gaps[i] >= 0) || sizes[i] < 1 || sizes[i] > most {
				t.Errorf("gap %v, size %d", gaps[i], sizes[i])
			}
		}
	})
}

// FuzzSizes reads quantiles of sizes from a file, and laws from a flag.
func FuzzSizes(f *testing.F) {
	f.Add("10\n20\n30\n", "file:")
	f.Add("", "normal:100,20")
	f.Add("", "lognormal:5.1,0.2")
	f.Add("", "fixed:7")
	f.Fuzz(func(t *testing.T, text, spec string) {
		const most = 1000
		path := filepath.Join(t.TempDir(), "sizes.txt")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if spec == "file:" {
			spec += path
		} else if strings.HasPrefix(spec, "file:") { // no file of this machine's
			return
		}
		law, err := ParseSizes(spec, most)
		if err != nil {
			return
		}
		sizes := make([]int32, 10)
		law.Draws(stream.New(1, "fuzz"))(sizes)
		for _, n := range sizes {
			if n < 1 || n > most {
				t.Errorf("%s: size %d", spec, n)
			}
		}
	})
}
