package fit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"runexp/hw"
	"runexp/models"
	"runexp/stages/record"
)

// Inputs are the rows that the curves are made from.
type Inputs struct {
	Timings     []record.OpTiming     // of profile
	Calibration []record.Calibration  // of profile
	Accel       []record.AccelLatency // of accel
}

// Curves makes the rows of both tables, sorted by key. Doubts about them go to
// warn.
func Curves(c Config, in Inputs, warn func(format string, args ...any)) ([]record.LatencyCurve, []record.LatencyResidual, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	f, err := newFitter(c, in, hw.Host(), hw.HostPages(), warn)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range c.Models {
		if err := f.model(m); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", m.Name(), err)
		}
	}
	f.warnQuiet()
	f.sort()
	return f.curves, f.residuals, nil
}

// fitter collects the rows.
type fitter struct {
	c          Config
	in         Inputs
	cpus       []hw.CPU // of the Config, the host calibrated
	host       hw.CPU   // calibrated
	dispatchNS float64  // of our engine on the host
	slower     float64  // how far published times exceed the roofline, at most
	pages      string   // that the host's tables lie on
	warn       func(string, ...any)
	curves     []record.LatencyCurve
	residuals  []record.LatencyResidual
	quiet      map[[2]string][]quiet // by platform and engine
}

func newFitter(c Config, in Inputs, host hw.CPU, pages string, warn func(string, ...any)) (*fitter, error) {
	f := &fitter{c: c, in: in, pages: pages, warn: warn, quiet: map[[2]string][]quiet{}}
	if c.RequestNS > 0 {
		warn("every request on a core is assumed to take %v beside the model", time.Duration(c.RequestNS))
	}
	f.host, f.dispatchNS = calibrated(host, in.Calibration, pages)
	if c.needsProfile() && len(in.Calibration) == 0 {
		warn("the host was not calibrated: its roofline is assumed")
	}
	if f.slower = understated(in.Accel); f.slower > 1 {
		warn("%s: published times exceed the roofline up to %.0f times, mostly in loading data: modelled times may be as far off, and their range says so",
			strings.Join(c.Accelerators, ", "), f.slower)
	}
	for _, name := range c.CPUs {
		m := f.host
		if name != hw.HostName {
			var err error
			if m, err = hw.CPUByName(name); err != nil {
				return nil, err
			}
		}
		f.cpus = append(f.cpus, m)
		f.warnAssumed(m)
	}
	return f, nil
}

// warnAssumed says what a projection to this machine rests on.
func (f *fitter) warnAssumed(m hw.CPU) {
	if m.Name == hw.HostName {
		return
	}
	var assumed []string
	for _, x := range m.Figures() {
		if x.Assumed() && x.Unit != "$/h" && x.Unit != "W" {
			assumed = append(assumed, fmt.Sprintf("%s %.4g (%.4g to %.4g) %s", x.Name, x.Value, x.Lo, x.Hi, x.Unit))
		}
	}
	f.warn("%s: projections to it assume %s", m.Name, strings.Join(assumed, ", "))
	f.warn("%s: co-located engines are assumed to slow down by sharing %.0f GB/s and one L3 per socket", m.Name, m.SocketGBps.Value)
}

// model makes all curves of one model.
func (f *fitter) model(m models.Config) error {
	g, err := models.Describe(m, models.Options{Variant: f.c.Variant, TableScale: f.c.TableScale})
	if err != nil {
		return err
	}
	ref, known := referenceOf(m, g)
	for _, engine := range f.c.Engines {
		switch engine {
		case record.EngineRunexp:
			err = f.runexp(m.Name(), g)
		case record.EngineReference:
			if !known {
				f.warn("%s: the reference engine was not measured on this graph; it has no curve", m.Name())
				continue
			}
			err = f.reference(m.Name(), ref)
		}
		if err != nil {
			return err
		}
	}
	if err := f.user(m.Name()); err != nil {
		return err
	}
	return f.accelerators(m.Name(), g, ref)
}

// runexp makes the curves of our engine: measured on the host, projected from
// there to every other CPU.
func (f *fitter) runexp(model string, g *models.Graph) error {
	points := measurements(f.in.Timings, model)
	if len(points) == 0 {
		return fmt.Errorf("op_timing: no rows of this model")
	}
	totals := map[point][]float64{}
	sources := map[int]source{} // by batch, one worker
	rates := f.host.Rates(hw.Typical, f.pages)
	for p, m := range points {
		totals[p] = m.totals
		w := describe(g, p.batch)
		if err := m.checkKinds(w); err != nil {
			return err
		}
		if p.workers == 1 {
			sources[p.batch] = split(w, 0, m.times(w), f.dispatchNS, rates, true)
		}
	}
	spread, passes := observed(totals)
	for _, cpu := range f.cpus {
		byWorkers := map[int][]knot{}
		if cpu.Name == hw.HostName {
			for _, p := range sortedPoints(points) {
				t := totals[p]
				byWorkers[p.workers] = append(byWorkers[p.workers], knot{batch: p.batch, estimate: center(t), cv: cv(t), source: record.Measured})
			}
		} else {
			for _, p := range sortedPoints(points) {
				if p.workers != 1 {
					continue
				}
				was := center(totals[p])
				for _, active := range grid(cpu.Cores()) {
					e := sources[p.batch].project(cpu, f.pages, active, true)
					e.lo, e.hi = e.lo*was.lo/was.ns, e.hi*was.hi/was.ns
					byWorkers[active] = append(byWorkers[active], knot{batch: p.batch, estimate: e, cv: cv(totals[p]), source: record.Projected})
				}
			}
		}
		if err := f.add(model, cpu.Name, record.EngineRunexp, byWorkers); err != nil {
			return err
		}
		f.scatter(model, cpu.Name, record.EngineRunexp, spread, passes)
	}
	return nil
}

// grid is the numbers of active cores that a projection is made for: doublings
// and all of them.
func grid(cores int) []int {
	var out []int
	for n := 1; n < cores; n *= 2 {
		out = append(out, n)
	}
	return append(out, cores)
}

// reference makes the curves of the fixed engine on every CPU.
func (f *fitter) reference(model string, r reference) error {
	for _, cpu := range f.cpus {
		byWorkers := map[int][]knot{}
		for _, batch := range r.batches() {
			for _, active := range grid(cpu.Cores()) {
				from := record.Projected
				if cpu.Name == r.cpu.Name && active == 1 {
					from = record.Measured
				}
				byWorkers[active] = append(byWorkers[active], knot{batch: batch, estimate: r.on(cpu, batch, active), cv: r.spread(batch), source: from})
			}
		}
		if err := f.add(model, cpu.Name, record.EngineReference, byWorkers); err != nil {
			return err
		}
		f.residuals = append(f.residuals, r.residual().rows(model, cpu.Name, record.EngineReference)...)
	}
	return nil
}

// user makes the curves of the CPU latencies that the user brought.
func (f *fitter) user(model string) error {
	for _, cpu := range f.cpus {
		byWorkers, spread, passes := userKnots(f.accel(model, cpu.Name))
		if err := f.add(model, cpu.Name, record.EngineUser, byWorkers); err != nil {
			return err
		}
		f.scatter(model, cpu.Name, record.EngineUser, spread, passes)
	}
	return nil
}

// accelerators makes the curve of every accelerator.
func (f *fitter) accelerators(model string, g *models.Graph, r reference) error {
	skylake, err := hw.CPUByName("skylake")
	if err != nil {
		return err
	}
	for _, name := range f.c.Accelerators {
		a, err := hw.AccelByName(name)
		if err != nil {
			return err
		}
		d := device{
			rows: f.accel(model, name), graph: g, accel: a, reach: f.c.Extrapolate, slower: f.slower,
			skylake: func(batch int) (estimate, bool) {
				if _, ok := r.byBatch[batch]; !ok {
					return estimate{}, false
				}
				return r.on(skylake, batch, 1), true
			},
		}
		knots := d.knots()
		if len(knots) == 0 {
			return fmt.Errorf("accel_latency: no rows of %s", name)
		}
		if err := f.add(model, name, record.EngineAccel, map[int][]knot{1: knots}); err != nil {
			return err
		}
		f.warnScaled(model, name, knots)
		spread, passes := d.residual()
		f.scatter(model, name, record.EngineAccel, spread, passes)
	}
	return nil
}

// warnScaled names the knots that are no longer what their source says, those
// that were scaled to meet a better one. Of the roofline only the shape is ever
// used, and nothing is said.
func (f *fitter) warnScaled(model, platform string, knots []knot) {
	var sources []string
	var batches []int
	least, most := math.Inf(1), 0.0
	for _, k := range knots {
		if k.isScaled() {
			sources, batches = append(sources, k.source), append(batches, k.batch)
			least, most = min(least, k.factor), max(most, k.factor)
		}
	}
	if len(batches) == 0 {
		return
	}
	factor := fmt.Sprintf("%.3g", least)
	if to := fmt.Sprintf("%.3g", most); to != factor {
		factor += " to " + to
	}
	slices.Sort(sources)
	f.warn("%s on %s: %s latencies at batches %v were multiplied by %s to meet a better source (support extrapolated)",
		model, platform, strings.Join(slices.Compact(sources), " and "), batches, factor)
}

// accel is the rows of one model and platform.
func (f *fitter) accel(model, platform string) []record.AccelLatency {
	var out []record.AccelLatency
	for _, r := range f.in.Accel {
		if r.Model == model && r.Platform == platform {
			out = append(out, r)
		}
	}
	return out
}

// add writes the curves of one engine down.
func (f *fitter) add(model, platform, engine string, byWorkers map[int][]knot) error {
	moved := map[int]bool{}
	for _, workers := range slices.Sorted(maps.Keys(byWorkers)) {
		s := series{model, platform, engine, workers, byWorkers[workers]}
		if engine == record.EngineRunexp || engine == record.EngineReference {
			s.delay(float64(f.c.RequestNS))
		}
		rows, pooled, err := s.rows(f.c.Method, f.c.Extrapolate)
		if err != nil {
			return err
		}
		for _, batch := range pooled {
			moved[batch] = true
		}
		f.curves = append(f.curves, rows...)
	}
	if len(moved) > 0 {
		f.warn("%s on %s, engine %s: a larger batch came out faster; batches %v share their mean", model, platform, engine, slices.Sorted(maps.Keys(moved)))
	}
	return nil
}

func (f *fitter) sort() {
	slices.SortFunc(f.curves, func(a, b record.LatencyCurve) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Engine, b.Engine),
			cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.BatchSize, b.BatchSize))
	})
	slices.SortFunc(f.residuals, func(a, b record.LatencyResidual) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Engine, b.Engine),
			cmp.Compare(a.BatchSize, b.BatchSize), cmp.Compare(a.Quantile, b.Quantile))
	})
}
