package latency_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"runexp/serving/latency"
)

const us = time.Microsecond

func curve(t *testing.T, limit int, knots ...latency.Knot) *latency.Curve {
	t.Helper()
	c, err := latency.NewCurve("test", knots, limit)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at(t *testing.T, c *latency.Curve, batch int) (time.Duration, string) {
	t.Helper()
	d, support, err := c.At(batch)
	if err != nil {
		t.Fatal(err)
	}
	return d, support
}

func TestCurveReads(t *testing.T) {
	c := curve(t, 4096,
		latency.Knot{Batch: 4, Latency: 100 * us, Lo: 90 * us, Hi: 120 * us},
		latency.Knot{Batch: 16, Latency: 200 * us, Lo: 160 * us, Hi: 480 * us},
		latency.Knot{Batch: 1024, Latency: 12_800 * us, Lo: 12_000 * us, Hi: 13_000 * us})
	for _, w := range []struct {
		batch   int
		want    time.Duration
		support string
		lo, hi  time.Duration
		why     string
	}{
		{4, 100 * us, latency.AtKnot, 90 * us, 120 * us, "a knot is returned as it is"},
		{16, 200 * us, latency.AtKnot, 160 * us, 480 * us, "a knot is returned as it is"},
		{1024, 12_800 * us, latency.AtKnot, 12_000 * us, 13_000 * us, "a knot is returned as it is"},
		{8, 141_421, latency.Interpolated, 120 * us, 240 * us, "half way in log batch is the geometric mean"},
		{128, 1600 * us, latency.Interpolated, 1_385_641, 2_497_999, "in proportion to the batch here"},
		{4096, 51_200 * us, latency.Extrapolated, 0, 0, "the last line goes on"},
		{1, 100 * us, latency.Extrapolated, 90 * us, 120 * us, "level before the first knot"},
	} {
		got, support := at(t, c, w.batch)
		if got != w.want || support != w.support {
			t.Errorf("At(%d) = %v %s, want %v %s: %s", w.batch, got, support, w.want, w.support, w.why)
		}
		lo, hi, err := c.Bound(w.batch)
		if err != nil {
			t.Fatal(err)
		}
		if w.lo != 0 && (lo-w.lo).Abs() > 1000 || w.hi != 0 && (hi-w.hi).Abs() > 1000 {
			t.Errorf("Bound(%d) = %v, %v, want %v, %v: %s", w.batch, lo, hi, w.lo, w.hi, w.why)
		}
	}
}

// Whatever the knots, a curve is monotone, exact at knots that did not have to
// move, and inside its own bounds.
func TestCurveLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		var knots []latency.Knot
		batch := 0
		for range 2 + rng.IntN(8) {
			batch += 1 + rng.IntN(200)
			d := time.Duration(1 + rng.IntN(1_000_000))
			knots = append(knots, latency.Knot{Batch: batch, Latency: d, Lo: d/2 + 1, Hi: 2 * d})
		}
		c := curve(t, 2*batch, knots...)
		last := time.Duration(0)
		for b := 1; b <= c.Limit(); b += 1 + b/50 {
			d, _ := at(t, c, b)
			lo, hi, err := c.Bound(b)
			if err != nil {
				t.Fatal(err)
			}
			if d < last || lo > d || d > hi {
				t.Fatalf("%v: at %d %v in [%v, %v] after %v", knots, b, d, lo, hi, last)
			}
			last = d
		}
		for _, k := range knots {
			if d, support := at(t, c, k.Batch); support != latency.AtKnot || d != k.Latency && !slices.Contains(c.Pooled(), k.Batch) {
				t.Fatalf("%v: knot %d reads %v %s, pooled %v", knots, k.Batch, d, support, c.Pooled())
			}
		}
	}
}

// Two close noisy knots must not send the prolonged curve to the sky.
func TestCurveExtrapolatesInProportion(t *testing.T) {
	for _, c := range []struct{ last, want time.Duration }{
		{20 * us, 40 * us}, // slope 2.4, cut to 1
		{10 * us, 10 * us}, // level
		{12 * us, 18_619},  // slope 0.63
	} {
		k := curve(t, 40, latency.Knot{Batch: 15, Latency: 10 * us}, latency.Knot{Batch: 20, Latency: c.last})
		if got, _ := at(t, k, 40); (got - c.want).Abs() > time.Nanosecond*30 {
			t.Errorf("last knot %v: At(40) = %v, want %v", c.last, got, c.want)
		}
	}
}

// Isotonic regression of log latency is known in closed form here: the two
// violators become their geometric mean.
func TestCurvePools(t *testing.T) {
	c := curve(t, 64,
		latency.Knot{Batch: 1, Latency: 10 * us},
		latency.Knot{Batch: 4, Latency: 40 * us},
		latency.Knot{Batch: 16, Latency: 10 * us, Lo: 9 * us, Hi: 11 * us},
		latency.Knot{Batch: 64, Latency: 90 * us})
	for batch, want := range map[int]time.Duration{1: 10 * us, 4: 20 * us, 16: 20 * us, 8: 20 * us, 64: 90 * us} {
		if got, _ := at(t, c, batch); got != want {
			t.Errorf("At(%d) = %v, want %v", batch, got, want)
		}
	}
	if lo, hi, _ := c.Bound(16); lo != 9*us || hi != 20*us {
		t.Errorf("the range of a knot that moved is [%v, %v], want it to hold sample and curve", lo, hi)
	}
	if got := c.Pooled(); !slices.Equal(got, []int{4, 16}) {
		t.Errorf("pooled %v", got)
	}
}

func TestCurveRefuses(t *testing.T) {
	one, two := latency.Knot{Batch: 1, Latency: us}, latency.Knot{Batch: 2, Latency: 2 * us}
	for _, c := range []struct {
		knots []latency.Knot
		limit int
		want  string
	}{
		{nil, 10, "0 knots, where 2 are needed"},
		{[]latency.Knot{one}, 10, "1 knots, where 2 are needed"},
		{[]latency.Knot{two, one}, 10, "batch 1 does not ascend after 2"},
		{[]latency.Knot{one, one}, 10, "batch 1 does not ascend after 1"},
		{[]latency.Knot{{Batch: 0, Latency: us}, one}, 10, "batch 0 is not at least 1"},
		{[]latency.Knot{one, {Batch: 2}}, 10, "batch 2: latency 0s is not positive"},
		{[]latency.Knot{one, {Batch: 2, Latency: us, Lo: 2 * us, Hi: 3 * us}}, 10, "batch 2: latency 1µs is not in its range"},
		{[]latency.Knot{one, {Batch: 2, Latency: us, Hi: 3 * us}}, 10, "batch 2: latency 1µs is not in its range"},
		{[]latency.Knot{one, two}, 1, "limit 1 is below the last knot, 2"},
	} {
		if _, err := latency.NewCurve("rm1", c.knots, c.limit); err == nil || !strings.Contains(err.Error(), "curve rm1: "+c.want) {
			t.Errorf("%v: error %v, want %q", c.knots, err, c.want)
		}
	}
	c := curve(t, 10, one, two)
	for _, batch := range []int{0, -1, 11} {
		_, _, err := c.At(batch)
		_, _, err2 := c.Bound(batch)
		for _, err := range []error{err, err2} {
			if err == nil || !strings.Contains(err.Error(), "curve test: batch") || !strings.Contains(err.Error(), "[1, 10]") {
				t.Errorf("batch %d: error %v", batch, err)
			}
		}
	}
}

func TestHoldOut(t *testing.T) {
	knots := []latency.Knot{{Batch: 1, Latency: 10 * us}, {Batch: 4, Latency: 25 * us}, {Batch: 16, Latency: 40 * us}, {Batch: 64, Latency: 160 * us}}
	got := latency.HoldOut(knots)
	want := []float64{math.NaN(), math.Abs(20.0/25 - 1), math.Abs(math.Sqrt(25*160)/40 - 1), math.NaN()}
	for i := range want {
		if math.IsNaN(want[i]) != math.IsNaN(got[i]) || math.Abs(got[i]-want[i]) > 1e-4 {
			t.Errorf("knot %d: %v, want %v", i, got[i], want[i])
		}
	}
	for _, few := range [][]latency.Knot{nil, knots[:1], knots[:2]} {
		for _, e := range latency.HoldOut(few) {
			if !math.IsNaN(e) {
				t.Errorf("%d knots have a hold-out error", len(few))
			}
		}
	}
	power := []latency.Knot{{Batch: 1, Latency: us}, {Batch: 10, Latency: 10 * us}, {Batch: 100, Latency: 100 * us}}
	if e := latency.HoldOut(power)[1]; e > 1e-9 {
		t.Errorf("a power law is predicted with error %v", e)
	}
}

func TestSurface(t *testing.T) {
	two := func(a, b time.Duration, limit int) *latency.Curve {
		return curve(t, limit, latency.Knot{Batch: 1, Latency: a}, latency.Knot{Batch: 100, Latency: b})
	}
	s, err := latency.NewSurface("host", map[int]*latency.Curve{
		1: two(10*us, 1000*us, 400), 5: two(18*us, 1800*us, 200), 8: two(30*us, 3000*us, 300)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		active, batch int
		want          time.Duration
		support       string
	}{
		{1, 100, 1000 * us, latency.AtKnot},
		{5, 1, 18 * us, latency.AtKnot},
		{3, 100, 1400 * us, latency.Interpolated}, // between curves
		{3, 10, 140 * us, latency.Interpolated},
		{3, 200, 2800 * us, latency.Extrapolated},
		{8, 10, 300 * us, latency.Interpolated},
		{9, 100, 3000 * us, latency.Extrapolated}, // level
		{40, 1, 30 * us, latency.Extrapolated},
	} {
		got, support, err := s.At(c.active, c.batch)
		if err != nil || got != c.want || support != c.support {
			t.Errorf("At(%d, %d) = %v %s %v, want %v %s", c.active, c.batch, got, support, err, c.want, c.support)
		}
	}
	if s.Limit() != 200 {
		t.Errorf("limit %d, want that of the shortest curve", s.Limit())
	}
	for _, active := range []int{3, 5, 6} {
		if _, _, err := s.At(active, 201); err == nil {
			t.Errorf("batch 201 with %d active is past a curve", active)
		}
	}
	if _, err := latency.NewSurface("host", nil); err == nil {
		t.Error("a surface of nothing is accepted")
	}
	if _, err := latency.NewSurface("host", map[int]*latency.Curve{0: two(us, us, 100)}); err == nil {
		t.Error("a surface with no active core is accepted")
	}
}
