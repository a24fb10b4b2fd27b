package fit

import (
	"slices"

	"runexp/hw"
	"runexp/models"
	"runexp/stages/record"
)

// ranking orders the sources of an accelerator's times by how much they are
// believed.
var ranking = []string{record.User, record.Measured, record.Published, record.PublishedRatio, record.Roofline}

// device is one model on one accelerator.
type device struct {
	rows  []record.AccelLatency // of that model and accelerator
	graph *models.Graph
	accel hw.Accelerator
	// skylake is the time of the process that the published ratios divide, and
	// whether it is known.
	skylake func(batch int) (estimate, bool)
	reach   float64 // a curve answers up to so many times its last knot
	slower  float64 // a modelled time may be so many times too small
}

// knots chooses among the rows. The best source gives its knots; a lesser one
// only the shape of the curve at batch sizes that the better ones do not reach.
func (d device) knots() []knot {
	var knots []knot
	for _, source := range ranking {
		found := d.from(source)
		if source == record.Roofline {
			for i := range found {
				found[i].estimate = d.rooflineRange(found[i])
			}
		}
		knots = d.extend(knots, found)
	}
	return knots
}

// from gives the knots of one source, ascending in batch.
func (d device) from(source string) []knot {
	var knots []knot
	for p, t := range samples(d.rows, source) {
		knots = append(knots, knot{batch: p.batch, estimate: center(t), cv: cv(t), source: source})
	}
	for _, r := range d.rows {
		if r.Source != source || r.Speedup == nil {
			continue
		}
		if process, ok := d.skylake(int(r.BatchSize)); ok {
			knots = append(knots, knot{batch: int(r.BatchSize), estimate: process.scaled(1 / *r.Speedup), source: source})
		}
	}
	slices.SortFunc(knots, func(a, b knot) int { return a.batch - b.batch })
	return knots
}

// extend adds to knots those of a lesser source that lie outside their range.
// They are scaled so that the lesser source meets the nearest knot of the
// better one: without that the curve would jump where the source changes, and
// made monotone it would no longer pass through what was measured. The range of
// such a knot holds its unscaled time and the knot that was met.
func (d device) extend(knots, lesser []knot) []knot {
	if len(knots) == 0 || len(lesser) == 0 {
		return slices.Concat(knots, lesser)
	}
	first, last := knots[0], knots[len(knots)-1]
	var before, after []knot
	for _, k := range lesser {
		switch {
		case k.batch < first.batch:
			was := k.ns
			k.estimate = k.meet(first, lesser)
			k.ns = min(k.ns, first.ns)
			before = append(before, k.from(was))
		case float64(k.batch) > d.reach*float64(last.batch):
			was := k.ns
			k.estimate = k.meet(last, lesser)
			k.ns = max(k.ns, last.ns)
			after = append(after, k.from(was))
		}
	}
	return slices.Concat(before, knots, after)
}

// from notes what a knot's time was multiplied by, unless it is the same
// nanosecond still.
func (k knot) from(ns float64) knot {
	if nanoseconds(k.ns) != nanoseconds(ns) {
		k.factor = k.ns / ns
	}
	return k
}

// meet scales a knot as its source must be scaled to meet a better knot.
func (k knot) meet(better knot, source []knot) estimate {
	e := k.scaled(better.ns / between(source, better.batch))
	e.widen(k.estimate)
	e.widen(better.estimate)
	return e
}

// between is the modelled time at a batch between its knots, or on the line
// through the nearest two: straight in batch, as a fixed part and one that grows
// with it are.
func between(knots []knot, batch int) float64 {
	if len(knots) == 1 {
		return knots[0].ns
	}
	i := 1
	for i < len(knots)-1 && knots[i].batch < batch {
		i++
	}
	a, b := knots[i-1], knots[i]
	share := float64(batch-a.batch) / float64(b.batch-a.batch)
	return max(a.ns+share*(b.ns-a.ns), min(a.ns, b.ns))
}

// rooflineRange is the time of a roofline row with the range that the device's
// figures give it: computed from the graph again, because the row holds the
// typical figures alone, and widened to what published times of other models
// exceed theirs by.
func (d device) rooflineRange(k knot) estimate {
	at := func(b hw.Bound) float64 {
		sum := d.accel.TransferNS(b, d.graph.InputBytes(k.batch), d.graph.OutputBytes(k.batch))
		for _, o := range d.graph.Ops {
			c := o.Cost(k.batch)
			work := hw.Work{FLOPs: float64(c.FLOPs), Bytes: float64(c.Bytes)}
			sum += d.accel.KernelNS(b, work) + d.accel.LaunchesNS(b, c.Launches)
		}
		return sum
	}
	scale := k.ns / at(hw.Typical) // 1 but for the rounding of the rows
	return estimate{k.ns, scale * at(hw.Fastest), max(scale*at(hw.Slowest), k.ns*d.slower)}
}

// understated is the largest ratio of an absolute time, of any source, to the
// roofline at the same model, device and batch; 1 if there are none to compare.
func understated(rows []record.AccelLatency) float64 {
	type key struct{ model, platform string }
	modelled := map[key][]knot{}
	for _, r := range rows { // sorted by batch within a model and platform
		if r.Source == record.Roofline && r.TotalNS != nil {
			k := key{r.Model, r.Platform}
			modelled[k] = append(modelled[k], knot{batch: int(r.BatchSize), estimate: estimate{ns: float64(*r.TotalNS)}})
		}
	}
	most := 1.0
	for _, r := range rows {
		roof := modelled[key{r.Model, r.Platform}]
		if r.Source != record.Roofline && r.TotalNS != nil && len(roof) > 0 {
			most = max(most, float64(*r.TotalNS)/between(roof, int(r.BatchSize)))
		}
	}
	return most
}

// residual is the spread of the repetitions of the best source that has any,
// and how many passes there are at a batch size at most.
func (d device) residual() (spread, int) {
	most := 0
	for _, source := range []string{record.User, record.Measured} {
		s, passes := observed(samples(d.rows, source))
		if len(s) > 0 {
			return s, passes
		}
		most = max(most, passes)
	}
	return nil, most
}

// samples groups the absolute times of one source, ascending.
func samples(rows []record.AccelLatency, source string) map[point][]float64 {
	points := map[point][]float64{}
	for _, r := range rows {
		if r.Source == source && r.TotalNS != nil {
			p := point{int(r.Workers), int(r.BatchSize)}
			points[p] = append(points[p], float64(*r.TotalNS))
		}
	}
	for _, t := range points {
		slices.Sort(t)
	}
	return points
}

// userKnots are the knots of a user's own latencies of a CPU by number of
// active cores, and the spread of their repetitions.
func userKnots(rows []record.AccelLatency) (map[int][]knot, spread, int) {
	points := samples(rows, record.User)
	byWorkers := map[int][]knot{}
	for p, t := range points {
		byWorkers[p.workers] = append(byWorkers[p.workers], knot{batch: p.batch, estimate: center(t), cv: cv(t), source: record.User})
	}
	for _, knots := range byWorkers {
		slices.SortFunc(knots, func(a, b knot) int { return a.batch - b.batch })
	}
	s, passes := observed(points)
	return byWorkers, s, passes
}
