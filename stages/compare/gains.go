package compare

import (
	"fmt"
	"slices"

	"runexp/internal/sample"
	"runexp/stages/record"
)

// What rows are about.
const (
	CPUGain       = "cpu_gain"             // tuned CPU over static, same target
	AccelGain     = "accel_gain"           // tuned CPU + accelerator over static
	AccelOverCPU  = "accel_over_cpu"       // tuned CPU + accelerator over tuned CPU
	StaticRise    = "static_over_low"      // static over static at the low target
	PerWattGain   = "accel_per_watt_gain"  // queries per watt: CPU + accelerator over static
	CPUPerWatt    = "cpu_per_watt_edge"    // queries per watt: tuned CPU over CPU + accelerator
	GainsGrow     = "gains_grow"           // mean gain at the high target over the low one
	Batch         = "batch_size"           // chosen
	Threshold     = "offload_threshold"    // chosen
	TunedElse     = "tuned_elsewhere_keep" // share of max_qps left by a policy tuned on other sizes
	OtherPlatform = "over_paper_cpu"       // tuned CPU over the paper's CPU
	Crossing      = "crossover_batch"
)

const staticPolicy = "static"

// points is the operating points with what they are compared to.
type points struct {
	c    Config
	rows []record.OperatingPoint
}

// index keeps one server's points that serve anything, and those that were tuned
// on other sizes whatever they serve.
func index(c Config, rows []record.OperatingPoint) points {
	return points{c, slices.DeleteFunc(slices.Clone(rows), func(r record.OperatingPoint) bool {
		return r.Servers != 1 || r.MaxQPS <= 0 && r.TunedOn == r.SizeDist
	})}
}

func (x points) engines() []string {
	return distinct(x.rows, func(r record.OperatingPoint) string { return r.Engine })
}

// best is the point with the largest score within a scope, tuned or static, on
// the sizes that are served; nil if none.
func (x points) best(s scope, tuned bool, score func(record.OperatingPoint) float64) *record.OperatingPoint {
	var best *record.OperatingPoint
	for i, r := range x.rows {
		if r.Model != s.model || r.Target != s.target || r.CPUPlatform != s.cpu || r.Engine != s.engine || r.AccelPlatform != s.accel ||
			(r.Policy != staticPolicy) != tuned || r.SizeDist != r.TunedOn {
			continue
		}
		if best == nil || score(r) > score(*best) {
			best = &x.rows[i]
		}
	}
	return best
}

func rate(r record.OperatingPoint) float64 { return r.MaxQPS }

func perWatt(r record.OperatingPoint) float64 {
	if r.QPSPerWatt == nil {
		return 0
	}
	return *r.QPSPerWatt
}

// duel is the three policies of one model and target on the paper's node. An
// accelerator may be left unused, so it is never worse than the CPU alone.
type duel struct {
	scope
	static, cpu, accel                      *record.OperatingPoint
	staticPerWatt, cpuPerWatt, accelPerWatt float64
}

func (x points) duel(model, target, engine string) duel {
	bare := scope{model, target, x.c.CPU, engine, record.None}
	full := bare
	full.accel = x.c.Accel
	d := duel{scope: full, static: x.best(bare, false, rate), cpu: x.best(bare, true, rate), accel: x.best(full, true, rate)}
	of := func(r *record.OperatingPoint) float64 {
		if r == nil {
			return 0
		}
		return perWatt(*r)
	}
	d.staticPerWatt, d.cpuPerWatt = of(x.best(bare, false, perWatt)), of(x.best(bare, true, perWatt))
	d.accelPerWatt = of(x.best(full, true, perWatt))
	return d
}

// ratio of two scores, nothing where either is not known.
func ratio(a, b float64) span {
	if a <= 0 || b <= 0 {
		return span{}
	}
	return span{value: a / b}
}

// gains compares throughput and throughput per watt, model by model.
func (x points) gains(engine string) []record.PaperCheck {
	var rows []record.PaperCheck
	for _, g := range x.c.Gains {
		d := x.duel(g.Model, g.Target, engine)
		low := x.best(scope{g.Model, x.c.Means[0].Target, x.c.CPU, engine, record.None}, false, rate)
		bare := d.scope
		bare.accel = record.None
		rows = append(rows,
			beside(bare.row(CPUGain), over(d.cpu, d.static), g.CPU/g.Static),
			beside(bare.row(StaticRise), over(d.static, low), g.Static),
			beside(d.row(AccelGain), over(d.accel, d.static), g.Accel/g.Static),
			beside(d.row(AccelOverCPU), over(d.accel, d.cpu), g.Accel/g.CPU),
			beside(d.row(PerWattGain), ratio(d.accelPerWatt, d.staticPerWatt), g.AccelQPSPerWatt),
		)
	}
	return rows
}

// statements are the qualitative claims of the paper.
func (x points) statements(engine string) []record.PaperCheck {
	var rows []record.PaperCheck
	all := scope{All, All, x.c.CPU, engine, x.c.Accel}
	var cpuMeans, accelMeans []float64
	for _, m := range x.c.Means {
		s := all
		s.target = m.Target
		cpu := x.mean(m.Target, engine, func(d duel) span { return over(d.cpu, d.static) })
		accel := x.mean(m.Target, engine, func(d duel) span { return over(d.accel, d.static) })
		watt := x.mean(m.Target, engine, func(d duel) span { return ratio(d.accelPerWatt, d.staticPerWatt) })
		for _, v := range []struct {
			check, what     string
			ours, published float64
		}{
			{CPUGain, "tuned CPU", cpu, m.CPU}, {AccelGain, "tuned CPU + accelerator", accel, m.Accel},
			{PerWattGain, "queries per watt with the accelerator", watt, m.AccelQPSPerWatt},
		} {
			r := beside(s.row(v.check), span{value: v.ours}, v.published)
			rows = append(rows, says(r, fmt.Sprintf("geometric mean over static at the %s target, %s: %.1f x", m.Target, v.what, v.published), x.near(v.ours, v.published, v.published)))
		}
		cpuMeans, accelMeans = append(cpuMeans, cpu), append(accelMeans, accel)
	}
	for _, v := range []struct {
		what  string
		means []float64
	}{{"tuned CPU", cpuMeans}, {"tuned CPU + accelerator", accelMeans}} {
		low, high := v.means[0], v.means[len(v.means)-1]
		rows = append(rows, says(beside(all.row(GainsGrow), ratio(high, low), 0), v.what+": the mean gain grows from the low to the high target", high > low))
	}
	for _, g := range x.c.Gains {
		rows = append(rows, x.claims(g, x.duel(g.Model, g.Target, engine))...)
	}
	return rows
}

// claims are the statements about one model and target.
func (x points) claims(g Gain, d duel) []record.PaperCheck {
	var rows []record.PaperCheck
	published := (g.CPU / g.Static) / g.AccelQPSPerWatt // the CPU draws the same, tuned or not
	edge := ratio(d.cpuPerWatt, d.accelPerWatt)
	wins, statement := published > 1, "the accelerator beats the tuned CPU in queries per watt"
	if wins {
		statement = "the tuned CPU beats the accelerator in queries per watt"
	}
	holds := edge.value > 1 == wins || x.near(edge.value, 1, 1)
	rows = append(rows, says(beside(d.row(CPUPerWatt), edge, published), statement, holds))
	switch g.Model {
	case "din":
		gain := over(d.accel, d.cpu)
		rows = append(rows, says(beside(d.row("din_accel_over_cpu"), gain, g.Accel/g.CPU), "DIN gains almost nothing from the accelerator: at most 1.1 x", x.near(gain.value, 1, 1.1)))
	case "ncf":
		cpu, accel := over(d.cpu, d.static), over(d.accel, d.static)
		rows = append(rows,
			says(beside(d.row("ncf_cpu_gain"), cpu, g.CPU/g.Static), "NCF's CPU gain is small: 1.1 to 1.4 x", x.near(cpu.value, 1.1, 1.4)),
			says(beside(d.row("ncf_accel_gain"), accel, g.Accel/g.Static), "NCF's gain with the accelerator is about 5: 4.7 to 5.7 x", x.near(accel.value, 4.7, 5.7)))
	}
	return rows
}

// near reports a number within a published range, allowing for its tolerance.
func (x points) near(v, lo, hi float64) bool {
	return v >= lo*(1-x.c.Tolerance) && v <= hi*(1+x.c.Tolerance)
}

// mean is the geometric mean over the models that have the number; 0 if none.
func (x points) mean(target, engine string, of func(duel) span) float64 {
	var vs []float64
	for _, g := range x.c.Gains {
		if g.Target != target {
			continue
		}
		if s := of(x.duel(g.Model, target, engine)); s.value > 0 {
			vs = append(vs, s.value)
		}
	}
	if len(vs) == 0 {
		return 0
	}
	return sample.GeoMean(vs)
}

func distinct[T any, K comparable](list []T, key func(T) K) []K {
	var out []K
	for _, v := range list {
		if k := key(v); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}
