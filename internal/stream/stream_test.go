package stream_test

import (
	"math"
	"testing"

	"runexp/internal/stream"
)

func TestSameSeedSameName(t *testing.T) {
	a, b := stream.New(7, "x"), stream.New(7, "x")
	for i := range 100 {
		if x, y := a.Uint64(), b.Uint64(); x != y {
			t.Fatalf("draw %d: %d, then %d", i, x, y)
		}
	}
}

// Streams of neighbouring seeds, and of different names, must not move
// together: the correlation of n draws is within 5/sqrt(n).
func TestIndependence(t *testing.T) {
	const n = 20_000
	for _, c := range []struct {
		name         string
		seedA, seedB uint64
		nameA, nameB string
	}{
		{"the next seed", 1, 2, "x", "x"},
		{"zero and one", 0, 1, "arrivals", "arrivals"},
		{"a distant seed", 1, 1 << 63, "x", "x"},
		{"another name", 1, 1, "arrivals", "sizes"},
		{"seeds and names swapped", 3, 5, "a", "b"},
	} {
		a, b := stream.New(c.seedA, c.nameA), stream.New(c.seedB, c.nameB)
		var sum float64
		for range n {
			sum += (a.Float64() - 0.5) * (b.Float64() - 0.5)
		}
		if r := sum / n * 12; math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("%s: correlation %v", c.name, r)
		}
	}
}

// The mean over seeds in a row must have the variance of independent draws,
// whichever draw of the stream is looked at.
func TestSeedsInARow(t *testing.T) {
	const groups, seeds, depth = 400, 10, 8
	for at := range depth {
		var square float64
		for g := range uint64(groups) {
			var sum float64
			for s := range uint64(seeds) {
				rng := stream.New(g*1000+s, "x")
				for range at {
					rng.Uint64()
				}
				sum += rng.Float64() - 0.5
			}
			square += sum * sum
		}
		// The ratio is chi-square(groups)/groups: standard deviation sqrt(2/groups).
		if ratio := square / groups / (seeds / 12.); math.Abs(ratio-1) > 5*math.Sqrt(2./groups) {
			t.Errorf("draw %d: the variance of a sum over seeds is %v of that of independent ones", at, ratio)
		}
	}
}
