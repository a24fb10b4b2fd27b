package figure

import (
	"fmt"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// LatencyData is a set of batch-to-latency curves, one panel per model.
type LatencyData struct {
	Text
	Lines []LatencyLine // grouped into panels by Model, in order of appearance
}

// LatencyLine is one curve. Label stands at its right end.
type LatencyLine struct {
	Model, Label string
	Knots        []LatencyKnot // ascending batches
}

// LatencyKnot is one knot of a curve with its interval.
type LatencyKnot struct {
	Batch           int // items
	Latency, Lo, Hi time.Duration
	Modelled        bool     // projected, roofline or extrapolated: drawn hollow
	Holdout         *float64 // relative error when this knot is left out; nil where unknown
}

func (d LatencyData) validate() error {
	c := &checker{subject: "latency"}
	c.text(d.Text)
	c.that(len(d.Lines) > 0, "no curves")
	for _, l := range d.Lines {
		c.subject = fmt.Sprintf("latency: %s: %s", l.Model, l.Label)
		c.that(len(l.Knots) > 0, "no knots")
		var batches []int
		for _, k := range l.Knots {
			batches = append(batches, k.Batch)
			what := fmt.Sprintf("batch %d", k.Batch)
			c.positive(what, float64(k.Batch))
			c.interval(what, float64(k.Lo), float64(k.Latency), float64(k.Hi))
			if k.Holdout != nil {
				c.that(*k.Holdout >= 0 && *k.Holdout < 1e6, "%s: hold-out error %v is not a share", what, *k.Holdout)
			}
		}
		ascending(c, "batch", batches)
	}
	for _, m := range order(d.Lines, func(l LatencyLine) string { return l.Model }) {
		c.subject = "latency: " + m
		c.that(len(d.of(m)) <= seriesLimit, "more than %d curves in one panel", seriesLimit)
	}
	return c.err
}

func (d LatencyData) of(model string) []LatencyLine {
	var lines []LatencyLine
	for _, l := range d.Lines {
		if l.Model == model {
			lines = append(lines, l)
		}
	}
	return lines
}

// Latency draws the curves on log-log axes shared by all panels: knots, the
// band from lo to hi, and below each panel the hold-out error of each knot.
func Latency(d LatencyData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	models := order(d.Lines, func(l LatencyLine) string { return l.Model })
	key := latencyKey(d)
	t := newTiles(len(models), 4, panelCell(len(models), 208), 0)
	t.key = keyHeight(key, t.size().X)
	x, y, strip := latencyAxes(d)
	rightRoom := vg.Length(0)
	for _, l := range d.Lines {
		rightRoom = max(rightRoom, tickStyle.width(l.Label)+4)
	}
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, m := range models {
			n := newPanel(t.at(i), tickRoom(y, strip), rightRoom, x, y)
			lower := n
			lower.y = strip
			lower.area.Max.Y = lower.area.Min.Y + stripHeight
			n.area.Min.Y = lower.area.Max.Y + stripGap
			drawLatency(p, n, lower, m, d.of(m))
		}
	}}, nil
}

const (
	stripHeight vg.Length = 22
	stripGap    vg.Length = 17
)

func latencyAxes(d LatencyData) (x, y, strip axis) {
	ex, ey, worst := newExtent(), newExtent(), 0.0
	for _, l := range d.Lines {
		for _, k := range l.Knots {
			ex.add(float64(k.Batch))
			ey.addTime(k.Lo, k.Hi)
			if k.Holdout != nil {
				worst = max(worst, *k.Holdout)
			}
		}
	}
	// The strip needs its ends alone: zero and the next round percentage.
	top := 0.1
	for top < worst {
		top *= 2
	}
	percent := func(v float64) string { return significant(v*100, 2) + " %" }
	strip = axis{label: "hold-out error", max: top, scale: plot.LinearScale{},
		ticks: []plot.Tick{{Value: 0, Label: "0"}, {Value: top, Label: percent(top)}}}
	return batchAxis(ex), logAxis("latency", ey, duration), strip
}

func latencyKey(d LatencyData) []keyItem {
	_, m := seriesStyle(0)
	hollow := m
	hollow.hollow = true
	measured, modelled := false, false
	for _, l := range d.Lines {
		for _, k := range l.Knots {
			measured, modelled = measured || !k.Modelled, modelled || k.Modelled
		}
	}
	var key []keyItem
	if measured {
		key = append(key, keyItem{"knot from data", lineSample(stroke{}, m)})
	}
	if modelled {
		key = append(key, keyItem{"knot from a model", lineSample(stroke{}, hollow)})
	}
	return append(key, keyItem{"interval", func(p *pen, r vg.Rectangle) { p.box(tint(navy, bandTint), r) }},
		keyItem{"error at a knot left out of the fit", func(p *pen, r vg.Rectangle) {
			drawStem(p, stroke{width: thin, color: navy}, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: r.Min.Y}, r.Max.Y-2)
		}})
}

func drawLatency(p *pen, n, strip panel, model string, lines []LatencyLine) {
	n.heading(p, model, "")
	n.yAxis(p)
	strip.yAxis(p)
	strip.xAxis(p)
	p.line(stroke{width: hair, color: muted}, n.area.Min, vg.Point{X: n.area.Max.X, Y: n.area.Min.Y})
	var ends []ending
	for i, l := range lines {
		s, _ := seriesStyle(i)
		var lo, hi []vg.Point
		for _, k := range l.Knots {
			lo = append(lo, n.at(float64(k.Batch), float64(k.Lo)))
			hi = append(hi, n.at(float64(k.Batch), float64(k.Hi)))
		}
		p.band(tint(s.color, bandTint), lo, hi)
	}
	for i, l := range lines {
		s, m := seriesStyle(i)
		var pts []vg.Point
		for _, k := range l.Knots {
			pts = append(pts, n.at(float64(k.Batch), float64(k.Latency)))
		}
		p.line(s, pts...)
		for j, k := range l.Knots {
			m.hollow = k.Modelled
			p.mark(m, pts[j])
			if k.Holdout != nil {
				// Series stand side by side on the strip.
				x := strip.px(float64(k.Batch)) + vg.Length(i)*3 - vg.Length(len(lines)-1)*1.5
				drawStem(p, stroke{width: thin, color: s.color}, vg.Point{X: x, Y: strip.area.Min.Y}, strip.py(*k.Holdout))
			}
		}
		ends = append(ends, ending{y: pts[len(pts)-1].Y, text: l.Label, col: label{size: textSize, color: legible(s.color)}})
	}
	n.endings(p, n.area.Max.X, ends)
}

// drawStem is a lollipop: a line up from base with a dot at the top.
func drawStem(p *pen, s stroke, base vg.Point, top vg.Length) {
	p.line(s, base, vg.Point{X: base.X, Y: top})
	p.mark(marker{shape: disc, radius: 1.5, color: s.color}, vg.Point{X: base.X, Y: top})
}
