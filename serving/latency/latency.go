// Package latency says how long a request of a given batch size takes: a
// monotone curve through measured knots, a family of curves over the number of
// active cores, and the spread of service times around them.
//
// Its stance: a measured knot is returned exactly, everything else says
// whether it is interpolated or extrapolated, and past a stated limit there is
// an error naming the curve and its range, never a silent guess.
//
// Start reading at Curve, then Service, which is what a simulator draws from.
package latency

import (
	"fmt"
	"math"
	"time"
)

// Support says where a batch size stands relative to the knots of a curve.
const (
	AtKnot       = "measured"
	Interpolated = "interpolated"
	Extrapolated = "extrapolated"
)

// Knot is one point of a curve: the latency of a request of Batch items, and
// the range [Lo, Hi] it may lie in. Lo and Hi both zero mean that no range is
// known, and then the range is Latency alone.
type Knot struct {
	Batch           int
	Latency, Lo, Hi time.Duration
}

// withRange fills in a range that is not given.
func (k Knot) withRange() Knot {
	if k.Lo == 0 && k.Hi == 0 {
		k.Lo, k.Hi = k.Latency, k.Latency
	}
	return k
}

// check reports what is wrong with a knot that follows a batch size.
func (k Knot) check(after int) error {
	switch {
	case k.Batch < 1:
		return fmt.Errorf("batch %d is not at least 1", k.Batch)
	case k.Batch <= after:
		return fmt.Errorf("batch %d does not ascend after %d", k.Batch, after)
	case k.Latency <= 0:
		return fmt.Errorf("batch %d: latency %v is not positive", k.Batch, k.Latency)
	case k.Lo <= 0 || k.Lo > k.Latency || k.Latency > k.Hi:
		return fmt.Errorf("batch %d: latency %v is not in its range [%v, %v]", k.Batch, k.Latency, k.Lo, k.Hi)
	}
	return nil
}

// checkAll reports what is wrong with a list of knots, which must have at
// least two to have a slope.
func checkAll(knots []Knot) error {
	if len(knots) < 2 {
		return fmt.Errorf("%d knots, where 2 are needed", len(knots))
	}
	after := 0
	for _, k := range knots {
		if err := k.withRange().check(after); err != nil {
			return err
		}
		after = k.Batch
	}
	return nil
}

// loglog interpolates y at x on the line through two points in log-log space:
// y = y0 (x/x0)^slope.
func loglog(x, x0, y0, x1, y1 float64) float64 {
	return y0 * math.Pow(x/x0, slope(x0, y0, x1, y1))
}

func slope(x0, y0, x1, y1 float64) float64 { return math.Log(y1/y0) / math.Log(x1/x0) }

func round(ns float64) time.Duration { return time.Duration(math.Round(ns)) }
