package validate

import (
	"fmt"
	"slices"
	"time"

	"runexp/internal/sample"
	"runexp/serving/sim"
)

const nanos = float64(time.Second)

// Metrics take what is expected in seconds and speak in ns.

func timed(name string, seconds float64, of func(r *run) float64) metric {
	expected := seconds * nanos
	return metric{name, expected, func(r *run) (float64, float64) { return of(r), expected }}
}

func share(name string, expected float64, of func(r *run) float64) metric {
	return metric{name, expected, func(r *run) (float64, float64) { return of(r), expected }}
}

func meanLatency(seconds float64) metric {
	return timed("mean_ns", seconds, func(r *run) float64 { return float64(r.Mean) })
}

func meanWait(seconds float64) metric {
	return timed("wait_ns", seconds, func(r *run) float64 { return float64(r.Wait) })
}

func cpuUtil(expected float64) metric {
	return share("cpu_util", expected, func(r *run) float64 { return r.CPUUtil })
}

// quantile of an exponential latency of a mean.
func quantile(name string, q, mean float64) metric {
	of := map[string]func(r *run) float64{
		"p50_ns": func(r *run) float64 { return float64(r.P50) },
		"p95_ns": func(r *run) float64 { return float64(r.P95) },
		"p99_ns": func(r *run) float64 { return float64(r.P99) },
	}
	return timed(name, exponentialQuantile(q, mean), of[name])
}

// quantile0 is the median of latencies that are all the same.
func quantile0(name string, seconds float64) metric {
	return timed(name, seconds, func(r *run) float64 { return float64(r.P50) })
}

// waitQuantile is a quantile of the time before a query's first request.
func waitQuantile(name string, q, seconds float64) metric {
	return timed(name, seconds, func(r *run) float64 { return nanos * sample.Select(slices.Clone(r.waits), q)[0] })
}

// waiting is the share of queries that wait longer than t seconds.
func waiting(t, expected float64) metric {
	name := "wait_above_0"
	if t > 0 {
		name = fmt.Sprintf("wait_above_%gms", t*1e3)
	}
	return share(name, expected, func(r *run) float64 {
		n := 0
		for _, w := range r.waits {
			if w > t {
				n++
			}
		}
		return float64(n) / float64(len(r.waits))
	})
}

// inside is the mean number of queries in the system: counted event by event
// over the whole run, and as rate times mean latency.
func inside() metric {
	return metric{"queries_inside", 0, func(r *run) (observed, expected float64) {
		type event struct {
			at   time.Duration
			step int
		}
		events := make([]event, 0, 2*len(r.queries))
		var latency float64
		for _, q := range r.queries {
			events = append(events, event{q.Arrival, 1}, event{q.Done, -1})
			latency += float64(q.Latency())
		}
		slices.SortFunc(events, func(a, b event) int { return int(a.at - b.at) })
		var area float64
		n := 0
		for i, e := range events {
			if i > 0 {
				area += float64(n) * float64(e.at-events[i-1].at)
			}
			n += e.step
		}
		span := float64(events[len(events)-1].at - events[0].at)
		rate := float64(len(r.queries)) / span
		return area / span, rate * latency / float64(len(r.queries))
	}}
}

// waitsOf are the waits of counted queries in seconds.
func waitsOf(queries []sim.Query) []float64 {
	waits := make([]float64, len(queries))
	for i := range queries {
		waits[i] = (queries[i].Start - queries[i].Arrival).Seconds()
	}
	return waits
}
