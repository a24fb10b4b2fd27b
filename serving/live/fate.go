package live

import (
	"slices"
	"time"

	"runexp/serving/sim"
)

// fates puts the requests of each query together again. Offloaded queries go
// through the accelerators' queue from the moment they were sent.
func (p *probe) fates(spans []span, sent []time.Duration) []sim.Query {
	free := make([]time.Duration, p.Accelerators)
	all := make([]sim.Query, len(p.queries))
	for i, q := range p.queries {
		f := &all[i]
		*f = sim.Query{Arrival: q.Arrival, Size: int32(q.Size)}
		if p.first[i] < 0 {
			p.offload(f, sent[i], free)
			continue
		}
		f.Requests = int32(p.Policy.Requests(q.Size))
		mine := spans[p.first[i]:][:f.Requests]
		f.Start = mine[0].start
		var second time.Duration
		for _, s := range mine {
			f.Start = min(f.Start, s.start)
			f.Wait += s.start - q.Arrival
			f.Service += s.end - s.start
			second = max(second, min(f.Done, s.end))
			f.Done = max(f.Done, s.end)
		}
		if f.Requests > 1 {
			f.Straggle = f.Done - max(second, f.Start)
		}
	}
	return all
}

// offload serves a query on the accelerator that is free first.
func (p *probe) offload(f *sim.Query, sent time.Duration, free []time.Duration) {
	k := 0
	for i := range free {
		if free[i] < free[k] {
			k = i
		}
	}
	took := p.AccelService.Mean(1, int(f.Size))
	f.Start = max(sent, free[k])
	f.Done = f.Start + took
	f.Wait, f.Service, f.Requests, f.Offloaded = f.Start-f.Arrival, took, 1, true
	free[k] = f.Done
}

// replay serves the requests again, in virtual time and from their intended
// arrivals, each in the time it took.
func (p *probe) replay(spans []span) []span {
	free := make([]time.Duration, len(p.engines))
	again := slices.Clone(spans)
	for i := range again {
		s := &again[i]
		took := s.end - s.start
		k := 0
		for j := range free {
			if free[j] < free[k] {
				k = j
			}
		}
		s.start = max(p.queries[p.queue.requests[i].query].Arrival, free[k])
		s.end = s.start + took
		free[k] = s.end
	}
	return again
}
