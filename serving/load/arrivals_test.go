package load_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"gonum.org/v1/gonum/mathext"

	"runexp/internal/sample"
	"runexp/serving/load"
)

func arrivals(t *testing.T, spec string) load.Arrivals {
	t.Helper()
	a, err := load.ParseArrivals(spec)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func gaps(a load.Arrivals, rate float64, n int) []float64 {
	drawn := make([]float64, n)
	a.Gaps(rand.New(rand.NewPCG(9, 9)), rate)(drawn)
	return drawn
}

// beyond is the share of gaps longer than so many mean gaps.
func beyond(gaps []float64, rate, means float64) float64 {
	n := 0
	for _, g := range gaps {
		if g*rate > means {
			n++
		}
	}
	return float64(n) / float64(len(gaps))
}

// Mean, spread and tail of each law of independent gaps. The tail at three
// means is where gaps clipped at three means, a known fault, would show.
func TestGapLaws(t *testing.T) {
	const n, rate = 400_000, 250.0
	for _, c := range []struct {
		spec   string
		cv     float64
		tailAt float64
		tail   float64
		why    string
	}{
		{"poisson", 1, 3, math.Exp(-3), "exponential"},
		{"poisson", 1, 8, math.Exp(-8), "never clipped"},
		{"fixed", 0, 1.0001, 0, "a clock"},
		{"gamma:0.5", 0.5, 2, math.Exp(-8) * (1 + 8 + 32 + 512.0/6), "an Erlang law of four stages"},
		{"gamma:1", 1, 3, math.Exp(-3), "exponential again"},
		{"gamma:2", 2, 4, mathext.GammaIncRegComp(0.25, 1), "shape 1/4"},
		{"seed_gap", 0.5, 2, 1 - poissonCDF(4, 8), "whole ms, mean 4"},
	} {
		got := gaps(arrivals(t, c.spec), rate, n)
		mean, cv := sample.Mean(got)*rate, sample.CV(got)
		if math.Abs(mean-1) > 4*c.cv/math.Sqrt(n)+1e-9 {
			t.Errorf("%s: mean %v of 1", c.spec, mean)
		}
		if math.Abs(cv-c.cv) > 0.02*c.cv+1e-6 {
			t.Errorf("%s: CV %v, want %v: %s", c.spec, cv, c.cv, c.why)
		}
		tail := beyond(got, rate, c.tailAt)
		if math.Abs(tail-c.tail) > 4*math.Sqrt(c.tail/n)+1e-9 {
			t.Errorf("%s: share beyond %v means %v, want %v: %s", c.spec, c.tailAt, tail, c.tail, c.why)
		}
	}
}

func poissonCDF(mean float64, k int) float64 {
	sum, term := 0.0, math.Exp(-mean)
	for i := 0; i <= k; i++ {
		sum += term
		term *= mean / float64(i+1)
	}
	return sum
}

// The release's gaps: 50,000 or more of each mean. Moments and the share of
// zero gaps must be those of our compatibility law.
func TestReleaseGaps(t *testing.T) {
	var golden struct {
		Gaps []struct {
			Asked float64 `json:"mean_asked_ms"`
			Mean  float64 `json:"mean"`
			CV    float64 `json:"cv"`
			Zero  float64 `json:"share_of_zero_gaps"`
		} `json:"arrival_gaps"`
	}
	data, err := os.ReadFile("testdata/loadgen.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &golden); err != nil || len(golden.Gaps) == 0 {
		t.Fatal(err, len(golden.Gaps))
	}
	for _, g := range golden.Gaps {
		got := gaps(arrivals(t, "seed_gap"), 1000/g.Asked, 200_000)
		for _, gap := range got {
			if ms := gap * 1000; math.Abs(ms-math.Round(ms)) > 1e-9 {
				t.Fatalf("mean %v ms: a gap of %v ms", g.Asked, ms)
			}
		}
		if mean := sample.Mean(got) * 1000; math.Abs(mean/g.Mean-1) > 0.01 {
			t.Errorf("mean %v ms: got %v, recorded %v", g.Asked, mean, g.Mean)
		}
		if cv := sample.CV(got); math.Abs(cv/g.CV-1) > 0.01 {
			t.Errorf("mean %v ms: CV %v, recorded %v", g.Asked, cv, g.CV)
		}
		if zero := 1 - beyond(got, 1, 0); math.Abs(zero-g.Zero) > 0.005 {
			t.Errorf("mean %v ms: share of zero gaps %v, recorded %v", g.Asked, zero, g.Zero)
		}
	}
}

// The index of dispersion of counts of a two-state MMPP over a long time, from
// Heffes and Lucantoni (1986), and its mean rate.
func TestMMPP(t *testing.T) {
	const peak, share, length, rate = 3.0, 0.2, 50.0, 100.0
	a := arrivals(t, "mmpp:3,0.2,50")
	quiet := (1 - peak*share) / (1 - share)
	leaveBurst, leaveQuiet := 1/length, share/(1-share)/length
	sum := leaveBurst + leaveQuiet
	want := 1 + 2*leaveBurst*leaveQuiet*(peak-quiet)*(peak-quiet)/(sum*sum*(peak*leaveQuiet+quiet*leaveBurst))

	const spell = 4000.0 // mean gaps, many bursts
	var counts []float64
	now, count := 0.0, 0.0
	for _, gap := range gaps(a, rate, 8_000_000) {
		for now += gap * rate; now > spell; now -= spell {
			counts, count = append(counts, count), 0
		}
		count++
	}
	mean := sample.Mean(counts)
	if math.Abs(mean/spell-1) > 0.01 {
		t.Errorf("mean rate is %v of what is asked", mean/spell)
	}
	if got := sample.Variance(counts) / mean; math.Abs(got/want-1) > 0.12 { // 2000 spells: 3 % standard error
		t.Errorf("index of dispersion %v, theory %v", got, want)
	}
}

// Arrivals per sixth of a period follow the sine.
func TestDiurnal(t *testing.T) {
	const rate, periods = 500.0, 40
	a := arrivals(t, "diurnal:1.5,20s")
	var counts [6]float64
	now, total := 0.0, 0.0
	for _, gap := range gaps(a, rate, int(rate*20*(periods+2))) {
		if now += gap; now >= 20*periods {
			break
		}
		counts[int(now/20*6)%6]++
		total++
	}
	if math.Abs(total/(rate*20*periods)-1) > 4/math.Sqrt(rate*20*periods) {
		t.Errorf("mean rate is %v of what is asked", total/(rate*20*periods))
	}
	for i, got := range counts {
		from, to := 2*math.Pi*float64(i)/6, 2*math.Pi*float64(i+1)/6
		want := rate * 20 * periods * (1.0/6 - 0.5*(math.Sin(to)-math.Sin(from))/(2*math.Pi))
		if math.Abs(got-want) > 4*math.Sqrt(want) {
			t.Errorf("sixth %d of the day: %v arrivals, want %v", i, got, want)
		}
	}
}

// At another rate the same queries come, closer together.
func TestCommonRandomNumbers(t *testing.T) {
	s := sizes(t, "production", load.DefaultMaxQuery)
	for _, spec := range []string{"poisson", "fixed", "gamma:2", "mmpp:3,0.2,50"} {
		slow := load.Draw(arrivals(t, spec), s, 100, 5000, 7)
		fast := load.Draw(arrivals(t, spec), s, 400, 5000, 7)
		for i := range slow {
			if slow[i].Size != fast[i].Size {
				t.Fatalf("%s: query %d has %d items, then %d", spec, i, slow[i].Size, fast[i].Size)
			}
			if d := slow[i].Arrival - 4*fast[i].Arrival; d < -3*time.Nanosecond || d > 3*time.Nanosecond {
				t.Fatalf("%s: query %d arrives at %v, then %v", spec, i, slow[i].Arrival, fast[i].Arrival)
			}
		}
	}
}

// The series does not depend on how many queries are asked for at a time.
func TestSourceInPieces(t *testing.T) {
	s := sizes(t, "production", load.DefaultMaxQuery)
	for _, spec := range []string{"poisson", "fixed", "gamma:2", "mmpp:3,0.2,50", "seed_gap", "diurnal:2,1h"} {
		whole := load.Draw(arrivals(t, spec), s, 100, 1000, 3)
		source := load.NewSource(arrivals(t, spec), s, 100, 3)
		for i, piece := 0, 1; i < len(whole); i, piece = i+piece, piece%97+1 {
			piece = min(piece, len(whole)-i)
			at, size := make([]int64, piece), make([]int32, piece)
			source.Next(at, size)
			for j := range at {
				if want := whole[i+j]; time.Duration(at[j]) != want.Arrival || int(size[j]) != want.Size {
					t.Fatalf("%s: query %d is (%d, %d), want %+v", spec, i+j, at[j], size[j], want)
				}
			}
		}
	}
}
