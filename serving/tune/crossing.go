package tune

import (
	"math"
	"time"
)

// crossing is the search for the lattice rate where a latency, rising with the
// rate, crosses the target: at lo it meets, at hi it misses. Nothing is known
// to meet while lo is nothing; hopeless is lo = nothing, hi = nothing+1, so
// that ends compare like numbers.
type crossing struct {
	*track
	latency func(Point) time.Duration // the tail, or one end of its interval
	lo, hi  int
	step    int // of the last gallop
	bets    int // since the bracket was last halved
}

// nothing is the index of a rate below every other: an idle system.
const nothing = math.MinInt32

// gallop is the first step, in relative rate, away from a rate that misses.
const gallop = 0.04

func (c *crossing) anyMet() bool   { return c.lo > nothing }
func (c *crossing) hopeless() bool { return c.hi == nothing+1 }

// enclosed reports whether there is nothing left to narrow.
func (c *crossing) enclosed(width int) bool {
	return c.hi-c.lo <= 1 || c.anyMet() && c.hi-c.lo <= width
}

// near reports whether a short simulation inside the bracket would hardly
// decide: it is narrow, or latency at both ends is close to the target.
func (c *crossing) near() bool {
	if !c.anyMet() {
		return false
	}
	limit := float64(c.limit())
	_, lo, okLo := c.inverse(c.lo)
	_, hi, okHi := c.inverse(c.hi)
	flat := okLo && okHi && lo*limit < Margin*Margin && hi*limit > 1/(Margin*Margin)
	return flat || c.hi-c.lo <= c.grid.steps(gallop)
}

// move puts one end of the bracket at k. A miss at the bottom leaves no hope.
func (c *crossing) move(k int, met bool) {
	width := c.hi - c.lo
	if met {
		c.lo = k
	} else {
		c.hi = k
		if k <= c.bottom && !c.anyMet() {
			c.hi = nothing + 1
		}
	}
	if c.hi-c.lo <= width/2 {
		c.bets = 0
	}
}

// next returns the rate to try next, strictly inside the bracket.
func (c *crossing) next(hint float64) int {
	k, ok := c.bet()
	switch {
	case ok && c.bets < 2: // bet that latency goes as predicted
		c.bets++
	case c.anyMet() && !c.open():
		k = c.lo + (c.hi-c.lo)/2
	case c.hi == c.top && !c.anyMet():
		k = c.start(hint)
	case c.bounded: // nothing met yet: would it, idle?
		k = c.bottom
	default: // one end is missing, and nothing says where: gallop that way
		c.step = max(2*c.step, c.grid.steps(gallop))
		k = c.lo + c.step
		if !c.anyMet() {
			k = c.hi - c.step
		}
	}
	return min(max(k, c.lo+1, c.bottom), c.hi-1)
}

// start returns where to begin. Without a hint that is at three quarters of
// the capacity, where the tail of most systems begins to bend.
func (c *crossing) start(hint float64) int {
	switch {
	case hint > 0:
		return c.grid.below(hint)
	case c.bounded:
		return c.top - c.grid.steps(1./3)
	}
	return c.grid.below(1)
}

// bet predicts the last rate that meets. Near saturation latency grows like
// 1/(capacity - rate), as in M/M/1, so that its inverse is a straight line in
// the rate: through both ends of the bracket, or through one end and zero at
// the capacity, it says where the target is crossed.
func (c *crossing) bet() (int, bool) {
	x0, y0, ok0 := c.inverse(c.lo)
	x1, y1, ok1 := c.inverse(c.hi)
	if !ok1 && c.hi == c.top && c.bounded {
		x1, y1, ok1 = c.grid.rate(c.top), 0, true
	} else if !ok0 && c.bounded {
		x0, y0, x1, y1, ok0 = x1, y1, c.grid.rate(c.top), 0, ok1
	}
	target := 1 / float64(c.limit())
	x := x0 + (x1-x0)*(y0-target)/(y0-y1)
	if !ok0 || !ok1 || !(y0 > y1) || !(x > 0) {
		return 0, false
	}
	return c.grid.below(x), true
}

// inverse returns a rate and one over the latency there, if it has one.
func (c *crossing) inverse(k int) (rate, y float64, ok bool) {
	seen, ok := c.seen[k]
	if !ok || !seen.point.Stable {
		return 0, 0, false
	}
	l := float64(c.latency(seen.point))
	return c.grid.rate(k), 1 / l, l > 0 && l < math.MaxInt64
}
