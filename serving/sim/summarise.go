package sim

import "time"

// Window says what is known beside the queries of a run that was not simulated.
type Window struct {
	OfferedQPS   float64
	Cores        int
	Accelerators int
	Warmup       int // queries not counted
}

// Summarise reports on queries that were served elsewhere, on a real machine,
// as Run does on simulated ones: in order of arrival, at least one of them
// after the warm-up.
func Summarise(queries []Query, win Window) Result {
	counted := queries[win.Warmup:]
	w := &window{target: target(0), latencies: newTally(len(counted)), tail: newTail()}
	w.add(counted)
	r := w.summary(win.OfferedQPS)
	var from time.Duration
	if win.Warmup > 0 {
		from = queries[win.Warmup-1].Arrival
	}
	to := counted[len(counted)-1].Arrival
	span := max(to-from, 1).Seconds()
	var arrived, done [kinds]time.Duration
	for i := range queries {
		q, kind := &queries[i], onCores
		if q.Offloaded {
			kind = onAccels
		}
		if i >= win.Warmup {
			arrived[kind] += q.Service
		}
		if q.Done <= from || q.Done > to {
			continue
		}
		done[kind] += q.Service
		r.AchievedQPS += 1 / span
		r.AchievedIPS += float64(q.Size) / span
	}
	for kind, count := range [kinds]int{win.Cores, win.Accelerators} {
		if count > 0 {
			r.OfferedLoad = max(r.OfferedLoad, arrived[kind].Seconds()/span/float64(count))
		}
	}
	r.CPUUtil = done[onCores].Seconds() / span / float64(win.Cores)
	if win.Accelerators > 0 {
		r.AccelUtil = done[onAccels].Seconds() / span / float64(win.Accelerators)
	}
	r.Service = ns(float64(arrived[onCores]+arrived[onAccels]) / float64(w.requests))
	r.GoodQPS = float64(w.good) / span
	r.Stable = r.OfferedLoad <= 1
	return r
}
