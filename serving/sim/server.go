package sim

import (
	"math/rand/v2"
	"time"

	"runexp/serving/latency"
	"runexp/serving/policy"
)

// device is a bank of identical cores or accelerators behind one FIFO queue.
type device struct {
	service *latency.Service
	count   int        // that take requests
	present int        // that there are
	rng     *rand.Rand // of service times
	work    int64      // ns of service given out so far

	// With a service time that ignores other cores, free holds for each core
	// when it comes free, and row the times by batch size unless they are
	// random. Otherwise busy holds when each core that has work ends it: its
	// length is the number of active ones.
	free times
	row  []int64
	busy times
	last int64 // start of the request before

	// Where all requests take equally long, cores come free in the order in which
	// they were taken: free is a ring and next the oldest entry, with no heap to
	// keep.
	ring bool
	next int
}

func newDevice(s *latency.Service, count, present int, rng *rand.Rand) device {
	d := device{service: s, count: count, present: present, rng: rng}
	switch {
	case count == 0:
	case s.Colocated():
		d.busy = make(times, 0, count)
	default:
		d.free = make(times, count)
		d.row = s.Row()
		d.ring = equal(d.row)
	}
	return d
}

// equal reports whether a row, which starts at batch 1, has one value only.
func equal(row []int64) bool {
	for i := 2; i < len(row); i++ {
		if row[i] != row[1] {
			return false
		}
	}
	return row != nil
}

// earliest returns when a request that comes now would start.
func (d *device) earliest(now int64) int64 {
	switch {
	case d.ring:
		return max(now, d.free[d.next])
	case d.busy == nil:
		return max(now, d.free[0])
	}
	start := max(now, d.last) // first come, first served
	if d.busy.dropUntil(start); len(d.busy) == d.count {
		return d.busy[0]
	}
	return start
}

// take gives the next request in the queue to the first core to come free.
// Requests come in order of arrival.
func (d *device) take(arrival int64, batch int) (start, end int64) {
	if d.busy != nil {
		return d.takeColocated(arrival, batch)
	}
	if d.ring {
		return d.takeRing(arrival)
	}
	start = max(arrival, d.free[0])
	var service int64
	if d.row != nil {
		service = d.row[min(batch, len(d.row)-1)]
	} else {
		service = d.service.Draw(d.rng, 1, batch)
	}
	d.free.replaceMin(start + service)
	d.work += service
	return start, start + service
}

func (d *device) takeRing(arrival int64) (start, end int64) {
	service := d.row[1]
	start = max(arrival, d.free[d.next])
	d.free[d.next] = start + service
	if d.next++; d.next == d.count {
		d.next = 0
	}
	d.work += service
	return start, start + service
}

func (d *device) takeColocated(arrival int64, batch int) (start, end int64) {
	start = d.earliest(arrival)
	d.busy.dropUntil(start)
	d.last = start
	service := d.service.Draw(d.rng, len(d.busy)+1, batch)
	d.busy.push(start + service)
	d.work += service
	return start, start + service
}

// backlog returns the work still to be done at a time not before the last
// arrival. All requests queued by then have arrived, so each core works
// without a pause until it comes free.
func (d *device) backlog(now int64) int64 {
	var sum int64
	for _, at := range d.free {
		sum += max(0, at-now)
	}
	for _, at := range d.busy {
		sum += max(0, at-now)
	}
	return sum
}

// server is one node at work.
type server struct {
	cores, accels device
	policy        policy.Policy
	doors         [kinds]*door  // nil where all queries are let in
	observe       func(Request) // nil unless asked for
}

// offloads reports whether a query goes to an accelerator.
func (s *server) offloads(size int) bool { return s.accels.count > 0 && s.policy.Offloads(size) }

// sheds turns a query away if its queue is not open to it.
func (s *server) sheds(q *Query, at int64) bool {
	kind, device := onCores, &s.cores
	if s.offloads(int(q.Size)) {
		kind, device = onAccels, &s.accels
	}
	door := s.doors[kind]
	q.Shed = !door.admits(int64(q.Arrival), at, device.earliest(at))
	if q.Shed && door.Wait > 0 { // its patience began with its arrival
		at = int64(q.Arrival)
	}
	if q.Shed {
		q.turnAway(at, door.Admission)
	}
	return q.Shed
}

// serve runs a query, given its arrival, size and node, to its end. It comes to
// this server at a time that is its arrival unless it had to be sent again.
func (s *server) serve(q *Query, at int64) {
	arrival, size := int64(q.Arrival), int(q.Size)
	if s.doors[onCores] != nil && s.sheds(q, at) {
		return
	}
	if s.offloads(size) {
		start, end := s.accels.take(at, size)
		if s.observe != nil {
			s.observe(Request{q.Arrival, time.Duration(start), time.Duration(end), q.Size, q.Node, true, true})
		}
		q.Start, q.Done = time.Duration(start), time.Duration(end)
		q.Wait, q.Service, q.Straggle = q.Start-q.Arrival, q.Done-q.Start, 0
		q.Requests, q.Offloaded = 1, true
		return
	}
	var first, wait, service, last, second int64
	requests := s.policy.Requests(size)
	for left, n := size, requests; n > 0; n-- {
		batch := s.policy.Part(left, n)
		left -= batch
		start, end := s.cores.take(at, batch)
		if s.observe != nil {
			s.observe(Request{q.Arrival, time.Duration(start), time.Duration(end), int32(batch), q.Node, false, n == requests})
		}
		if n == requests {
			first = start
		}
		wait += start - arrival
		service += end - start
		second = max(second, min(last, end))
		last = max(last, end)
	}
	if requests == 1 {
		second = last
	}
	q.Start, q.Done = time.Duration(first), time.Duration(last)
	q.Wait, q.Service, q.Straggle = time.Duration(wait), time.Duration(service), time.Duration(last-second)
	q.Requests, q.Offloaded = int32(requests), false
}
