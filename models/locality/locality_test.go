package locality

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"runexp/internal/stream"
	"runexp/models"
)

// naive is Measure by definition.
func naive(trace []int32) map[int64]int64 {
	counts := map[int64]int64{}
	var stack []int32 // last accessed at the end
	for _, row := range trace {
		i := slices.Index(stack, row)
		if i < 0 {
			counts[0]++
		} else {
			counts[int64(len(stack)-i)]++
			stack = slices.Delete(stack, i, i+1)
		}
		stack = append(stack, row)
	}
	return counts
}

// skewed draws a trace with more accesses to small rows.
func skewed(rng *rand.Rand, rows, n int) []int32 {
	trace := make([]int32, n)
	for i := range trace {
		trace[i] = int32(float64(rows) * math.Pow(rng.Float64(), 3))
	}
	return trace
}

// TestMeasure compares with the definition, past several renumberings of time.
func TestMeasure(t *testing.T) {
	rng := stream.New(1, "measure")
	for _, c := range []struct{ rows, n int }{{1, 5}, {3, 10}, {50, 5000}, {2000, 9000}} {
		trace := skewed(rng, c.rows, c.n)
		p, want := Measure(trace), naive(trace)
		if err := p.Validate(); err != nil {
			t.Errorf("%d rows: %v", c.rows, err)
		}
		if len(p.Distances) != len(want) {
			t.Errorf("%d rows: %d distances, want %d", c.rows, len(p.Distances), len(want))
		}
		for _, d := range p.Distances {
			if want[d.Distance] != d.Accesses {
				t.Errorf("%d rows: %d accesses of distance %d, want %d", c.rows, d.Accesses, d.Distance, want[d.Distance])
			}
		}
	}
}

// TestUniformDistances: when every row is as likely as the next, so is, in the
// long run, every depth of the stack.
func TestUniformDistances(t *testing.T) {
	const rows, n = 200, 200_000
	rng := stream.New(1, "uniform")
	trace := make([]int32, n)
	for i := range trace {
		models.Uniform{}.Draw(rng, 0, rows, trace[i:i+1])
	}
	p := Measure(trace)
	chi := 0.0
	for _, d := range p.Distances[1:] {
		want := float64(n-rows) / rows
		chi += (float64(d.Accesses) - want) * (float64(d.Accesses) - want) / want
	}
	// 199 degrees of freedom: the 99.9 % quantile is 266 (the first few
	// accesses, to a stack still small, hardly count).
	if len(p.Distances) != rows+1 || chi > 266 {
		t.Errorf("%d distances, chi-squared %.0f", len(p.Distances), chi)
	}
}

// cumulative is the share of accesses of distances up to each.
func cumulative(p Profile, distance int64) float64 {
	var n int64
	for _, d := range p.Distances {
		if d.Distance <= distance {
			n += d.Accesses
		}
	}
	return float64(n) / float64(p.Accesses)
}

// TestSynthetic: a generated trace has the profile that it was made from, so
// caches of every size hit as often.
func TestSynthetic(t *testing.T) {
	rng := stream.New(1, "synthetic")
	const rows, n = 500, 50_000
	want := Measure(skewed(rng, rows, n))
	for _, table := range []int{500, 5000} { // every row used, and rows to spare
		s := NewSynthetic(want, table)
		trace := make([]int32, 10*n) // in the first n, not every distance is possible
		for i := range trace {
			trace[i] = s.Next(rng)
			if trace[i] < 0 || int(trace[i]) >= table {
				t.Fatalf("row %d of %d", trace[i], table)
			}
		}
		got := Measure(trace)
		for _, d := range want.Distances {
			// Kolmogorov's bound at 99.9 % is 1.95/sqrt(10 n) = 0.003; first accesses,
			// one in a hundred, turn into others when every row is used.
			if a, b := cumulative(got, d.Distance), cumulative(want, d.Distance); math.Abs(a-b) > 0.015 {
				t.Errorf("table of %d: %.3f of accesses up to distance %d, want %.3f", table, a, d.Distance, b)
			}
		}
	}
}

// TestSyntheticExhausted: with only first accesses in the profile, rows come
// round by turns.
func TestSyntheticExhausted(t *testing.T) {
	s := NewSynthetic(Profile{Accesses: 9, Rows: 9, Distances: []Count{{0, 9}}}, 4)
	rng := stream.New(1, "turns")
	var trace []int32
	for range 12 {
		trace = append(trace, s.Next(rng))
	}
	if p := Measure(trace); !slices.Equal(p.Distances, []Count{{0, 4}, {4, 8}}) {
		t.Errorf("%v: distances %v", trace, p.Distances)
	}
}

// TestZipf compares ranks with their exact probabilities, and the slope of log
// frequency over log rank with alpha.
func TestZipf(t *testing.T) {
	const rows, n = 1000, 300_000
	for _, alpha := range []float64{0, 0.5, 0.9, 1, 1.3, 3} {
		p := newPopularity(alpha, rows)
		rng := stream.New(1, "zipf")
		counts := make([]float64, rows+1)
		for range n {
			counts[p.rank(rng)]++
		}
		total := 0.0
		for k := 1; k <= rows; k++ {
			total += math.Pow(float64(k), -alpha)
		}
		var xs, ys []float64
		for k := 1; k <= rows; k++ {
			mean := n * math.Pow(float64(k), -alpha) / total
			if off := math.Abs(counts[k]-mean) / math.Sqrt(mean); mean > 20 && off > 5 {
				t.Errorf("alpha %g: rank %d drawn %g times, want %.0f: %.1f deviations", alpha, k, counts[k], mean, off)
			}
			if counts[k] > 100 {
				xs, ys = append(xs, math.Log(float64(k))), append(ys, math.Log(counts[k]))
			}
		}
		if got := slope(xs, ys); math.Abs(got+alpha) > 0.05 {
			t.Errorf("alpha %g: slope %g", alpha, got)
		}
	}
}

// slope is that of least squares.
func slope(xs, ys []float64) float64 {
	var sx, sy, sxx, sxy float64
	n := float64(len(xs))
	for i, x := range xs {
		sx, sy, sxx, sxy = sx+x, sy+ys[i], sxx+x*x, sxy+x*ys[i]
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// TestScatter is a permutation, of neighbours far apart.
func TestScatter(t *testing.T) {
	for _, rows := range []int{1, 2, 3, 4, 5, 6, 7, 8, 100, 1000, 1024} {
		s := newScatter(rows)
		seen := make([]bool, rows)
		for i := range rows {
			row := s.row(int64(i))
			if seen[row] {
				t.Fatalf("%d rows: %d comes twice", rows, row)
			}
			seen[row] = true
		}
	}
}

// TestDraw: every distribution keeps to its table, table by table, and draws the
// same from the same stream.
func TestDraw(t *testing.T) {
	profile := Measure(skewed(stream.New(1, "draw"), 50, 1000))
	for _, s := range []Spec{Uniform(), {Kind: "zipf", Alpha: 1.1}, {Kind: "synthetic", Profile: &profile}} {
		first, second := s.New(), s.New()
		a, b := stream.New(2, "draw"), stream.New(2, "draw")
		for i := range 30 {
			rows := 40 + i%3
			x, y := make([]int32, 20), make([]int32, 20)
			first.Draw(a, i%3, rows, x)
			second.Draw(b, i%3, rows, y)
			if !slices.Equal(x, y) {
				t.Errorf("%s: the same stream gave other rows", s)
			}
			if slices.Min(x) < 0 || int(slices.Max(x)) >= rows {
				t.Errorf("%s: %v of %d rows", s, x, rows)
			}
		}
	}
}

// TestParse: a name for each, a file for what has one, and an error for others.
func TestParse(t *testing.T) {
	dir := t.TempDir()
	var text bytes.Buffer
	want := Measure([]int32{1, 2, 1, 1, 7})
	if err := want.Write(&text); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ads.json")
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for spec, name := range map[string]string{"uniform": "uniform", "zipf:1.05": "zipf:1.05", "synthetic:" + path: "synthetic:ads"} {
		s, err := Parse(spec)
		if err != nil || s.String() != name {
			t.Errorf("%s: %s, %v", spec, s, err)
		}
		if s.Profile != nil && !slices.Equal(s.Profile.Distances, want.Distances) {
			t.Errorf("%s: %v, want %v", spec, s.Profile, want)
		}
	}
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"accesses": 3, "rows": 1, "distances": [{"distance": 0, "accesses": 1}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for spec, want := range map[string]string{
		"":                   "is not uniform, zipf:ALPHA or synthetic:FILE",
		"uniform:1":          "is not uniform",
		"zipf":               "is not a number",
		"zipf:-1":            "is not in 0..20",
		"zipf:NaN":           "is not in 0..20",
		"synthetic":          "is not uniform",
		"synthetic:/nowhere": "no such file",
		"synthetic:" + bad:   "bad.json: distances: 1 accesses in all, not 3",
	} {
		if _, err := Parse(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
}

// TestProfileValidate names what no trace can have.
func TestProfileValidate(t *testing.T) {
	for _, c := range []struct {
		p    Profile
		want string
	}{
		{Profile{}, "distances: none"},
		{Profile{Accesses: 2, Rows: 1, Distances: []Count{{0, 1}, {2, 1}}}, "distances: 2 in a trace of 1 rows"},
		{Profile{Accesses: 2, Rows: 1, Distances: []Count{{1, 1}, {0, 1}}}, "distances: 0 does not follow 1"},
		{Profile{Accesses: 2, Rows: 1, Distances: []Count{{0, 2}}}, "distances: the first accesses"},
		{Profile{Accesses: 2, Rows: 1, Distances: []Count{{0, 1}, {1, 3}}}, "distances: 3 of 2 accesses"},
	} {
		if err := c.p.Validate(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.p, err, c.want)
		}
	}
}

// TestTrace: what is written is read again, and a bad line is named.
func TestTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace.txt")
	var text bytes.Buffer
	want := []int32{5, 0, math.MaxInt32}
	if err := WriteTrace(&text, want); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadTrace(path); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for text, want := range map[string]string{"": "no accesses", "1\n\n-2\n": `line 3: "-2" is not a row`, "x": `line 1: "x"`, "2147483648": "line 1"} {
		if _, err := parseTrace(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func BenchmarkMeasure(b *testing.B) {
	trace := skewed(stream.New(1, "bench"), 1_000_000, 1_000_000)
	for b.Loop() {
		Measure(trace)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(len(trace)), "ns/access")
}

func BenchmarkSynthetic(b *testing.B) {
	rng := stream.New(1, "bench")
	s := NewSynthetic(Measure(skewed(rng, 1_000_000, 1_000_000)), 4_000_000)
	for b.Loop() {
		s.Next(rng)
	}
}
