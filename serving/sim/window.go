package sim

import (
	"math"
	"time"

	"runexp/internal/sample"
)

// confidence of every interval.
const confidence = 0.95

// tailShare is the share of queries whose waiting is explained.
const tailShare = 0.05

// window measures a trial from the moment it is opened.
type window struct {
	trial  *trial
	from   moment
	target int64 // ns, of GoodQPS

	latencies tally
	tail      *tail
	sum       float64 // of latencies, ns
	wait      float64 // of requests, ns
	service   [kinds]float64
	byGroup   [][kinds]float64 // the same by group of nodes; nil unless the end of a query is known late
	queries   int64
	shed      int64
	good      int64
	requests  int64
	items     int64
	offloaded int64 // queries
	offItems  int64
	retries   int64
}

// open starts measuring: the queries that come next are counted.
func (t *trial) open() *window {
	w := &window{
		trial:     t,
		from:      t.moment(),
		target:    target(t.config.Target),
		latencies: newTally(t.config.Queries),
		tail:      newTail(),
	}
	if t.later != nil {
		w.byGroup = make([][kinds]float64, t.groups)
	}
	return w
}

// target reads a target of 0 as any time.
func target(t time.Duration) int64 {
	if t == 0 {
		return int64(Unbounded)
	}
	return int64(t)
}

// add counts queries.
func (w *window) add(block []Query) {
	w.queries += int64(len(block))
	if w.byGroup != nil {
		w.addByGroup(block)
	}
	for i := range block {
		q := &block[i]
		if q.Shed {
			w.shed++
			w.retries += int64(q.Retries)
			w.latencies.skip()
			continue
		}
		latency := int64(q.Latency())
		if latency <= w.target {
			w.good++
		}
		w.latencies.add(latency)
		w.tail.add(q)
		w.sum += float64(latency)
		w.wait += float64(q.Wait)
		w.requests += int64(q.Requests)
		w.items += int64(q.Size)
		w.retries += int64(q.Retries)
		if q.Offloaded {
			w.offloaded++
			w.offItems += int64(q.Size)
			w.service[onAccels] += float64(q.Service)
		} else {
			w.service[onCores] += float64(q.Service)
		}
	}
}

// close ends the window at the last arrival.
func (w *window) close() Result {
	r := w.summary(w.trial.config.RateQPS)
	to := w.trial.moment()
	span := time.Duration(max(to.at-w.from.at, 1))
	if w.trial.later != nil {
		w.given(&r, to, float64(span))
	} else {
		w.devices(&r, to, float64(span))
	}
	r.AchievedQPS = float64(to.queries-w.from.queries) / span.Seconds()
	r.AchievedIPS = float64(to.items-w.from.items) / span.Seconds()
	r.GoodQPS = float64(w.good) / span.Seconds()
	r.Stable = r.OfferedLoad <= 1 || w.trial.config.Admission.sheds()
	return r
}

// summary is what the counted queries say, without the devices.
func (w *window) summary(rateQPS float64) Result {
	r := Result{
		Queries:    w.queries,
		Requests:   w.requests,
		Retries:    w.retries,
		OfferedQPS: rateQPS,
		Shed:       float64(w.shed) / float64(w.queries),
	}
	if served := float64(w.queries - w.shed); served > 0 {
		w.delays(&r, served)
		r.OffloadedQueries = float64(w.offloaded) / served
		r.OffloadedItems = float64(w.offItems) / float64(w.items)
	}
	return r
}

// delays fills in the latency of the served queries.
func (w *window) delays(r *Result, served float64) {
	r.Mean, r.Max = ns(w.sum/served), time.Duration(w.latencies.largest())
	r.Wait = ns(w.wait / float64(w.requests))
	at := w.latencies.estimates(0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
	for i, q := range []struct{ at, lo, hi *time.Duration }{
		{&r.P50, &r.P50Lo, &r.P50Hi}, {&r.P75, &r.P75Lo, &r.P75Hi}, {&r.P90, &r.P90Lo, &r.P90Hi},
		{&r.P95, &r.P95Lo, &r.P95Hi}, {&r.P99, &r.P99Lo, &r.P99Hi}, {&r.P999, &r.P999Lo, &r.P999Hi},
	} {
		*q.at = ns(at[i].Value)
		*q.lo, *q.hi = ends(at[i].Interval)
	}
	r.TailQueue, r.TailStraggler, r.TailAccel = w.tail.shares(tailShare)
}

func ns(x float64) time.Duration { return time.Duration(math.Round(x)) }

func ends(i sample.Interval) (lo, hi time.Duration) {
	lo, hi = 0, Unbounded
	if !math.IsInf(i.Lo, 0) {
		lo = ns(i.Lo)
	}
	if !math.IsInf(i.Hi, 0) {
		hi = ns(i.Hi)
	}
	return lo, hi
}

// devices fills in what the cores and accelerators did in the span, in ns.
func (w *window) devices(r *Result, to moment, span float64) {
	var arrived, done, capacity [kinds]float64
	for g := range to.groups {
		for k := range kinds {
			a, b := w.from.groups[g][k], to.groups[g][k]
			if b.count == 0 {
				continue
			}
			can := float64(b.count) * span
			r.OfferedLoad = max(r.OfferedLoad, float64(b.work-a.work)/can)
			arrived[k] += float64(b.work - a.work)
			done[k] += float64((b.work - b.backlog) - (a.work - a.backlog))
			capacity[k] += float64(b.present) * span
		}
	}
	r.Service = ns((arrived[onCores] + arrived[onAccels]) / float64(max(w.requests, 1)))
	r.CPUUtil = done[onCores] / capacity[onCores]
	if capacity[onAccels] > 0 {
		r.AccelUtil = done[onAccels] / capacity[onAccels]
	}
}

// addByGroup adds the service of queries to that of the group that gave it.
func (w *window) addByGroup(block []Query) {
	for i := range block {
		q := &block[i]
		k := onCores
		if q.Offloaded {
			k = onAccels
		}
		w.byGroup[w.trial.group[q.Node]][k] += float64(q.Service)
	}
}

// given fills in the devices by the service that counted queries got, where
// work may be planned past the window or lost. What is asked of a group of nodes
// is held against the time that they are up.
func (w *window) given(r *Result, to moment, span float64) {
	lost := w.lost(to.at)
	var load, capacity [kinds]float64
	for g := range to.groups {
		for k := range kinds {
			d := to.groups[g][k]
			if d.count == 0 {
				continue
			}
			if asked := w.byGroup[g][k]; asked > 0 {
				r.OfferedLoad = max(r.OfferedLoad, asked/max(float64(d.count)*span-lost[g][k], 1))
			}
			capacity[k] += float64(d.count) * span
		}
	}
	for k := range kinds {
		if capacity[k] > 0 {
			load[k] = w.service[k] / capacity[k]
		}
	}
	r.CPUUtil, r.AccelUtil = min(1, load[onCores]), min(1, load[onAccels])
	r.Service = ns((w.service[onCores] + w.service[onAccels]) / float64(max(w.requests, 1)))
}

// lost is the time of devices, in ns, that failures took from the window.
func (w *window) lost(end int64) [][kinds]float64 {
	t := w.trial
	lost := make([][kinds]float64, t.groups)
	for _, f := range t.config.Failures {
		from, to := max(w.from.at, int64(f.At)), min(end, int64(f.At+f.For))
		if from < to {
			s, g := &t.servers[f.Node], t.group[f.Node]
			lost[g][onCores] += float64(to-from) * float64(s.cores.count)
			lost[g][onAccels] += float64(to-from) * float64(s.accels.count)
		}
	}
	return lost
}

// Kinds of device in a group of nodes that are alike.
const (
	onCores = iota
	onAccels
	kinds
)

// moment is the state of a trial at its last arrival. Saturation is judged per
// group of like nodes and kind of device: work that arrives faster than they
// can do it makes their backlog grow, whatever the others do.
type moment struct {
	at             int64
	queries, items int64 // that have ended
	groups         [][kinds]duty
}

// duty is what devices have been given to do, and what of it is left, in ns.
type duty struct {
	count         int // that take requests
	present       int
	work, backlog int64
}

func (t *trial) moment() moment {
	t.pending.settle(t.now)
	m := moment{at: t.now, queries: t.pending.queries, items: t.pending.items, groups: make([][kinds]duty, t.groups)}
	for i := range t.servers {
		g := &m.groups[t.group[i]]
		g[onCores].add(&t.servers[i].cores, t.now)
		g[onAccels].add(&t.servers[i].accels, t.now)
	}
	return m
}

func (l *duty) add(d *device, now int64) {
	l.count += d.count
	l.present += d.present
	l.work += d.work
	l.backlog += d.backlog(now)
}

// pending counts the queries that have ended by the last arrival.
type pending struct {
	open           []ending
	full           int // how many may be open before it is worth looking again
	queries, items int64
}

type ending struct {
	done int64
	size int32
}

func (p *pending) add(block []Query, now int64) {
	for i := range block {
		q := &block[i]
		if q.Shed {
			continue
		}
		if int64(q.Done) <= now {
			p.queries++
			p.items += int64(q.Size)
			continue
		}
		p.open = append(p.open, ending{int64(q.Done), q.Size})
	}
	if len(p.open) > p.full {
		p.settle(now)
		p.full = max(2*len(p.open), 4*blockQueries)
	}
}

// settle counts the queries that have ended by now.
func (p *pending) settle(now int64) {
	open := p.open[:0]
	for _, e := range p.open {
		if e.done <= now {
			p.queries++
			p.items += int64(e.size)
			continue
		}
		open = append(open, e)
	}
	p.open = open
}
