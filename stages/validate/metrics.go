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

// busy is the mean number of cores and accelerators at work: as the devices count
// the work they did, and as rate times the mean service of a query, Little's law
// for those being served.
func busy() metric {
	return metric{"busy_devices", 0, func(r *run) (observed, expected float64) {
		n := r.nodes[0]
		observed = float64(len(r.nodes)) * (r.CPUUtil*float64(n.Cores) + r.AccelUtil*float64(n.Accelerators))
		var service time.Duration
		for _, q := range r.queries {
			service += q.Service
		}
		return observed, r.rateQPS * service.Seconds() / float64(len(r.queries))
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
