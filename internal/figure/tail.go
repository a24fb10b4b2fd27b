package figure

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/vg"
)

// TailData is latency against offered rate, one panel per model and policy.
type TailData struct {
	Text
	Panels []TailPanel
}

// TailPanel is one rate sweep. Detail follows the model's name: the policy.
type TailPanel struct {
	Model, Detail string
	Targets       []TailTarget
	Points        []TailPoint // ascending rates
}

// TailTarget is a p95 target, drawn as a line.
type TailTarget struct {
	Name  string
	Limit time.Duration
}

// TailPoint is one simulated rate. An unstable one has no quantiles: the tail
// of a growing queue depends on how long one looks. P95Lo and P95Hi are equal
// to P95 where no interval is known.
type TailPoint struct {
	RateQPS                     float64
	Stable                      bool
	P50, P95, P99, P95Lo, P95Hi time.Duration
}

func (d TailData) validate() error {
	c := &checker{subject: "tail"}
	c.text(d.Text)
	c.that(len(d.Panels) > 0, "no panels")
	for _, n := range d.Panels {
		c.subject = "tail: " + n.Model
		c.that(len(n.Points) > 0, "no points")
		var rates []float64
		stable := 0
		for _, q := range n.Points {
			rates = append(rates, q.RateQPS)
			c.positive("rate", q.RateQPS)
			if !q.Stable {
				continue
			}
			stable++
			what := fmt.Sprintf("rate %v", q.RateQPS)
			c.interval(what, float64(q.P50), float64(q.P95), float64(q.P99))
			c.interval(what, float64(q.P95Lo), float64(q.P95), float64(q.P95Hi))
		}
		c.that(stable > 0, "no stable point")
		ascending(c, "rate", rates)
		for _, s := range n.Targets {
			c.times("target "+s.Name, s.Limit)
		}
	}
	return c.err
}

// Tail draws p50, p95 and p99 against the offered rate, p95 with its interval,
// the p95 targets as lines, and a cross at the top for every unstable rate.
func Tail(d TailData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	key := []keyItem{
		{"interval of p95", func(p *pen, r vg.Rectangle) { p.box(tint(navy, bandTint), r) }},
		{"p95 target", lineSample(targetStroke, marker{})},
		{"saturated: the queue grows", lineSample(stroke{}, saturated)},
	}
	t := newTiles(len(d.Panels), 4, panelCell(len(d.Panels), 184), 0)
	t.key = keyHeight(key, t.size().X)
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, data := range d.Panels {
			drawTail(p, t.at(i), data)
		}
	}}, nil
}

var targetStroke = stroke{width: 1.1, color: orange, dash: []vg.Length{7, 2.5}}

// axes gives each panel a scale of its own: a model is compared with its
// target, not with another model.
func (d TailPanel) axes() (x, y axis) {
	e := newExtent()
	for _, q := range d.Points {
		if q.Stable {
			e.addTime(q.P50, q.P99, q.P95Lo, q.P95Hi)
		}
	}
	for _, s := range d.Targets {
		e.addTime(s.Limit)
	}
	e.headroom(0.13) // for the crosses
	return zeroAxis("offered rate (queries/s)", d.Points[len(d.Points)-1].RateQPS, count), logAxis("latency", e, duration)
}

func drawTail(p *pen, cell vg.Rectangle, d TailPanel) {
	x, y := d.axes()
	n := newPanel(cell, tickRoom(y), 20, x, y)
	n.frame(p, d.Model, d.Detail)
	var p50, p95, p99 []vg.Point
	for _, q := range d.Points {
		if !q.Stable {
			p.mark(saturated, vg.Point{X: n.px(q.RateQPS), Y: n.area.Max.Y - 5})
			continue
		}
		at := func(v time.Duration) vg.Point { return n.at(q.RateQPS, float64(v)) }
		p50, p95, p99 = append(p50, at(q.P50)), append(p95, at(q.P95)), append(p99, at(q.P99))
	}
	n.tailBands(p, d.Points)
	for _, s := range d.Targets {
		y := n.py(float64(s.Limit))
		p.line(targetStroke, vg.Point{X: n.area.Min.X, Y: y}, vg.Point{X: n.area.Max.X, Y: y})
	}
	var ends []ending
	for _, l := range []struct {
		name string
		pts  []vg.Point
		s    stroke
		m    marker
	}{
		{"p50", p50, stroke{width: thin, color: teal}, marker{shape: square, radius: 1.3, color: teal}},
		{"p99", p99, stroke{width: thin, color: plum, dash: []vg.Length{3, 1.5}}, marker{shape: triangle, radius: 1.5, color: plum}},
		{"p95", p95, stroke{width: thick, color: navy}, marker{shape: disc, radius: 1.9, color: navy}},
	} {
		p.series(l.s, l.m, l.pts)
		ends = append(ends, ending{y: l.pts[len(l.pts)-1].Y, text: l.name, col: label{size: textSize, bold: l.name == "p95", color: legible(l.s.color)}})
	}
	n.endings(p, p95[len(p95)-1].X, ends)
	var names []vg.Rectangle
	for _, s := range d.Targets {
		names = append(names, nameTarget(p, n, s, d.Targets, names, p50, p95, p99))
	}
}

// tailBands draws the interval of p95 where it is known: a band over
// neighbours, a bar where one point stands alone.
func (n panel) tailBands(p *pen, points []TailPoint) {
	var lo, hi []vg.Point
	flush := func() {
		if len(lo) == 1 {
			p.interval(stroke{width: hair, color: navy}, lo[0].X, lo[0].Y, hi[0].Y)
		}
		p.band(tint(navy, bandTint), lo, hi)
		lo, hi = nil, nil
	}
	for _, q := range points {
		if !q.Stable || q.P95Hi == q.P95Lo {
			flush()
			continue
		}
		lo, hi = append(lo, n.at(q.RateQPS, float64(q.P95Lo))), append(hi, n.at(q.RateQPS, float64(q.P95Hi)))
	}
	flush()
}

// nameTarget writes a target's name at the left end of its line: above it, or
// below where that covers fewer points and lines of other targets, and beside
// the names that are there.
func nameTarget(p *pen, n panel, s TailTarget, all []TailTarget, names []vg.Rectangle, lines ...[]vg.Point) vg.Rectangle {
	style := label{size: tinySize, color: ink}
	box := func(shift vg.Length) vg.Rectangle {
		y := n.py(float64(s.Limit)) + shift
		return rectangle(n.area.Min.X+2, y-tinySize/2, n.area.Min.X+4+style.width(s.Name), y+tinySize/2)
	}
	covers := func(r vg.Rectangle) (hits int) {
		for _, l := range lines {
			for _, q := range l {
				if q.X <= r.Max.X+4 && q.Y >= r.Min.Y-1 && q.Y <= r.Max.Y+1 {
					hits++
				}
			}
		}
		for _, other := range all {
			if y := n.py(float64(other.Limit)); other != s && y >= r.Min.Y-1 && y <= r.Max.Y+1 {
				hits++
			}
		}
		return hits
	}
	r := box(6)
	if below := box(-6); covers(below) < covers(r) && below.Min.Y > n.area.Min.Y {
		r = below
	}
	for _, other := range names {
		if r.Min.Y < other.Max.Y && r.Max.Y > other.Min.Y {
			shift := other.Max.X + 3 - r.Min.X
			r.Min.X, r.Max.X = r.Min.X+shift, r.Max.X+shift
		}
	}
	p.box(paper, r)
	p.text(style, r.Min.X+1, (r.Min.Y+r.Max.Y)/2, s.Name)
	return r
}
