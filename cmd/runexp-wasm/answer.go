package main

import (
	"bufio"
	"context"
	"slices"
	"strconv"
	"time"

	"runexp/internal/sample"
	"runexp/serving/sim"
)

// cdfPoints is how many points the distribution of latency is given by: enough
// for a smooth line on any screen.
const cdfPoints = 200

// answer simulates and writes one line per measure, named like the columns of
// trial, then the distribution as lines "cdf SHARE NS".
func (q *request) answer(w *bufio.Writer) error {
	c, err := q.config()
	if err != nil {
		return err
	}
	latencies := make([]float64, 0, c.Queries+c.Warmup)
	c.Observe = func(block []sim.Query) {
		for i := range block {
			latencies = append(latencies, float64(block[i].Latency()))
		}
	}
	r, err := sim.Run(context.Background(), c)
	if err != nil {
		return err
	}
	measures(w, r)
	latencies = latencies[c.Warmup:]
	slices.Sort(latencies)
	for i := range cdfPoints {
		share := (float64(i) + 0.5) / cdfPoints
		w.WriteString("cdf " + format(share) + " " + format(sample.Quantile(latencies, share)) + "\n")
	}
	return nil
}

func measures(w *bufio.Writer, r sim.Result) {
	w.WriteString("stable " + strconv.FormatBool(r.Stable) + "\n")
	number(w, "queries", float64(r.Queries))
	number(w, "achieved_qps", r.AchievedQPS)
	number(w, "achieved_ips", r.AchievedIPS)
	number(w, "cpu_util", r.CPUUtil)
	number(w, "accel_util", r.AccelUtil)
	number(w, "offloaded_queries", r.OffloadedQueries)
	number(w, "offloaded_items", r.OffloadedItems)
	if !r.Stable { // the tail of a growing queue is a property of the run's length
		return
	}
	for _, m := range []struct {
		name string
		v    time.Duration
	}{
		{"mean_ns", r.Mean}, {"p50_ns", r.P50}, {"p75_ns", r.P75}, {"p90_ns", r.P90}, {"p95_ns", r.P95}, {"p99_ns", r.P99}, {"p999_ns", r.P999},
		{"max_ns", r.Max}, {"wait_ns", r.Wait},
	} {
		number(w, m.name, float64(m.v))
	}
	interval(w, "p50", r.P50Lo, r.P50Hi)
	interval(w, "p95", r.P95Lo, r.P95Hi)
	interval(w, "p99", r.P99Lo, r.P99Hi)
	number(w, "tail_queue", r.TailQueue)
	number(w, "tail_straggler", r.TailStraggler)
	number(w, "tail_accel", r.TailAccel)
}

// interval leaves out what the window is too short to know.
func interval(w *bufio.Writer, name string, lo, hi time.Duration) {
	if lo > 0 && hi < sim.Unbounded {
		number(w, name+"_lo_ns", float64(lo))
		number(w, name+"_hi_ns", float64(hi))
	}
}

func number(w *bufio.Writer, name string, v float64) { w.WriteString(name + " " + format(v) + "\n") }

func format(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
