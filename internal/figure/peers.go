package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// PeersData is how long other engines take, as a multiple of ours, by batch
// size: one panel per model.
type PeersData struct {
	Text
	Series []string // the engines, in drawing order
	Lines  []PeersLine
}

// PeersLine is one engine on one model.
type PeersLine struct {
	Model  string
	Series int // index into PeersData.Series
	Points []PeersPoint
}

// PeersPoint is the engine's latency over ours at one batch size: of the
// medians with its interval, and of the shortest times.
type PeersPoint struct {
	Batch         int
	Ratio, Lo, Hi float64
	Min           float64
}

func (d PeersData) validate() error {
	c := &checker{subject: "peers"}
	c.text(d.Text)
	c.that(len(d.Lines) > 0, "no lines")
	c.that(len(d.Series) <= seriesLimit, "more than %d series", seriesLimit)
	for _, l := range d.Lines {
		c.subject = "peers: " + l.Model
		if l.Series < 0 || l.Series >= len(d.Series) {
			c.fail("series %d is not one of %d", l.Series, len(d.Series))
			break
		}
		c.subject += ": " + d.Series[l.Series]
		c.that(len(l.Points) > 0, "no points")
		var batches []int
		for _, q := range l.Points {
			batches = append(batches, q.Batch)
			c.positive("batch", float64(q.Batch))
			c.positive("ratio of the shortest times", q.Min)
			c.interval(fmt.Sprintf("batch %d", q.Batch), q.Lo, q.Ratio, q.Hi)
		}
		ascending(c, "batch", batches)
	}
	return c.err
}

// Peers draws the ratios on log-log axes; above the line at 1 ours is faster.
func Peers(d PeersData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	models := order(d.Lines, func(l PeersLine) string { return l.Model })
	var key []keyItem
	for i, name := range d.Series {
		key = append(key, keyItem{name, lineSample(seriesStyle(i))})
	}
	t := newTiles(len(models), 4, panelCell(len(models), 176), 0)
	t.key = keyHeight(key, t.size().X)
	ex, ey := newExtent(), newExtent()
	ey.add(1)
	for _, l := range d.Lines {
		for _, q := range l.Points {
			ex.add(float64(q.Batch))
			ey.add(q.Lo, q.Hi, q.Min)
		}
	}
	x, y := batchAxis(ex), logAxis("latency over runexp's", ey, times)
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, m := range models {
			d.panel(p, newPanel(t.at(i), tickRoom(y), 4, x, y), m)
		}
	}}, nil
}

func (d PeersData) panel(p *pen, n panel, model string) {
	n.frame(p, model, "")
	p.line(stroke{width: thin, color: muted}, vg.Point{X: n.area.Min.X, Y: n.py(1)}, vg.Point{X: n.area.Max.X, Y: n.py(1)})
	for _, l := range d.Lines {
		if l.Model != model {
			continue
		}
		s, m := seriesStyle(l.Series)
		shortest := marker{shape: m.shape, radius: 1.2, color: m.color, hollow: true}
		var pts []vg.Point
		for _, q := range l.Points {
			pts = append(pts, n.at(float64(q.Batch), q.Ratio))
			if q.Hi > q.Lo {
				p.interval(stroke{width: hair, color: s.color}, n.px(float64(q.Batch)), n.py(q.Lo), n.py(q.Hi))
			}
		}
		p.line(s, pts...)
		for i, q := range l.Points {
			p.mark(shortest, n.at(float64(q.Batch), q.Min))
			p.mark(m, pts[i])
		}
	}
}
