package tune

// estimate is MaxQPS as far as known: where the inverse of the latency, a
// straight line in the rate as in M/M/1, crosses that of the target, between
// the ends of the bracket or else between one of them and the capacity.
func (t *track) estimate() float64 {
	ceiling := t.grid.rate(t.top)
	if t.hopeless() { // the closer to the target, the better
		b := t.bound()
		return ceiling * Floor * min(1, float64(t.limit())/float64(max(1, b.At.Tail)))
	}
	floor, roof := ceiling*Floor, t.grid.rate(t.hi)
	if t.anyMet() {
		floor = t.grid.rate(t.lo)
	}
	x0, y0, ok0 := t.inverse(t.lo)
	x1, y1, ok1 := t.inverse(t.hi)
	target := 1 / float64(t.limit())
	switch {
	case !ok0 && !ok1:
		return max(floor, roof*0.97)
	case !ok1: // it has no queue that lasts at this rate
		x1, y1 = roof, 0
	case !ok0:
		x0, y0, x1, y1 = x1, y1, ceiling, 0
	}
	if !(y0 > y1) {
		return floor
	}
	return min(max(floor, x0+(x1-x0)*(y0-target)/(y0-y1)), roof)
}

// noise is how rough the estimate is.
func (t *track) noise() float64 {
	for _, k := range []int{t.lo, t.hi} {
		if seen, ok := t.seen[k]; ok && !seen.full {
			return rough
		}
	}
	return exact
}
