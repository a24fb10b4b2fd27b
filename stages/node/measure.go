package node

import (
	"time"

	"runexp/serving/sim"
	"runexp/stages/record"
)

// Measure fills in the measures of a trial, power aside. Quantiles, intervals,
// waits and the causes of the tail stay null when the trial is not stable, and
// an interval where the window was too short to know one.
func Measure(row *record.Trial, r sim.Result) {
	row.Queries, row.Shed = r.Queries, r.Shed
	row.AchievedQPS, row.AchievedIPS = r.AchievedQPS, r.AchievedIPS
	row.CPUUtil, row.AccelUtil = r.CPUUtil, r.AccelUtil
	row.OffloadedQueries, row.OffloadedItems = r.OffloadedQueries, r.OffloadedItems
	row.Stable = r.Stable
	if !r.Stable {
		return
	}
	if row.TargetNS != nil {
		row.GoodQPS = &r.GoodQPS
	}
	row.MeanNS, row.WaitNS, row.MaxNS = ns(r.Mean), ns(r.Wait), ns(r.Max)
	row.P50NS, row.P75NS, row.P90NS = ns(r.P50), ns(r.P75), ns(r.P90)
	row.P95NS, row.P99NS, row.P999NS = ns(r.P95), ns(r.P99), ns(r.P999)
	row.P50LoNS, row.P50HiNS = interval(r.P50Lo, r.P50Hi)
	row.P75LoNS, row.P75HiNS = interval(r.P75Lo, r.P75Hi)
	row.P90LoNS, row.P90HiNS = interval(r.P90Lo, r.P90Hi)
	row.P95LoNS, row.P95HiNS = interval(r.P95Lo, r.P95Hi)
	row.P99LoNS, row.P99HiNS = interval(r.P99Lo, r.P99Hi)
	row.P999LoNS, row.P999HiNS = interval(r.P999Lo, r.P999Hi)
	row.TailQueue, row.TailStraggler, row.TailAccel = &r.TailQueue, &r.TailStraggler, &r.TailAccel
}

func ns(d time.Duration) *int64 {
	n := d.Nanoseconds()
	return &n
}

func interval(lo, hi time.Duration) (*int64, *int64) {
	if hi == sim.Unbounded {
		return nil, nil
	}
	return ns(lo), ns(hi)
}
