package profile

import (
	"cmp"
	"slices"
	"time"

	"runexp/hw"
	"runexp/internal/sample"
	"runexp/models/op"
	"runexp/stages/record"
)

// rows are what points come to.
type rows struct {
	Timings []record.OpTiming
	Details []record.OpDetail
}

func (r *rows) join(o rows) {
	r.Timings = append(r.Timings, o.Timings...)
	r.Details = append(r.Details, o.Details...)
}

// rows makes the rows of a point: details of one worker alone.
func (p point) rows(c Config, host hw.Rates) rows {
	r := rows{Timings: p.timings(c)}
	if p.workers == 1 {
		r.Details = p.details(roof(host, p.ops, p.batch))
	}
	return r
}

// timings sums each pass over the operators of a kind: one row per rep and
// kind, sorted by key.
func (p point) timings(c Config) []record.OpTiming {
	kinds, perKind := p.kinds()
	var rows []record.OpTiming
	rep := int32(0)
	for _, passes := range p.passes {
		for _, pass := range passes {
			for _, k := range kinds {
				row := perKind[k]
				var wall time.Duration
				for i, o := range p.ops {
					if o.Kind() == k {
						wall += pass[i]
					}
				}
				rows = append(rows, record.OpTiming{
					Model: p.model.Name(), Variant: p.variant, Platform: Platform, Workers: int32(p.workers),
					Fusion: string(p.fusion), IndexDist: c.Indices.String(), TableScale: c.TableScale, BatchSize: int32(p.batch), Rep: rep,
					OpKind: string(k), WallNS: wall.Nanoseconds(), FLOPs: row.FLOPs, Bytes: row.Bytes, Ops: row.ops,
				})
			}
			rep++
		}
	}
	return rows
}

// sortTimings puts rows in the order of their key.
func sortTimings(rows []record.OpTiming) {
	slices.SortStableFunc(rows, func(a, b record.OpTiming) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.Fusion, b.Fusion),
			cmp.Compare(a.BatchSize, b.BatchSize), cmp.Compare(a.Rep, b.Rep), cmp.Compare(a.OpKind, b.OpKind))
	})
}

// sortDetails puts rows in the order of their key.
func sortDetails(rows []record.OpDetail) {
	slices.SortStableFunc(rows, func(a, b record.OpDetail) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Fusion, b.Fusion),
			cmp.Compare(a.BatchSize, b.BatchSize), cmp.Compare(a.OpIndex, b.OpIndex))
	})
}

// kindCost is what all operators of one kind ask of the machine.
type kindCost struct {
	FLOPs, Bytes int64
	ops          int32
}

// kinds returns the operator kinds of the graph in alphabetical order with
// their costs.
func (p point) kinds() ([]op.Kind, map[op.Kind]kindCost) {
	costs := map[op.Kind]kindCost{}
	var kinds []op.Kind
	for _, o := range p.ops {
		k, c := o.Kind(), o.Cost(p.batch)
		sum, seen := costs[k]
		if !seen {
			kinds = append(kinds, k)
		}
		costs[k] = kindCost{FLOPs: sum.FLOPs + c.FLOPs, Bytes: sum.Bytes + c.Bytes, ops: sum.ops + int32(op.Count(o))}
	}
	slices.Sort(kinds)
	return kinds, costs
}

// details gives the median of each operator over the passes, and how near that
// is to the roofline of the machine.
func (p point) details(host roofline) []record.OpDetail {
	rows := make([]record.OpDetail, len(p.ops))
	for i, o := range p.ops {
		var times []float64
		for _, passes := range p.passes {
			for _, pass := range passes {
				times = append(times, float64(pass[i]))
			}
		}
		cost, median := o.Cost(p.batch), sample.Median(times)
		rows[i] = record.OpDetail{
			Model: p.model.Name(), Platform: Platform, Fusion: string(p.fusion), BatchSize: int32(p.batch), OpIndex: int32(i),
			OpKind: string(o.Kind()), OpName: o.Name(), MedianNS: int64(median), FLOPs: cost.FLOPs, Bytes: cost.Bytes,
			RooflineFraction: host.timeNS(cost) / max(median, 1),
		}
	}
	return rows
}
