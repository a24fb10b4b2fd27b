package live

import (
	"sync/atomic"
	"time"
)

// request is a slice of a query for one core.
type request struct {
	query int32
	batch int32
}

// queue is the FIFO between generator and engines. All requests of the probe
// are in it from the start, in order of arrival; those below sent have arrived,
// those below taken are being served or done. So a hand-over is one counter
// going up, and nothing is allocated or locked.
type queue struct {
	requests []request
	_        [64]byte // each counter on a cache line of its own: one is written by
	sent     atomic.Int64
	_        [64]byte // the generator, the other by engines
	taken    atomic.Int64
	_        [64]byte
	asleep   atomic.Int64  // engines that wait to be woken
	wake     chan struct{} // one token per engine to wake
	stop     atomic.Bool   // out of time
}

func newQueue(requests []request, engines int) *queue {
	return &queue{requests: requests, wake: make(chan struct{}, engines)}
}

// send lets the first n requests arrive, and wakes an engine for each new one
// as far as any sleeps.
func (q *queue) send(n int64) {
	fresh := n - q.sent.Swap(n)
	for range min(fresh, q.asleep.Load()) {
		select {
		case q.wake <- struct{}{}:
		default: // as many tokens as engines are under way
		}
	}
}

// take returns the next request, waiting for it, or false when there will be
// none.
func (q *queue) take(spin bool) (int, bool) {
	for {
		i := q.taken.Load()
		switch {
		case i == int64(len(q.requests)) || q.stop.Load():
			return 0, false
		case i < q.sent.Load():
			if q.taken.CompareAndSwap(i, i+1) {
				return int(i), true
			}
		case !spin:
			q.sleep()
		}
	}
}

// sleep waits for a token, unless something arrived meanwhile.
func (q *queue) sleep() {
	q.asleep.Add(1)
	if q.taken.Load() >= q.sent.Load() && !q.stop.Load() {
		<-q.wake
	}
	q.asleep.Add(-1)
}

// finish wakes all engines once more, so that none sleeps past the end.
func (q *queue) finish(engines int) {
	for range engines {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
}

// span is when a request was served, by the clock of the probe.
type span struct {
	request    int
	start, end time.Duration
}
