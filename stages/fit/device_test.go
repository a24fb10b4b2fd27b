package fit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"runexp/hw"
	"runexp/models"
	"runexp/stages/record"
)

func absolute(source string, batch int, ns int64) record.AccelLatency {
	return record.AccelLatency{Model: "rm1", Platform: "t4", Source: source, Workers: 1, BatchSize: int32(batch), TotalNS: &ns}
}

func ratio(batch int, v float64) record.AccelLatency {
	return record.AccelLatency{Model: "rm1", Platform: "t4", Source: record.PublishedRatio, Workers: 1, BatchSize: int32(batch), Speedup: &v}
}

func testDevice(t *testing.T, rows ...record.AccelLatency) device {
	t.Helper()
	m, err := models.ByName("rm1")
	if err != nil {
		t.Fatal(err)
	}
	t4, err := hw.AccelByName("t4")
	if err != nil {
		t.Fatal(err)
	}
	return device{
		rows: rows, graph: graphOf(t, m), accel: t4, reach: 2, slower: 1,
		skylake: func(batch int) (estimate, bool) {
			return estimate{1000 * float64(batch), 800 * float64(batch), 1500 * float64(batch)}, batch <= 1024
		},
	}
}

// Which source gives which knot.
func TestDeviceSources(t *testing.T) {
	type want struct {
		batch  int
		source string
		ns     float64
	}
	roof := []record.AccelLatency{
		absolute(record.Roofline, 1, 100), absolute(record.Roofline, 16, 400), absolute(record.Roofline, 64, 1600), absolute(record.Roofline, 1024, 25_600),
	}
	for _, tc := range []struct {
		reason string
		rows   []record.AccelLatency
		want   []want
	}{
		{"nothing but the roofline", roof, []want{
			{1, record.Roofline, 100}, {16, record.Roofline, 400}, {64, record.Roofline, 1600}, {1024, record.Roofline, 25_600},
		}},
		{"a ratio is of the Skylake process", []record.AccelLatency{ratio(1, 0.5), ratio(1024, 4)}, []want{
			{1, record.PublishedRatio, 2000}, {1024, record.PublishedRatio, 256_000},
		}},
		{"an absolute time beats a ratio", []record.AccelLatency{ratio(1, 0.5), ratio(16, 4), absolute(record.Published, 1, 7), absolute(record.Published, 64, 9)}, []want{
			{1, record.Published, 7}, {64, record.Published, 9},
		}},
		{"a measurement beats a publication, the user's beats both", []record.AccelLatency{
			absolute(record.Published, 1, 1), absolute(record.Measured, 1, 2), absolute(record.User, 1, 3),
		}, []want{{1, record.User, 3}}},
		{"repetitions: the median", []record.AccelLatency{
			absolute(record.User, 1, 1), absolute(record.User, 1, 30), absolute(record.User, 1, 3),
		}, []want{{1, record.User, 3}}},
		{"the roofline, meeting it, outside what was published", append(roof, absolute(record.Published, 16, 4000), absolute(record.Published, 64, 8000)), []want{
			{1, record.Roofline, 1000}, {16, record.Published, 4000}, {64, record.Published, 8000}, {1024, record.Roofline, 128_000},
		}},
		{"near enough for the curve itself to reach", append(roof, absolute(record.Published, 1, 4000), absolute(record.Published, 600, 8000)), []want{
			{1, record.Published, 4000}, {600, record.Published, 8000},
		}},
	} {
		got := testDevice(t, tc.rows...).knots()
		if len(got) != len(tc.want) {
			t.Errorf("%s: %+v", tc.reason, got)
			continue
		}
		for i, w := range tc.want {
			if g := got[i]; g.batch != w.batch || g.source != w.source || !near(g.ns, w.ns) {
				t.Errorf("%s: knot %d is %+v, want %+v", tc.reason, i, g, w)
			}
			if g := got[i]; !(g.lo <= g.ns && g.ns <= g.hi) {
				t.Errorf("%s: knot %d: range of %+v", tc.reason, i, g)
			}
		}
	}
}

// The range of the Skylake projection becomes that of the ratio; a modelled
// knot keeps its unscaled time and the knot that it met in its range.
func TestDeviceRanges(t *testing.T) {
	k := testDevice(t, ratio(4, 2)).knots()[0]
	if !near(k.lo, 1600) || !near(k.hi, 3000) {
		t.Errorf("ratio: %+v, want 1600 to 3000", k)
	}
	k = testDevice(t, absolute(record.Roofline, 1, 100), absolute(record.Roofline, 16, 400), absolute(record.Published, 16, 4000)).knots()[0]
	if !(k.lo <= 100 && k.hi >= 4000) {
		t.Errorf("met knot: %+v, want a range from the roofline to the knot met", k)
	}
	d := testDevice(t, absolute(record.Roofline, 16, 400_000))
	d.slower = 50
	if k = d.knots()[0]; !(k.lo < k.ns) || k.hi < 50*k.ns {
		t.Errorf("roofline alone: %+v, want a range as wide as others were found wrong", k)
	}
}

func TestUnderstated(t *testing.T) {
	rows := []record.AccelLatency{
		absolute(record.Roofline, 1, 100), absolute(record.Roofline, 11, 200),
		absolute(record.Published, 1, 300), absolute(record.Published, 6, 1500),
	}
	if got := understated(rows); !near(got, 10) {
		t.Errorf("%v, want 1500 / 150", got)
	}
	if got := understated(rows[:2]); got != 1 {
		t.Errorf("%v with nothing to compare", got)
	}
}

// A published time that is scaled to meet a better one is no longer published:
// its support and a warning say so. The roofline always gives its shape alone.
func TestScaledPublicationsAreNotMeasured(t *testing.T) {
	published := []record.AccelLatency{absolute(record.Published, 10, 2000), absolute(record.Published, 100, 8000), absolute(record.Roofline, 1000, 9000)}
	for _, tc := range []struct {
		reason  string
		user    []record.AccelLatency
		support []string // by batch
		want    string
	}{
		{"nothing better", nil, []string{record.Extrapolated, record.AtKnot, record.AtKnot, record.AtKnot}, ""},
		{"met by a line of the user", []record.AccelLatency{absolute(record.User, 10, 1000)},
			[]string{record.Extrapolated, record.AtKnot, record.Extrapolated, record.AtKnot},
			"rm1 on t4: published latencies at batches [100] were multiplied by 0.5 to meet a better source (support extrapolated)"},
		{"by one that agrees", []record.AccelLatency{absolute(record.User, 10, 2000)},
			[]string{record.Extrapolated, record.AtKnot, record.AtKnot, record.AtKnot}, ""},
		{"from both sides", []record.AccelLatency{absolute(record.User, 20, 1000), absolute(record.User, 40, 6000)},
			[]string{record.Extrapolated, record.Extrapolated, record.AtKnot, record.AtKnot, record.Extrapolated, record.AtKnot},
			"rm1 on t4: published latencies at batches [10 100] were multiplied by 0.375 to 1.5 to meet a better source (support extrapolated)"},
	} {
		for _, method := range Methods() {
			c := config(allModels(t)[:1])
			c.CPUs, c.Engines, c.Accelerators, c.Method = []string{"skylake"}, nil, []string{"t4"}, method
			c.Extrapolate = 1
			var got []string
			f := fittedWarning(t, c, Inputs{Accel: slices.Concat(published, tc.user)}, func(format string, args ...any) {
				if s := fmt.Sprintf(format, args...); strings.Contains(s, "multiplied") {
					got = append(got, s)
				}
			})
			if strings.Join(got, "\n") != tc.want {
				t.Errorf("%s: warned %q, want %q", tc.reason, got, tc.want)
			}
			var support []string
			for _, r := range f.curves {
				if method == LogLog || slices.Contains([]int32{1, 10, 20, 40, 100, 1000}, r.BatchSize) && r.Support != record.Interpolated {
					support = append(support, r.Support)
				}
			}
			if !slices.Equal(support, tc.support) {
				t.Errorf("%s, %s: support %v, want %v", tc.reason, method, support, tc.support)
			}
		}
	}
}
