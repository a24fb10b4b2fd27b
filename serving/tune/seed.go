package tune

import (
	"math"

	"runexp/internal/sample"
)

// SeedScheduler is the scheduler of the original release as a state machine:
// one Update per tail latency that its load generator reports, one new gap and
// configuration out. It is kept to compare with, faults included.
//
// Rates are mean gaps between queries in ms, so smaller is better, on a grid of
// gaps evenly spaced in the logarithm. Each update moves one place on the grid:
// to a longer gap if the latency is above the target, to a shorter one if it is
// below target/(1+StableRegion), exclusive, else nowhere. After Timeout+1
// updates the median of the last len(Grid) gaps is booked for the
// configuration, and the next one starts again from StartGap. It stops at the
// first configuration whose booked gap is strictly longer than that of the one
// before, which it then takes; out of configurations, it takes the smallest
// gap, the first of equals.
//
// A configuration is put to work only when the one before has been booked, so
// the first of the list is booked for whatever was set before the search: in
// the accelerator's search that is the threshold 1024, above any query.
type SeedScheduler struct {
	p     SeedParams
	climb seedClimb
	at    int       // place on the grid
	tried []float64 // gaps tried in this configuration
	out   SeedOutput
}

// SeedParams are the release's command-line options, its names in brackets.
type SeedParams struct {
	Grid         []float64 // gaps in ms, ascending (min_arr_range, max_arr_range, arr_steps)
	StartGap     float64   // ms (avg_arrival_rate)
	Target       float64   // p95 target in ms (target_latency)
	StableRegion float64   // (stable_region)
	Timeout      int       // updates per configuration, less one (sched_timeout)
	Configs      []int     // batch sizes or thresholds, in order (batch_configs, accel_configs)
	Initial      int       // what is set before the search
}

// SeedOutput is what the scheduler asks for: a mean gap in ms and a
// configuration. Tuning is false when it has settled on both.
type SeedOutput struct {
	Gap    float64
	Config int
	Tuning bool
}

// SeedGrid returns the release's grid of gaps.
func SeedGrid(minGap, maxGap float64, steps int) []float64 {
	grid := make([]float64, steps)
	lo, hi := math.Log10(minGap), math.Log10(maxGap)
	for i := range grid {
		grid[i] = math.Pow(10, lo+float64(i)*(hi-lo)/float64(max(1, steps-1)))
	}
	return grid
}

// NewSeedScheduler returns a scheduler before its first update.
func NewSeedScheduler(p SeedParams) *SeedScheduler {
	s := &SeedScheduler{p: p, climb: seedClimb{configs: p.Configs}}
	s.at = s.nearest()
	s.out = SeedOutput{Gap: p.StartGap, Config: p.Initial, Tuning: true}
	return s
}

// nearest returns the place on the grid nearest to StartGap, the first of equals.
func (s *SeedScheduler) nearest() int {
	best := 0
	for i, g := range s.p.Grid {
		if math.Abs(g-s.p.StartGap) < math.Abs(s.p.Grid[best]-s.p.StartGap) {
			best = i
		}
	}
	return best
}

// Update takes the tail latency in ms that was seen at the last output. Once
// settled, the output does not change.
func (s *SeedScheduler) Update(latency float64) SeedOutput {
	if !s.out.Tuning {
		return s.out
	}
	s.walk(latency)
	if len(s.tried) > s.p.Timeout {
		s.book()
	}
	return s.out
}

// walk moves one place on the grid.
func (s *SeedScheduler) walk(latency float64) {
	switch {
	case latency > s.p.Target:
		s.at = min(s.at+1, len(s.p.Grid)-1)
	case latency < s.p.Target/(1+s.p.StableRegion):
		s.at = max(s.at-1, 0)
	}
	s.out.Gap = s.p.Grid[s.at]
	s.tried = append(s.tried, s.out.Gap)
}

// book closes a configuration.
func (s *SeedScheduler) book() {
	window := s.tried[max(0, len(s.tried)-len(s.p.Grid)):]
	chosen, done := s.climb.book(sample.Median(window))
	if done {
		s.out = SeedOutput{Gap: s.climb.gaps[chosen], Config: s.p.Configs[chosen]}
		return
	}
	s.tried, s.at = nil, s.nearest()
	s.out.Gap, s.out.Config = s.p.StartGap, s.p.Configs[chosen]
}

// seedClimb is the release's walk through a list of configurations.
type seedClimb struct {
	configs []int
	gaps    []float64 // booked so far
}

// book adds the gap of the current configuration. It returns the index of the
// configuration to try next, or, when done, of the one to keep.
func (c *seedClimb) book(gap float64) (index int, done bool) {
	c.gaps = append(c.gaps, gap)
	n := len(c.gaps)
	if n >= 2 && c.gaps[n-1] > c.gaps[n-2] {
		return n - 2, true
	}
	if n < len(c.configs) {
		return n, false
	}
	best := 0
	for i, g := range c.gaps {
		if g < c.gaps[best] {
			best = i
		}
	}
	return best, true
}
