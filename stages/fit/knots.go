package fit

import (
	"fmt"
	"math"
	"slices"
	"time"

	"runexp/serving/latency"
	"runexp/stages/record"
)

// series is the knots of one curve, ascending in batch.
type series struct {
	model, platform, engine string
	workers                 int
	knots                   []knot
}

// knot is what is known about one batch size.
type knot struct {
	batch int
	estimate
	cv     float64
	source string
	// factor is what its source's time was multiplied by to meet a better
	// source; 0 where it stands as it came.
	factor float64
}

// isScaled reports whether the knot is not what its source says. Of a roofline
// knot nobody expects that: it is modelled either way.
func (k knot) isScaled() bool { return k.factor != 0 && k.source != record.Roofline }

// support is that of a row at the knot.
func (k knot) support() string {
	if k.isScaled() {
		return record.Extrapolated
	}
	return record.AtKnot
}

func (s series) name() string {
	return fmt.Sprintf("%s on %s, %s, %d active", s.model, s.platform, s.engine, s.workers)
}

// delay adds a fixed time to every knot.
func (s series) delay(ns float64) {
	for i := range s.knots {
		e := &s.knots[i].estimate
		e.ns, e.lo, e.hi = e.ns+ns, e.lo+ns, e.hi+ns
	}
}

// rows makes the series a monotone curve and writes it down: its knots, the
// last batch that it reaches, and batch 1 where no knot stands there; for the
// old release's method also points between the knots, close enough that
// straight lines in log-log follow it. It returns the batches whose latency had
// to move to make the curve monotone.
func (s series) rows(method string, extrapolate float64) ([]record.LatencyCurve, []int, error) {
	last := s.knots[len(s.knots)-1].batch
	limit := int(float64(last) * extrapolate)
	knots := make([]latency.Knot, len(s.knots))
	for i, k := range s.knots {
		at := nanoseconds(k.ns)
		knots[i] = latency.Knot{Batch: k.batch, Latency: at, Lo: min(nanoseconds(k.lo), at), Hi: max(nanoseconds(k.hi), at)}
	}
	curve, err := latency.NewCurve(s.name(), knots, limit)
	if err != nil {
		return nil, nil, err
	}
	var rows []record.LatencyCurve
	if method == Log4Linear {
		rows, err = s.log4Rows(curve)
	} else {
		rows, err = s.loglogRows(curve)
	}
	return rows, curve.Pooled(), err
}

// loglogRows are the knots and the ends.
func (s series) loglogRows(c *latency.Curve) ([]record.LatencyCurve, error) {
	knots := c.Knots()
	holdout := latency.HoldOut(knots)
	var rows []record.LatencyCurve
	if knots[0].Batch > 1 {
		first, err := s.point(c, 1)
		if err != nil {
			return nil, err
		}
		// A batch of one takes no longer than the first knot and, its fixed
		// cost being at least nothing, no less than its share of it.
		first.LoNS = max(1, first.LoNS/int64(knots[0].Batch))
		rows = append(rows, first)
	}
	for i, k := range knots {
		r := s.row(k.Batch, k.Latency, k.Lo, k.Hi, s.knots[i].support(), s.knots[i])
		if !math.IsNaN(holdout[i]) {
			r.HoldoutError = &holdout[i]
		}
		rows = append(rows, r)
	}
	if c.Limit() > knots[len(knots)-1].Batch {
		end, err := s.point(c, c.Limit())
		if err != nil {
			return nil, err
		}
		rows = append(rows, end)
	}
	return rows, nil
}

// point reads the curve at one batch.
func (s series) point(c *latency.Curve, batch int) (record.LatencyCurve, error) {
	at, support, err := c.At(batch)
	if err != nil {
		return record.LatencyCurve{}, err
	}
	lo, hi, err := c.Bound(batch)
	if err != nil {
		return record.LatencyCurve{}, err
	}
	return s.row(batch, at, lo, hi, support, s.nearest(batch)), nil
}

// nearest is the knot that a batch outside the knots leans on.
func (s series) nearest(batch int) knot {
	i := slices.IndexFunc(s.knots, func(k knot) bool { return k.batch >= batch })
	if i < 0 {
		i = len(s.knots) - 1
	}
	return s.knots[i]
}

func (s series) row(batch int, at, lo, hi time.Duration, support string, like knot) record.LatencyCurve {
	return record.LatencyCurve{
		Model: s.model, Platform: s.platform, Engine: s.engine, Workers: int32(s.workers), BatchSize: int32(batch),
		LatencyNS: at.Nanoseconds(), LoNS: lo.Nanoseconds(), HiNS: hi.Nanoseconds(),
		CV: like.cv, Source: like.source, Support: support,
	}
}

// log4Step is the ratio of neighbouring batches between knots: a straight line
// in log-log leaves one in log4-linear by less than log(1.02)^2/8 = 5e-5.
const log4Step = 1.02

// log4Rows follows the predictor of the old release through its six points.
func (s series) log4Rows(c *latency.Curve) ([]record.LatencyCurve, error) {
	var at, lo, hi []float64 // ms at 4^0, 4^1, ...
	for batch := 1; batch <= min(c.Limit(), 1024); batch *= 4 {
		l, _, err := c.At(batch)
		if err != nil {
			return nil, err
		}
		below, above, err := c.Bound(batch)
		if err != nil {
			return nil, err
		}
		at, lo, hi = append(at, ms(l)), append(lo, ms(below)), append(hi, ms(above))
	}
	value, err := latency.NewLog4Linear(at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name(), err)
	}
	least, err := latency.NewLog4Linear(lo)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name(), err)
	}
	most, err := latency.NewLog4Linear(hi)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name(), err)
	}
	var rows []record.LatencyCurve
	for batch := 1; ; {
		support := record.Interpolated
		switch i, isKnot := slices.BinarySearchFunc(s.knots, batch, func(k knot, b int) int { return k.batch - b }); {
		case isKnot:
			support = s.knots[i].support()
		case batch < s.knots[0].batch || batch > s.knots[len(s.knots)-1].batch:
			support = record.Extrapolated
		}
		rows = append(rows, s.row(batch, fromMS(value.At(batch)), fromMS(least.At(batch)), fromMS(most.At(batch)), support, s.nearest(batch)))
		if batch == c.Limit() {
			return rows, nil
		}
		next := min(max(batch+1, int(float64(batch)*log4Step)), c.Limit())
		for _, k := range s.knots { // never step over a knot
			if k.batch > batch {
				next = min(next, k.batch)
				break
			}
		}
		batch = next
	}
}

func ms(d time.Duration) float64     { return float64(d) / float64(time.Millisecond) }
func fromMS(v float64) time.Duration { return nanoseconds(v * float64(time.Millisecond)) }
func nanoseconds(v float64) time.Duration {
	return time.Duration(max(1, math.Round(v)))
}
