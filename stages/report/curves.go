package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// curveKey names the curves of one platform and engine.
type curveKey struct{ platform, engine string }

// latencies draws the latency curves: one figure per CPU and engine, and one
// for all accelerators.
func (in input) latencies() ([]drawing, error) {
	var list []drawing
	keys := distinct(in.Curve, func(r record.LatencyCurve) curveKey { return curveKey{r.Platform, r.Engine} })
	for i, k := range keys {
		if k.engine == record.EngineAccel {
			continue
		}
		rows := where(in.Curve, func(r record.LatencyCurve) bool { return (curveKey{r.Platform, r.Engine}) == k })
		d := figure.LatencyData{Text: figure.Text{
			Title:   fmt.Sprintf("Latency by batch size: %s, %s engine", in.title(k.platform), k.engine),
			Caption: curveCaption(rows), Notes: in.footnotes(scope{[]string{"profile", "fit"}, []string{k.platform}})}}
		for _, m := range in.modelsOf(rows) {
			for _, workers := range ends(where(rows, func(r record.LatencyCurve) bool { return r.Model == m })) {
				d.Lines = append(d.Lines, figure.LatencyLine{Model: m, Label: cores(workers),
					Knots: thin(knots(where(rows, func(r record.LatencyCurve) bool { return r.Model == m && r.Workers == workers })))})
			}
		}
		f, err := figure.Latency(d)
		if err != nil {
			return nil, err
		}
		list = append(list, drawing{name: "latency_" + slug(k.platform, k.engine), figure: f, folded: i > 0,
			cat: []string{in.cat("latency_curve", "platform="+k.platform, "engine="+k.engine)}})
	}
	f, err := in.accelLatency()
	if err != nil || f == nil {
		return list, err
	}
	return append(list, drawing{name: "latency_accelerators", figure: f,
		cat: []string{in.cat("latency_curve", "engine="+record.EngineAccel)}}), nil
}

// accelLatency draws the curves of up to four accelerators, or returns nil if
// there are none.
func (in input) accelLatency() (*figure.Figure, error) {
	rows := where(in.Curve, func(r record.LatencyCurve) bool { return r.Engine == record.EngineAccel })
	platforms := distinct(rows, func(r record.LatencyCurve) string { return r.Platform })
	if len(platforms) == 0 {
		return nil, nil
	}
	platforms = platforms[:min(len(platforms), 4)]
	d := figure.LatencyData{Text: figure.Text{Title: "Latency by batch size: accelerators",
		Caption: curveCaption(rows) + " Copying to and from the device is included.", Notes: in.footnotes(scope{[]string{"accel", "fit"}, platforms})}}
	for _, m := range in.modelsOf(rows) {
		for _, p := range platforms {
			if own := where(rows, func(r record.LatencyCurve) bool { return r.Model == m && r.Platform == p }); len(own) > 0 {
				d.Lines = append(d.Lines, figure.LatencyLine{Model: m, Label: in.title(p), Knots: thin(knots(own))})
			}
		}
	}
	return figure.Latency(d)
}

func (in input) modelsOf(rows []record.LatencyCurve) []string {
	return distinct(byModel(in, rows, func(r record.LatencyCurve) string { return r.Model }), func(r record.LatencyCurve) string { return r.Model })
}

// ends returns the fewest and the most active cores of one model's curves.
func ends(rows []record.LatencyCurve) []int32 {
	workers := distinct(rows, func(r record.LatencyCurve) int32 { return r.Workers })
	lo, hi := slices.Min(workers), slices.Max(workers)
	if lo == hi {
		return []int32{lo}
	}
	return []int32{lo, hi}
}

func cores(n int32) string {
	if n == 1 {
		return "1 core"
	}
	return fmt.Sprintf("%d cores", n)
}

// knots turns one curve's rows into ascending knots.
func knots(rows []record.LatencyCurve) []figure.LatencyKnot {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b record.LatencyCurve) int { return cmp.Compare(a.BatchSize, b.BatchSize) })
	var out []figure.LatencyKnot
	for _, r := range rows {
		out = append(out, figure.LatencyKnot{Batch: int(r.BatchSize), Latency: nanos(r.LatencyNS), Lo: nanos(r.LoNS), Hi: nanos(r.HiNS),
			Modelled: r.Source == record.Projected || r.Source == record.Roofline || r.Support == record.Extrapolated,
			Holdout:  r.HoldoutError})
	}
	return out
}

// thin drops knots closer than a factor of 1.3 in batch size to the one before,
// the last excepted: a hundred markers on one line would hide it.
func thin(all []figure.LatencyKnot) []figure.LatencyKnot {
	const apart = 1.3
	var out []figure.LatencyKnot
	for i, k := range all {
		close := len(out) > 0 && float64(k.Batch) < apart*float64(out[len(out)-1].Batch)
		if close && i < len(all)-1 {
			continue
		}
		if close && len(out) > 1 {
			out = out[:len(out)-1]
		}
		out = append(out, k)
	}
	return out
}

// curveCaption says which knots are measured and which modelled.
func curveCaption(rows []record.LatencyCurve) string {
	return "Knots: " + sources(rows) + ". Lines are straight in log-log between knots; the band is the interval of each knot."
}

// served says where a node's service times come from; empty where the
// experiment has no curves of its own.
func (in input) served(n Node) string {
	cpu := where(in.Curve, func(r record.LatencyCurve) bool { return r.Platform == n.CPU && r.Engine == n.Engine })
	accel := where(in.Curve, func(r record.LatencyCurve) bool { return r.Platform == n.Accel && r.Engine == record.EngineAccel })
	var parts []string
	if len(cpu) > 0 {
		parts = append(parts, "CPU "+sources(cpu))
	}
	if len(accel) > 0 {
		parts = append(parts, "accelerator "+sources(accel))
	}
	if len(parts) == 0 {
		return ""
	}
	return " Service times: " + strings.Join(parts, "; ") + "."
}

// sources puts the sources of some knots in words.
func sources(rows []record.LatencyCurve) string {
	says := map[string]string{
		record.Measured:       "measured on the host",
		record.Projected:      "projected from the measurements by the roofline",
		record.Published:      "published",
		record.PublishedRatio: "reference latencies divided by published speed-ups",
		record.Roofline:       "modelled by the roofline (scaled to meet published times where there are any)",
		record.User:           "from the user's own data",
	}
	if rows[0].Engine == record.EngineReference {
		says[record.Projected] = "projected from the PyTorch table by the roofline"
	}
	var words []string
	for _, s := range distinct(rows, func(r record.LatencyCurve) string { return r.Source }) {
		if says[s] == "" {
			says[s] = s
		}
		words = append(words, says[s])
	}
	return list(words)
}

// at reads a curve at a batch size, straight in log-log between knots as the
// curve is defined; ok is false outside them.
func at(curve []figure.LatencyKnot, batch int) (k figure.LatencyKnot, ok bool) {
	i := slices.IndexFunc(curve, func(k figure.LatencyKnot) bool { return k.Batch >= batch })
	if i < 0 || i == 0 && curve[0].Batch != batch {
		return k, false
	}
	if curve[i].Batch == batch {
		return curve[i], true
	}
	a, b := curve[i-1], curve[i]
	t := math.Log(float64(batch)/float64(a.Batch)) / math.Log(float64(b.Batch)/float64(a.Batch))
	mix := func(x, y float64) float64 { return x * math.Pow(y/x, t) }
	return figure.LatencyKnot{Batch: batch,
		Latency: nanos(int64(mix(float64(a.Latency), float64(b.Latency)))),
		Lo:      nanos(int64(mix(float64(a.Lo), float64(b.Lo)))),
		Hi:      nanos(int64(mix(float64(a.Hi), float64(b.Hi)))),
	}, true
}
