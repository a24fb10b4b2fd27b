package fit

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"runexp/hw"
	"runexp/models"
)

// reference is the fixed engine: its latency on the machine it was measured
// on, by model and batch, one core active.
type reference struct {
	graph    *models.Graph
	cpu      hw.CPU
	byBatch  map[int]hw.EngineLatency
	dispatch hw.Figure
}

// referenceOf finds the table's lines for a model, if its graph is the one
// that was measured: the standard graph of that name, MT-WnD with one tower or
// five.
func referenceOf(m models.Config, g *models.Graph) (reference, bool) {
	def, err := models.ByName(m.Name())
	if err != nil {
		return reference{}, false
	}
	name := m.Name()
	if name == "mtwnd" {
		def.Tasks = m.Tasks
		if m.Tasks > 1 {
			name += strconv.Itoa(m.Tasks)
		}
	}
	want, err := models.Describe(def, models.Options{})
	if err != nil || !want.SameLayers(g) {
		return reference{}, false
	}
	cpu, err := hw.CPUByName(hw.ReferenceCPU)
	if err != nil {
		return reference{}, false
	}
	// The table was measured on full tables: they enter the projection, however
	// far the experiment scales its own.
	r := reference{graph: want, cpu: cpu, byBatch: map[int]hw.EngineLatency{}, dispatch: hw.ReferenceDispatch()}
	for _, l := range hw.ReferenceEngineLatency() {
		if l.Engine == hw.ReferenceEngine && l.Model == name {
			r.byBatch[l.Batch] = l
		}
	}
	return r, len(r.byBatch) > 0
}

// on projects the engine's latency at one of its batches to active cores of a
// machine. The range holds that of the machine's figures and that of the
// dispatch cost. Each engine is a process with weights of its own, on 4 KiB
// pages, as it was measured.
func (r reference) on(to hw.CPU, batch, active int) estimate {
	w := describe(r.graph, batch)
	from := r.cpu.Rates(hw.Typical, hw.SmallPages)
	total := float64(r.byBatch[batch].Median)
	at := func(dispatchNS float64) estimate {
		return split(w, total, nil, dispatchNS, from, false).project(to, hw.SmallPages, active, false)
	}
	e := at(r.dispatch.Value)
	if to.Name != r.cpu.Name {
		e.widen(at(r.dispatch.Lo))
		e.widen(at(r.dispatch.Hi))
		return e
	}
	if active == 1 { // where it was measured nothing is assumed
		se := total * r.spread(batch) * math.Sqrt(math.Pi/2) / math.Sqrt(float64(r.byBatch[batch].Reps))
		return estimate{total, total - 1.96*se, total + 1.96*se}
	}
	return e
}

// batches lists the batches that were measured, ascending.
func (r reference) batches() []int { return slices.Sorted(maps.Keys(r.byBatch)) }

// spread is the standard deviation of log latency, from the outer deciles.
func (r reference) spread(batch int) float64 {
	l := r.byBatch[batch]
	return math.Log(float64(l.P90)/float64(l.P10)) / (2 * z90)
}

// z90 is the 0.9 quantile of the standard normal distribution.
const z90 = 1.2815515655446004
