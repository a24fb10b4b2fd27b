package sim

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// defers reports whether the end of a query may not be known when it arrives:
// a failure may cut it short, or it waits for others to share a batch.
func (c *Config) defers() bool {
	return len(c.Failures) > 0 || slices.ContainsFunc(c.Nodes, func(n Node) bool { return n.AccelBatch.MaxItems > 0 })
}

// later is a trial in which what was planned may change. It holds queries back
// until their end is final and gives them out in order of arrival. Arrivals go
// on past the last query that counts, so that it meets the same load as others.
type later struct {
	*trial
	router   *watchful
	batchers []batcher // by node
	events   []event   // ascending
	waiting  []int64   // queries that no node is there for

	held  []held
	first int64 // number of the query at held[0]
	next  int   // of the drawn arrivals
}

// held is a query under way.
type held struct {
	Query
	planned bool // its end is known, unless its node fails first
}

// event is a node going down or coming back.
type event struct {
	at   int64
	node int
	down bool
}

// order puts the end of an outage before a failure at the same time.
func (e event) order() int {
	if e.down {
		return 1
	}
	return 0
}

func newLater(t *trial) *later {
	l := &later{trial: t, router: newWatchful(t), next: blockQueries}
	for i, n := range t.config.Nodes {
		l.batchers = append(l.batchers, batcher{device: &t.servers[i].accels, limits: n.AccelBatch, admission: t.config.Admission})
	}
	for _, f := range t.config.Failures {
		l.events = append(l.events, event{int64(f.At), f.Node, true}, event{int64(f.At + f.For), f.Node, false})
	}
	slices.SortFunc(l.events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.node, b.node), cmp.Compare(a.order(), b.order()))
	})
	return l
}

// serve gives out the next queries whose end is final.
func (l *later) serve(block []Query) {
	n := 0
	for n < len(block) {
		give := 0
		for give < len(l.held) && n+give < len(block) && l.final(&l.held[give]) {
			block[n+give] = l.held[give].Query
			give++
		}
		n += give
		l.first += int64(give)
		l.held = l.held[give:]
		if n < len(block) {
			for range blockQueries {
				l.arrive()
			}
		}
	}
}

// final reports whether nothing can change a query any more.
func (l *later) final(h *held) bool { return h.planned && int64(h.Done) <= l.nextFailure() }

func (l *later) nextFailure() int64 {
	for _, e := range l.events {
		if e.down {
			return e.at
		}
	}
	return math.MaxInt64
}

// arrive draws the next query and sends it to a node.
func (l *later) arrive() {
	if l.next == blockQueries {
		l.source.Next(l.arrivals[:], l.sizes[:])
		l.next = 0
	}
	at, size := l.arrivals[l.next], l.sizes[l.next]
	l.next++
	for len(l.events) > 0 && l.events[0].at <= at {
		e := l.events[0]
		l.settle(e.at)
		if l.events = l.events[1:]; e.down {
			l.fail(e)
		} else {
			l.recover(e)
		}
	}
	l.settle(at)
	l.held = append(l.held, held{Query: Query{Arrival: time.Duration(at), Size: size}})
	l.send(l.first+int64(len(l.held))-1, at)
}

// settle starts every batch that starts before a time.
func (l *later) settle(until int64) {
	for node := range l.batchers {
		if b := &l.batchers[node]; len(b.queue) > 0 {
			b.start(until, func(number, at int64) {
				h := &l.held[number-l.first]
				h.turnAway(at, b.admission)
				h.planned = true
				l.router.planned(node, int64(h.Done))
			}, func(number, start, end, service int64) {
				h := &l.held[number-l.first]
				h.Start, h.Done = time.Duration(start), time.Duration(end)
				h.Wait, h.Service, h.Straggle = h.Start-h.Arrival, time.Duration(service), 0
				h.Requests, h.Offloaded, h.planned = 1, true, true
				l.router.planned(node, end)
				if l.config.ObserveRequests != nil {
					l.config.ObserveRequests(Request{h.Arrival, h.Start, h.Done, h.Size, h.Node, true, true})
				}
			})
		}
	}
}

// send brings a query to a node now.
func (l *later) send(number, now int64) {
	h := &l.held[number-l.first]
	node := l.router.pick(now)
	if node < 0 {
		l.waiting = append(l.waiting, number)
		return
	}
	h.Node = int32(node)
	s := &l.servers[node]
	if b := &l.batchers[node]; b.limits.MaxItems > 0 && s.offloads(int(h.Size)) {
		if b.full() {
			h.turnAway(now, b.admission)
			h.planned = true
			return
		}
		h.Shed = false // a failure may have sent it here
		b.add(queued{number, now, int64(h.Arrival), int(h.Size)})
		l.router.queued(node)
		return
	}
	s.serve(&h.Query, now)
	h.planned = true
	l.router.sent(node, int64(h.Done))
}

// fail takes a node down and sends what was in it elsewhere.
func (l *later) fail(e event) {
	l.router.fail(e.node)
	l.servers[e.node].reset(e.at)
	l.batchers[e.node].queue = nil
	for i := range l.held {
		h := &l.held[i]
		if int(h.Node) != e.node || h.planned && int64(h.Done) <= e.at || !h.planned && slices.Contains(l.waiting, l.first+int64(i)) {
			continue
		}
		h.Retries++
		h.planned = false
		l.send(l.first+int64(i), e.at)
	}
}

func (l *later) recover(e event) {
	l.router.recover(e.node)
	waiting := l.waiting
	l.waiting = nil
	for _, number := range waiting {
		l.send(number, e.at)
	}
}

// reset makes a server idle at a time, with nobody at its doors.
func (s *server) reset(now int64) {
	s.cores.reset(now)
	s.accels.reset(now)
	for _, d := range s.doors {
		if d != nil {
			d.empty()
		}
	}
}

// reset makes a device idle at a time.
func (d *device) reset(now int64) {
	for i := range d.free {
		d.free[i] = now
	}
	if d.busy != nil {
		d.busy, d.last = d.busy[:0], now
	}
}
