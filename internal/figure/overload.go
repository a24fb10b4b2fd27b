package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
)

// OverloadData is what servers make of more queries than they can serve, under
// rules that turn some away: one panel per model and policy.
type OverloadData struct {
	Text
	Panels []OverloadPanel
}

// OverloadPanel has a line per rule. Detail follows the model's name.
type OverloadPanel struct {
	Model, Detail string
	Lines         []OverloadLine
}

// OverloadLine is one rule.
type OverloadLine struct {
	Name   string
	Points []OverloadPoint // ascending rates
}

// OverloadPoint is one offered rate, and the queries answered in time per
// second; one that is not Stable has no such rate.
type OverloadPoint struct {
	RateQPS, GoodQPS float64
	Stable           bool
}

func (d OverloadData) validate() error {
	c := &checker{subject: "overload"}
	c.text(d.Text)
	c.that(len(d.Panels) > 0, "no panels")
	rules := len(d.names())
	c.that(rules <= seriesLimit, "%d rules, not at most %d", rules, seriesLimit)
	for _, n := range d.Panels {
		c.that(len(n.Lines) > 0, "%s: no lines", n.Model)
		for _, l := range n.Lines {
			c.subject = fmt.Sprintf("overload: %s: %s", n.Model, l.Name)
			c.that(len(l.Points) > 0, "no points")
			var rates []float64
			for _, q := range l.Points {
				rates = append(rates, q.RateQPS)
				c.positive("rate", q.RateQPS)
				c.that(q.GoodQPS >= 0 && q.GoodQPS < 1e300, "rate %v: %v in time is not a number of at least 0", q.RateQPS, q.GoodQPS)
			}
			ascending(c, "rate", rates)
		}
	}
	return c.err
}

// Overload draws the queries answered in time against the offered ones, beside
// the line on which all are, and a cross at the bottom for every unstable rate.
func Overload(d OverloadData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	key := []keyItem{
		{"all answered in time", lineSample(idealStroke, marker{})},
		{"saturated: the queue grows, none in time in the end", lineSample(stroke{}, saturated)},
	}
	names := d.names()
	for i, name := range names {
		s, m := seriesStyle(i)
		key = append(key, keyItem{name, lineSample(s, m)})
	}
	t := newTiles(len(d.Panels), 4, panelCell(len(d.Panels), 184), 0)
	t.key = keyHeight(key, t.size().X)
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, data := range d.Panels {
			drawOverload(p, t.at(i), data, names)
		}
	}}, nil
}

var idealStroke = stroke{width: thin, color: tint(ink, 0.5), dash: []vg.Length{2, 2}}

// names lists the rules of all panels: a rule looks the same in each.
func (d OverloadData) names() []string {
	var names []string
	for _, n := range d.Panels {
		for _, l := range n.Lines {
			if !slices.Contains(names, l.Name) {
				names = append(names, l.Name)
			}
		}
	}
	return names
}

func drawOverload(p *pen, cell vg.Rectangle, d OverloadPanel, names []string) {
	offered, good := 0.0, 0.0
	for _, l := range d.Lines {
		for _, q := range l.Points {
			offered, good = max(offered, q.RateQPS), max(good, q.GoodQPS)
		}
	}
	x := zeroAxis("offered rate (queries/s)", offered, count)
	y := zeroAxis("answered in time (queries/s)", max(good*1.1, offered/100), count)
	n := newPanel(cell, tickRoom(y), 4, x, y)
	n.frame(p, d.Model, d.Detail)
	ideal := min(offered, y.max)
	p.line(idealStroke, n.at(0, 0), n.at(ideal, ideal))
	for _, l := range d.Lines {
		s, m := seriesStyle(slices.Index(names, l.Name))
		var pts []vg.Point
		for _, q := range l.Points {
			if !q.Stable {
				p.mark(saturated, n.at(q.RateQPS, 0))
				continue
			}
			pts = append(pts, n.at(q.RateQPS, q.GoodQPS))
		}
		p.series(s, m, pts)
	}
}
