package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// poisson arrivals are memoryless: exponential gaps, of CV 1, never clipped.
type poisson struct{}

func (poisson) Name() string { return "poisson" }

func (poisson) Gaps(rng *rand.Rand, rateQPS float64) func([]float64) {
	mean := 1 / rateQPS
	return func(dst []float64) {
		for i := range dst {
			dst[i] = rng.ExpFloat64() * mean
		}
	}
}

// fixed arrivals are a clock.
type fixed struct{}

func (fixed) Name() string { return "fixed" }

func (fixed) Gaps(_ *rand.Rand, rateQPS float64) func([]float64) {
	return func(dst []float64) {
		for i := range dst {
			dst[i] = 1 / rateQPS
		}
	}
}

// gamma arrivals are a renewal process of gaps with a given CV: below 1 more
// regular than Poisson, above 1 burstier.
type gamma struct{ cv float64 }

func (g gamma) Name() string { return fmt.Sprintf("gamma:%v", g.cv) }

func (g gamma) Gaps(rng *rand.Rand, rateQPS float64) func([]float64) {
	shape := 1 / (g.cv * g.cv)
	law := distuv.Gamma{Alpha: shape, Beta: shape * rateQPS, Src: rng}
	return func(dst []float64) {
		for i := range dst {
			dst[i] = law.Rand()
		}
	}
}

// mmpp arrivals are a Markov-modulated Poisson process of two states: bursts
// at peak times the mean rate, taking a share of time, lasting length mean
// gaps on average, and quiet spells at whatever rate makes up the mean.
// Time is counted in mean gaps, so the pattern is the same at any rate.
type mmpp struct{ peak, share, length float64 }

func (m mmpp) Name() string { return fmt.Sprintf("mmpp:%v,%v,%v", m.peak, m.share, m.length) }

// rates returns arrivals and ends per mean gap, in quiet spells and bursts.
func (m mmpp) rates() (arrive, end [2]float64) {
	quiet := (1 - m.peak*m.share) / (1 - m.share)
	return [2]float64{max(quiet, 0), m.peak}, [2]float64{m.share / (1 - m.share) / m.length, 1 / m.length}
}

func (m mmpp) Gaps(rng *rand.Rand, rateQPS float64) func([]float64) {
	arrive, end := m.rates()
	state := 0
	if rng.Float64() < m.share {
		state = 1
	}
	return func(dst []float64) {
		for i := range dst {
			gap := 0.0
			for { // the next event, an arrival or the end of the state
				total := arrive[state] + end[state]
				gap += rng.ExpFloat64() / total
				if rng.Float64()*total < arrive[state] {
					break
				}
				state = 1 - state
			}
			dst[i] = gap / rateQPS
		}
	}
}

// seedGap is the generator of the DeepRecSys release: gaps of whole
// milliseconds drawn from a Poisson law. Its CV is 1/sqrt(mean in ms) instead
// of 1, so its tails look too good. Gaps are drawn per rate, not scaled.
type seedGap struct{}

func (seedGap) Name() string { return "seed_gap" }

func (seedGap) Gaps(rng *rand.Rand, rateQPS float64) func([]float64) {
	law := distuv.Poisson{Lambda: 1000 / rateQPS, Src: rng}
	return func(dst []float64) {
		for i := range dst {
			dst[i] = law.Rand() / 1000
		}
	}
}

// diurnal arrivals follow a sine over a period: Poisson with the rate
// rateQPS * (1 - (peak-1) cos(2 pi t/period)), from the trough at t = 0, drawn
// by thinning a process at the peak rate. The mean is rateQPS over whole
// periods only.
type diurnal struct {
	peak   float64 // over the mean, in [1, 2]
	period time.Duration
}

func (d diurnal) Name() string { return fmt.Sprintf("diurnal:%v,%v", d.peak, d.period) }

func (d diurnal) Gaps(rng *rand.Rand, rateQPS float64) func([]float64) {
	swing, turn := d.peak-1, 2*math.Pi/d.period.Seconds()
	now := 0.0
	return func(dst []float64) {
		for i := range dst {
			before := now
			for {
				now += rng.ExpFloat64() / (rateQPS * d.peak)
				if rng.Float64()*d.peak < 1-swing*math.Cos(turn*now) {
					break
				}
			}
			dst[i] = now - before
		}
	}
}
