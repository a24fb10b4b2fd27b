package latency

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Curve is a monotone function from batch size to latency: straight lines
// between its knots in log-log space, and level before the first knot (by
// monotonicity an upper bound). Past the last knot, up to Limit, the last line
// goes on, but no steeper than in proportion to the batch: every item is the
// same work, and a steep line through two close knots is noise.
type Curve struct {
	name   string
	knots  []Knot
	limit  int
	pooled []int // batches whose latency had to move to make the curve monotone
}

// NewCurve builds a curve called name through knots of ascending batch, usable
// from batch 1 up to maxBatch, which is at least the last knot.
//
// Where a sample is faster than one of a smaller batch, the two are noise
// around one value: such runs of knots are replaced by their geometric mean
// (isotonic regression in log latency, by pooling adjacent violators). Pooled
// says which; all other knots are returned exactly as given.
func NewCurve(name string, knots []Knot, maxBatch int) (*Curve, error) {
	if err := checkAll(knots); err != nil {
		return nil, fmt.Errorf("curve %s: %w", name, err)
	}
	if last := knots[len(knots)-1].Batch; maxBatch < last {
		return nil, fmt.Errorf("curve %s: limit %d is below the last knot, %d", name, maxBatch, last)
	}
	c := &Curve{name: name, knots: slices.Clone(knots), limit: maxBatch}
	for i := range c.knots {
		c.knots[i] = c.knots[i].withRange()
	}
	c.pooled = pool(c.knots)
	return c, nil
}

// pool makes latencies non-decreasing and returns the batches that it moved.
func pool(knots []Knot) (moved []int) {
	type block struct {
		sum  float64 // of log latencies
		size int
	}
	mean := func(b block) float64 { return b.sum / float64(b.size) }
	var blocks []block
	for _, k := range knots {
		blocks = append(blocks, block{math.Log(float64(k.Latency)), 1})
		for n := len(blocks); n > 1 && mean(blocks[n-2]) > mean(blocks[n-1]); n-- {
			blocks[n-2].sum += blocks[n-1].sum
			blocks[n-2].size += blocks[n-1].size
			blocks = blocks[:n-1]
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.size {
			if b.size > 1 {
				moved = append(moved, knots[i].Batch)
				knots[i].move(round(math.Exp(mean(b))))
			}
			i++
		}
	}
	return moved
}

// move changes the latency of a knot and widens its range to hold it.
func (k *Knot) move(to time.Duration) {
	k.Latency, k.Lo, k.Hi = to, min(k.Lo, to), max(k.Hi, to)
}

// Name returns what the curve describes.
func (c *Curve) Name() string { return c.name }

// Limit returns the largest batch size that the curve answers for.
func (c *Curve) Limit() int { return c.limit }

// Knots returns the knots, made monotone.
func (c *Curve) Knots() []Knot { return slices.Clone(c.knots) }

// Pooled returns the batches of the knots that had to move, ascending: a
// reason for a warning.
func (c *Curve) Pooled() []int { return slices.Clone(c.pooled) }

// At returns the latency of a batch and its support. A batch outside [1,
// Limit] is an error naming the curve, the batch and the range.
func (c *Curve) At(batch int) (time.Duration, string, error) {
	if err := c.check(batch); err != nil {
		return 0, "", err
	}
	at, support := c.read(batch, latencyOf)
	return at, support, nil
}

// Bound returns the range in which the latency of a batch may lie: the ranges
// of the knots, read in the same way as their latencies.
func (c *Curve) Bound(batch int) (lo, hi time.Duration, err error) {
	if err := c.check(batch); err != nil {
		return 0, 0, err
	}
	at, _ := c.read(batch, latencyOf)
	lo, _ = c.read(batch, loOf)
	hi, _ = c.read(batch, hiOf)
	return min(lo, at), max(hi, at), nil
}

func (c *Curve) check(batch int) error {
	if batch < 1 || batch > c.limit {
		return fmt.Errorf("curve %s: batch %d is outside [1, %d]", c.name, batch, c.limit)
	}
	return nil
}

func latencyOf(k Knot) float64 { return float64(k.Latency) }
func loOf(k Knot) float64      { return float64(k.Lo) }
func hiOf(k Knot) float64      { return float64(k.Hi) }

// read evaluates one of the three lines of the curve.
func (c *Curve) read(batch int, of func(Knot) float64) (time.Duration, string) {
	next, exact := slices.BinarySearchFunc(c.knots, batch, func(k Knot, b int) int { return k.Batch - b })
	switch {
	case exact:
		return time.Duration(of(c.knots[next])), AtKnot
	case next == 0:
		return time.Duration(of(c.knots[0])), Extrapolated
	case next == len(c.knots):
		a, b := c.knots[next-2], c.knots[next-1]
		power := min(1, slope(float64(a.Batch), of(a), float64(b.Batch), of(b)))
		return round(of(b) * math.Pow(float64(batch)/float64(b.Batch), power)), Extrapolated
	}
	a, b := c.knots[next-1], c.knots[next]
	return round(loglog(float64(batch), float64(a.Batch), of(a), float64(b.Batch), of(b))), Interpolated
}

// HoldOut returns, for each knot, |predicted/measured - 1| where the
// prediction comes from the curve through the other knots. It is NaN for the
// first and the last knot, whose prediction would be an extrapolation, and for
// all of them where the knots do not make a curve.
func HoldOut(knots []Knot) []float64 {
	errs := make([]float64, len(knots))
	for i := range errs {
		errs[i] = math.NaN()
	}
	for i := 1; i < len(knots)-1; i++ {
		others := slices.Delete(slices.Clone(knots), i, i+1)
		c, err := NewCurve("hold-out", others, others[len(others)-1].Batch)
		if err != nil {
			continue
		}
		if at, _, err := c.At(knots[i].Batch); err == nil {
			errs[i] = math.Abs(float64(at)/float64(knots[i].Latency) - 1)
		}
	}
	return errs
}
