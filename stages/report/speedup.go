package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// speedups draws, per accelerator, how much faster it is than one CPU core: as
// published, and by our curves for up to three CPUs and engines.
func (in input) speedups() ([]drawing, error) {
	var list []drawing
	for i, accel := range in.accelerators() {
		d := in.speedupData(accel)
		if len(d.Lines) == 0 {
			continue
		}
		f, err := figure.Speedup(d)
		if err != nil {
			return nil, err
		}
		list = append(list, drawing{name: "speedup_" + slug(accel), figure: f, folded: i > 0, cat: []string{
			in.cat("accel_latency", "platform="+accel), in.cat("latency_curve", "platform="+accel)}})
	}
	return list, nil
}

// accelerators lists those with curves or published ratios.
func (in input) accelerators() []string {
	accels := distinct(where(in.Curve, func(r record.LatencyCurve) bool { return r.Engine == record.EngineAccel }),
		func(r record.LatencyCurve) string { return r.Platform })
	for _, p := range distinct(where(in.AccelLatency, published), func(r record.AccelLatency) string { return r.Platform }) {
		if !slices.Contains(accels, p) {
			accels = append(accels, p)
		}
	}
	return accels
}

func published(r record.AccelLatency) bool {
	return r.Source == record.PublishedRatio && r.Speedup != nil
}

// cpus lists the CPUs and engines to compare accelerators with, at most three.
// The published ratio is over the reference engine on Skylake by construction
// of the accelerator's curve, so that pair would only draw it again.
func (in input) cpus(published bool) []curveKey {
	found := distinct(where(in.Curve, func(r record.LatencyCurve) bool { return r.Engine != record.EngineAccel }),
		func(r record.LatencyCurve) curveKey { return curveKey{r.Platform, r.Engine} })
	if len(in.Nodes) > 0 {
		asked := distinct(in.Nodes, func(n Node) curveKey { return curveKey{n.CPU, n.Engine} })
		found = where(asked, func(k curveKey) bool { return slices.Contains(found, k) })
	}
	if published {
		found = where(found, func(k curveKey) bool { return k != curveKey{"skylake", record.EngineReference} })
	}
	return found[:min(len(found), 3)]
}

func (in input) speedupData(accel string) figure.SpeedupData {
	d := figure.SpeedupData{Text: figure.Text{
		Title:   "When does an accelerator pay? " + in.title(accel),
		Caption: "Time of one core, the others idle, over time of the accelerator, copying included, at the CPU's batch sizes. Bars combine both intervals; a crossing is as uncertain as the bars around it are long.",
		Notes:   in.footnotes(scope{[]string{"accel", "fit"}, []string{accel}})}}
	if knots := where(in.Curve, func(r record.LatencyCurve) bool { return r.Platform == accel }); len(knots) > 0 {
		d.Caption += " The accelerator's times: " + sources(knots) + "."
	}
	if rows := where(in.AccelLatency, func(r record.AccelLatency) bool { return published(r) && r.Platform == accel }); len(rows) > 0 {
		d.Caption += " Published: over one Skylake process (DeepRecSys release)."
		d.Series = append(d.Series, figure.SpeedupSeries{Name: "published, over Skylake", Published: true})
		for _, m := range distinct(rows, func(r record.AccelLatency) string { return r.Model }) {
			d.Lines = append(d.Lines, publishedLine(m, rows))
		}
	}
	for _, cpu := range in.cpus(len(d.Series) > 0) {
		lines := in.ourLines(cpu, accel, len(d.Series))
		if len(lines) > 0 {
			d.Series = append(d.Series, figure.SpeedupSeries{Name: fmt.Sprintf("over %s, %s engine", in.title(cpu.platform), cpu.engine)})
			d.Lines = append(d.Lines, lines...)
		}
	}
	d.Lines = byModel(in, d.Lines, func(l figure.SpeedupLine) string { return l.Model })
	return d
}

func publishedLine(model string, rows []record.AccelLatency) figure.SpeedupLine {
	l := figure.SpeedupLine{Model: model}
	for _, r := range rows {
		if r.Model == model {
			v := *r.Speedup
			l.Points = append(l.Points, figure.SpeedupPoint{Batch: int(r.BatchSize), Speedup: v, Lo: v, Hi: v})
		}
	}
	slices.SortFunc(l.Points, func(a, b figure.SpeedupPoint) int { return cmp.Compare(a.Batch, b.Batch) })
	l.Crossover = crossover(l.Points)
	return l
}

// ourLines divides the curve of one core, the others idle, by the accelerator's.
// It is drawn at the CPU's batches; the crossing is read off at both curves'.
func (in input) ourLines(cpu curveKey, accel string, series int) []figure.SpeedupLine {
	rows := where(in.Curve, func(r record.LatencyCurve) bool {
		return r.Workers == 1 && ((curveKey{r.Platform, r.Engine}) == cpu || r.Platform == accel && r.Engine == record.EngineAccel)
	})
	var lines []figure.SpeedupLine
	for _, m := range in.modelsOf(rows) {
		of := func(platform string) []figure.LatencyKnot {
			return knots(where(rows, func(r record.LatencyCurve) bool { return r.Model == m && r.Platform == platform }))
		}
		host, device := of(cpu.platform), of(accel)
		l := figure.SpeedupLine{Model: m, Series: series, Points: ratios(host, device, host)}
		if len(l.Points) > 0 {
			both := slices.Concat(host, device)
			slices.SortFunc(both, func(a, b figure.LatencyKnot) int { return cmp.Compare(a.Batch, b.Batch) })
			points := ratios(host, device, both)
			if l.Crossover = crossover(points); l.Crossover > 0 {
				l.CrossLo, l.CrossHi = crossRange(points)
			}
			lines = append(lines, l)
		}
	}
	return lines
}

// ratios divides two curves at the batches of some knots that both reach.
func ratios(cpu, device, knots []figure.LatencyKnot) []figure.SpeedupPoint {
	var points []figure.SpeedupPoint
	for _, k := range knots {
		c, ok1 := at(cpu, k.Batch)
		d, ok2 := at(device, k.Batch)
		if ok1 && ok2 && (len(points) == 0 || points[len(points)-1].Batch < k.Batch) {
			points = append(points, figure.SpeedupPoint{Batch: k.Batch,
				Speedup: float64(c.Latency) / float64(d.Latency),
				Lo:      float64(c.Lo) / float64(d.Hi), Hi: float64(c.Hi) / float64(d.Lo)})
		}
	}
	return points
}

// crossRange is the crossover of the fastest and of the slowest that the
// accelerator may be within its interval.
func crossRange(points []figure.SpeedupPoint) (lo, hi float64) {
	fastest, slowest := slices.Clone(points), slices.Clone(points)
	for i, q := range points {
		fastest[i].Speedup, slowest[i].Speedup = q.Hi, q.Lo
	}
	lo, hi = crossover(fastest), crossover(slowest)
	if lo == 0 { // always faster
		lo = float64(points[0].Batch)
	}
	if hi == 0 { // never faster
		hi = math.Inf(1)
	}
	return lo, hi
}

// crossover is the batch size from which the accelerator stays faster: where
// the last segment that rises through 1 crosses it, straight in speed-up over
// log batch, as the published crossings were read. 0 if it never does, or
// always is.
func crossover(points []figure.SpeedupPoint) float64 {
	for i := len(points) - 1; i > 0; i-- {
		a, b := points[i-1], points[i]
		if b.Speedup < 1 {
			return 0
		}
		if a.Speedup < 1 {
			t := (1 - a.Speedup) / (b.Speedup - a.Speedup)
			return float64(a.Batch) * math.Pow(float64(b.Batch)/float64(a.Batch), t)
		}
	}
	return 0
}
