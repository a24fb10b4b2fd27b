package sim

// batcher is the queue of accelerators that serve several queries at once.
type batcher struct {
	device    *device // its cores are the accelerators
	limits    Batching
	admission Admission
	queue     []queued
}

// queued is a query in the queue.
type queued struct {
	number int64
	at     int64 // when it came to this queue,
	came   int64 // and to the cluster
	size   int
}

func (b *batcher) add(q queued) { b.queue = append(b.queue, q) }

// full reports whether no more queries may wait.
func (b *batcher) full() bool { return b.admission.Queue > 0 && len(b.queue) >= b.admission.Queue }

// start runs the batches that start before a time. It reports the number of each
// query that gave up and when it had come, and of each other its number, start,
// end and its share of the service.
func (b *batcher) start(until int64, gaveUp func(number, at int64), done func(number, start, end, service int64)) {
	d := b.device
	for len(b.queue) > 0 {
		at := max(d.free[0], b.ready())
		if first, wait := b.queue[0], int64(b.admission.Wait); wait > 0 && at-first.came > wait && first.came+wait < until {
			gaveUp(first.number, first.came)
			b.queue = b.queue[1:]
			continue
		}
		if at >= until {
			return
		}
		n, items := b.fits(at)
		service := d.service.Draw(d.rng, 1, items)
		d.free.replaceMin(at + service)
		d.work += service
		for _, q := range b.queue[:n] {
			done(q.number, at, at+service, service*int64(q.size)/int64(items))
		}
		b.queue = b.queue[n:]
	}
}

// ready is when the first batch need not wait any longer: it is full, or its
// first query has waited long enough.
func (b *batcher) ready() int64 {
	items, late := 0, b.queue[0].at+int64(b.limits.MaxDelay)
	for _, q := range b.queue {
		if q.at >= late {
			break
		}
		if items += q.size; items >= b.limits.MaxItems {
			return q.at
		}
	}
	return late
}

// fits is how many queries that are there at a time share the next batch, and
// their items. A query larger than a batch goes alone.
func (b *batcher) fits(at int64) (n, items int) {
	for _, q := range b.queue {
		if n > 0 && (q.at > at || items+q.size > b.limits.MaxItems) {
			break
		}
		n, items = n+1, items+q.size
	}
	return n, items
}
