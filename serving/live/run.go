package live

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"runexp/internal/timing"
	"runexp/serving/load"
	"runexp/serving/sim"
)

// lead is how long the threads have to get ready before the first arrival.
const lead = 20 * time.Millisecond

// spinFor is how long before an arrival a generator with a core to itself stops
// sleeping: longer than a thread takes to wake up.
const spinFor = 100 * time.Microsecond

// Run makes one probe.
func (p *Pool) Run(ctx context.Context, c Config) (Result, error) {
	if err := c.check(p); err != nil {
		return Result{}, err
	}
	pr := newProbe(p, c)
	if err := p.warm(); err != nil {
		return Result{}, err
	}
	// No collection while the clock runs, and a thread for everyone: with fewer,
	// a spinning thread would keep another from running.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(len(p.engines) + 3))
	if err := pr.serve(ctx); err != nil {
		return Result{}, err
	}
	return pr.result(), nil
}

// probe is a run under way.
type probe struct {
	*Pool
	Config
	queries   []load.Query
	first     []int // of each query: its first request; -1 when offloaded
	queue     *queue
	sentAt    []time.Duration
	pinned    atomic.Bool
	preempted atomic.Int64
	start     time.Duration
}

// newProbe draws the queries, exactly those of a simulation of the same seed,
// and cuts them into requests.
func newProbe(p *Pool, c Config) *probe {
	pr := &probe{Pool: p, Config: c, queries: load.Draw(c.Arrivals, c.Sizes, c.RateQPS, c.Warmup+c.Queries, c.Seed)}
	var requests []request
	for i, q := range pr.queries {
		if c.offloads(q.Size) {
			pr.first = append(pr.first, -1)
			continue
		}
		pr.first = append(pr.first, len(requests))
		for left, n := q.Size, c.Policy.Requests(q.Size); n > 0; n-- {
			part := c.Policy.Part(left, n)
			left -= part
			requests = append(requests, request{int32(i), int32(part)})
		}
	}
	pr.queue = newQueue(requests, len(p.engines))
	pr.sentAt = make([]time.Duration, len(pr.queries))
	for _, e := range p.engines {
		e.log = make([]span, 0, len(requests))
	}
	return pr
}

func (c *Config) offloads(size int) bool { return c.Accelerators > 0 && c.Policy.Offloads(size) }

// serve runs generator and engines to the last answer, or out of time.
func (p *probe) serve(ctx context.Context) error {
	p.pinned.Store(true)
	p.start = timing.Now() + lead
	errs := make([]error, len(p.engines))
	var wg sync.WaitGroup
	for i, e := range p.engines {
		wg.Go(func() {
			p.pin(p.Place.Engines[i])
			before := preemptions()
			errs[i] = e.work(p.queue, p.start, p.Place.Spin)
			p.preempted.Add(preemptions() - before)
		})
	}
	wg.Go(func() {
		p.pin(p.Place.Generator)
		wakeSharply()
		p.generate(ctx)
	})
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	if timing.Wait(lead+p.Limit, done) {
		p.queue.stop.Store(true)
		p.queue.finish(len(p.engines))
		<-done
	}
	return cmp.Or(errors.Join(errs...), ctx.Err())
}

func (p *probe) pin(core int) {
	if !pin(core) {
		p.pinned.Store(false)
	}
}

// generate sends every query at its time, however slow the engines are.
func (p *probe) generate(ctx context.Context) {
	sent, spin := int64(0), time.Duration(0)
	if p.Place.Spin {
		spin = spinFor
	}
	for i, q := range p.queries {
		timing.WaitUntil(p.start+q.Arrival, spin)
		if p.queue.stop.Load() || ctx.Err() != nil {
			p.queue.stop.Store(true)
			break
		}
		if p.first[i] >= 0 {
			sent = int64(p.first[i] + p.Policy.Requests(q.Size))
			p.queue.send(sent)
		}
		p.sentAt[i] = timing.Now() - p.start
	}
	p.queue.finish(len(p.engines))
}

// result makes of the spans what a simulation reports.
func (p *probe) result() Result {
	r := Result{Pinned: p.pinned.Load(), Preempted: p.preempted.Load()}
	var spans []span
	for _, e := range p.engines {
		spans = append(spans, e.log...)
	}
	if len(spans) < len(p.queue.requests) {
		r.Overloaded = true
		return r
	}
	slices.SortFunc(spans, func(a, b span) int { return a.request - b.request })
	for _, s := range spans {
		request := p.queue.requests[s.request]
		queued := s.start-p.sentAt[request.query] > pause
		r.Served = append(r.Served, Service{int(request.batch), s.end - s.start, queued})
	}
	for i, q := range p.queries {
		if late := p.sentAt[i] - q.Arrival; late > LateAfter {
			r.Late++
			r.Latest = max(r.Latest, late)
		}
	}
	window := sim.Window{OfferedQPS: p.RateQPS, Cores: len(p.engines), Accelerators: p.Accelerators, Warmup: p.Warmup}
	r.Result = sim.Summarise(p.fates(spans, p.sentAt), window)
	intended := make([]time.Duration, len(p.queries))
	for i, q := range p.queries {
		intended[i] = q.Arrival
	}
	r.Replayed = sim.Summarise(p.fates(p.replay(spans), intended), window)
	return r
}
