package fit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"runexp/hw"
	"runexp/internal/sample"
	"runexp/stages/record"
)

// point is what one model was timed at.
type point struct {
	workers, batch int
}

// measured is a point's passes: the total of each, and the median time of each
// operator kind.
type measured struct {
	totals []float64 // ns, ascending
	kinds  map[string]float64
}

// measurements groups the rows of one model into passes. Of rows measured with
// fused operators and without, the fused ones count: they are what serves. Of
// several index distributions uniform counts, the one without locality.
func measurements(rows []record.OpTiming, model string) map[point]measured {
	fusion, dist := "none", ""
	for _, r := range rows {
		if r.Model != model {
			continue
		}
		if r.Fusion == "full" {
			fusion = "full"
		}
		if dist == "" || r.IndexDist == "uniform" {
			dist = r.IndexDist
		}
	}
	type pass struct {
		point
		rep int32
	}
	totals := map[pass]int64{}
	kinds := map[point]map[string][]float64{}
	for _, r := range rows {
		if r.Model != model || r.Fusion != fusion || r.IndexDist != dist {
			continue
		}
		p := point{int(r.Workers), int(r.BatchSize)}
		totals[pass{p, r.Rep}] += r.WallNS
		if kinds[p] == nil {
			kinds[p] = map[string][]float64{}
		}
		kinds[p][r.OpKind] = append(kinds[p][r.OpKind], float64(r.WallNS))
	}
	out := map[point]measured{}
	for p, byKind := range kinds {
		m := measured{kinds: map[string]float64{}}
		for kind, times := range byKind {
			m.kinds[kind] = sample.Median(times)
		}
		out[p] = m
	}
	for p, ns := range totals {
		m := out[p.point]
		m.totals = append(m.totals, float64(max(ns, 1)))
		out[p.point] = m
	}
	for _, m := range out {
		slices.Sort(m.totals)
	}
	return out
}

// center is the median of an ascending sample with its 95 % interval, from the
// order statistics: ranks n/2 -+ 1.96 sqrt(n)/2, whatever the distribution.
func center(sorted []float64) estimate {
	half := 1.96 / (2 * math.Sqrt(float64(len(sorted))))
	return estimate{
		ns: sample.Quantile(sorted, 0.5),
		lo: sample.Quantile(sorted, 0.5-half),
		hi: sample.Quantile(sorted, 0.5+half),
	}
}

// cv is the coefficient of variation, 0 of fewer than two.
func cv(xs []float64) float64 {
	if len(xs) < 2 {
		return 0
	}
	return sample.CV(xs)
}

// times gives each kind of the work its part of the median pass: the medians
// of the kinds, scaled so that they add up to it. Kinds that the work has and
// the rows do not were fused into others and take nothing.
func (m measured) times(w passWork) []float64 {
	var sum float64
	for _, k := range w.kinds {
		sum += m.kinds[k.kind]
	}
	out := make([]float64, len(w.kinds))
	for i, k := range w.kinds {
		out[i] = m.kinds[k.kind] / sum * sample.Quantile(m.totals, 0.5)
	}
	return out
}

// checkKinds reports rows of an operator kind that the graph does not have:
// they were measured on another graph.
func (m measured) checkKinds(w passWork) error {
	for kind := range m.kinds {
		if !slices.ContainsFunc(w.kinds, func(k kindWork) bool { return k.kind == kind }) {
			return fmt.Errorf("op_timing: %s is not an operator of the graph", kind)
		}
	}
	return nil
}

// sortedPoints lists the points by workers, then batch.
func sortedPoints(m map[point]measured) []point {
	out := make([]point, 0, len(m))
	for p := range m {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.workers, b.workers), cmp.Compare(a.batch, b.batch))
	})
	return out
}

// calibrated puts what the profile measured in the place of what was assumed
// of the host, and returns the cost of a dispatch, in ns, with it. Random rows
// were read from tables on pages of the kind given.
func calibrated(host hw.CPU, rows []record.Calibration, pages string) (hw.CPU, float64) {
	measured := make([]hw.Measurement, len(rows))
	dispatch := 0.0
	for i, r := range rows {
		measured[i] = hw.Measurement(r)
		if r.Workers == 1 && r.Metric == "dispatch_ns" {
			dispatch = r.Value
		}
	}
	return host.Calibrated(measured, pages), dispatch
}
