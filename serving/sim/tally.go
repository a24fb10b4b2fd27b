package sim

import "runexp/internal/sample"

// exactQueries is the largest window whose quantiles are exact: 8 MB of
// latencies. Longer ones are counted in a histogram, with quantiles within
// 0.05 %, so that memory is bounded however many queries there are.
const exactQueries = 1 << 20

// finePrecision gives quantiles within 0.05 %. coarsePrecision, within 0.8 %,
// is enough to say which queries are in the tail.
const (
	finePrecision   = 10
	coarsePrecision = 6
)

// tally collects latencies in ns, in order of arrival.
type tally interface {
	add(ns int64)
	skip() // one that has no latency
	// estimates returns quantiles with their 95 % intervals.
	estimates(qs ...float64) []sample.Estimate
	largest() int64
}

func newTally(queries int) tally {
	if queries <= exactQueries {
		return &exact{all: make([]int64, 0, queries)}
	}
	c := &counted{queries: int64(queries), all: sample.NewHistogram(finePrecision)}
	for i := range c.batches {
		c.batches[i] = sample.NewHistogram(coarsePrecision)
	}
	return c
}

// exact keeps every latency.
type exact struct {
	all  []int64
	most int64
}

func (e *exact) add(ns int64) {
	e.all = append(e.all, ns)
	e.most = max(e.most, ns)
}

func (e *exact) skip() {}

func (e *exact) estimates(qs ...float64) []sample.Estimate {
	return sample.Estimates(e.all, confidence, qs...)
}

func (e *exact) largest() int64 { return e.most }

// counted keeps a histogram of all latencies and one of each batch of the
// window, from which it makes intervals as sample.Estimates does.
type counted struct {
	queries int64 // that will come
	seen    int64
	all     *sample.Histogram
	batches [sample.Batches]*sample.Histogram
}

func (c *counted) add(ns int64) {
	c.batches[c.seen*sample.Batches/c.queries].Add(ns)
	c.all.Add(ns)
	c.seen++
}

func (c *counted) skip() { c.seen++ }

func (c *counted) estimates(qs ...float64) []sample.Estimate {
	estimates := make([]sample.Estimate, len(qs))
	for i, q := range qs {
		value := c.all.Quantile(q)
		shares := make([]float64, len(c.batches))
		for j, batch := range c.batches {
			shares[j] = batch.Above(int64(value))
		}
		lo, hi := sample.Ranks(shares, q, confidence)
		estimates[i] = sample.Estimate{Value: value, Interval: sample.Between(lo, hi, c.all.Quantile)}
	}
	return estimates
}

func (c *counted) largest() int64 { return c.all.Max() }

// tail collects what queries of each latency waited for.
type tail struct {
	cells []tailCell // by sample.Bucket of coarsePrecision
	n     int64
}

type tailCell struct{ n, latency, queue, straggle, accel int64 }

func newTail() *tail {
	return &tail{cells: make([]tailCell, sample.Bucket(1<<63-1, coarsePrecision)+1)}
}

func (t *tail) add(q *Query) {
	c := &t.cells[sample.Bucket(int64(q.Latency()), coarsePrecision)]
	t.n++
	c.n++
	c.latency += int64(q.Latency())
	if wait := int64(q.Start - q.Arrival); q.Offloaded {
		c.accel += wait
	} else {
		c.queue += wait
		c.straggle += int64(q.Straggle)
	}
}

// shares returns what the slowest share of queries spent their latency on.
// The cell at the edge of the tail counts in proportion.
func (t *tail) shares(slowest float64) (queue, straggle, accel float64) {
	left := slowest * float64(t.n)
	var latency float64
	for i := len(t.cells) - 1; i >= 0 && left > 0; i-- {
		c := &t.cells[i]
		if c.n == 0 {
			continue
		}
		part := min(1, left/float64(c.n))
		left -= float64(c.n)
		latency += part * float64(c.latency)
		queue += part * float64(c.queue)
		straggle += part * float64(c.straggle)
		accel += part * float64(c.accel)
	}
	if latency == 0 {
		return 0, 0, 0
	}
	return queue / latency, straggle / latency, accel / latency
}
