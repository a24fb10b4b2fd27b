package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// BatchData is latency-bounded throughput against the batch size, nothing
// offloaded: one panel per model, one line per target.
type BatchData struct {
	Text
	Lines []BatchLine
	Marks []string // names of the policies marked
}

// BatchLine is one target of one model. Label stands at its right end.
type BatchLine struct {
	Model, Label string
	Points       []BatchPoint // ascending batches
	Choices      []BatchChoice
}

// BatchPoint is the largest rate that meets the target, with its interval.
// All three are 0 where no rate does.
type BatchPoint struct {
	Batch       int
	QPS, Lo, Hi float64
}

// BatchChoice marks a policy's batch size and throughput.
type BatchChoice struct {
	Mark  int // index into BatchData.Marks
	Batch int
	QPS   float64
}

func (d BatchData) validate() error {
	c := &checker{subject: "batch"}
	c.text(d.Text)
	c.that(len(d.Lines) > 0, "no lines")
	c.that(len(d.Marks) <= len(heatMarkers), "more than %d marks", len(heatMarkers))
	for _, l := range d.Lines {
		c.subject = fmt.Sprintf("batch: %s: %s", l.Model, l.Label)
		c.that(len(l.Points) > 0, "no points")
		var batches []int
		for _, q := range l.Points {
			batches = append(batches, q.Batch)
			c.positive("batch", float64(q.Batch))
			if q.QPS != 0 || q.Lo != 0 || q.Hi != 0 {
				c.that(q.Lo >= 0 && q.Lo <= q.QPS && q.QPS <= q.Hi && q.Hi < 1e300, "batch %d: interval %v..%v does not hold %v", q.Batch, q.Lo, q.Hi, q.QPS)
			}
		}
		ascending(c, "batch", batches)
		for _, q := range l.Choices {
			c.that(q.Mark >= 0 && q.Mark < len(d.Marks), "mark %d is not one of %d", q.Mark, len(d.Marks))
			c.that(q.Batch > 0 && q.QPS >= 0 && q.QPS < 1e300, "mark at batch %d, %v QPS", q.Batch, q.QPS)
		}
	}
	for _, m := range order(d.Lines, func(l BatchLine) string { return l.Model }) {
		c.subject = "batch: " + m
		c.that(len(d.of(m)) <= seriesLimit, "more than %d lines in one panel", seriesLimit)
	}
	return c.err
}

func (d BatchData) of(model string) []BatchLine {
	var lines []BatchLine
	for _, l := range d.Lines {
		if l.Model == model {
			lines = append(lines, l)
		}
	}
	return lines
}

// Batch draws throughput against batch size with intervals; each panel has a
// scale of its own, from zero.
func Batch(d BatchData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	models := order(d.Lines, func(l BatchLine) string { return l.Model })
	var key []keyItem
	for i, name := range d.Marks {
		key = append(key, keyItem{name, func(p *pen, r vg.Rectangle) {
			outlined(p, heatMarkers[i], vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y + r.Max.Y) / 2})
		}})
	}
	t := newTiles(len(models), 4, panelCell(len(models), 176), 0)
	t.key = keyHeight(key, t.size().X)
	ex, rightRoom := newExtent(), vg.Length(0)
	for _, l := range d.Lines {
		rightRoom = max(rightRoom, tickStyle.width(l.Label)+4)
		for _, q := range l.Points {
			ex.add(float64(q.Batch))
		}
	}
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, m := range models {
			lines, high := d.of(m), 0.0
			for _, l := range lines {
				for _, q := range l.Points {
					high = max(high, q.Hi)
				}
				for _, q := range l.Choices {
					high = max(high, q.QPS)
				}
			}
			if high == 0 {
				high = 1
			}
			y := zeroAxis("max QPS under the target", high, count)
			drawBatch(p, newPanel(t.at(i), 30, rightRoom, batchAxis(ex), y), m, lines)
		}
	}}, nil
}

func drawBatch(p *pen, n panel, model string, lines []BatchLine) {
	n.frame(p, model, "")
	var ends []ending
	for i, l := range lines {
		s, m := seriesStyle(i)
		m.radius = 1.6
		var pts []vg.Point
		for _, q := range l.Points {
			pts = append(pts, n.at(float64(q.Batch), q.QPS))
			if q.Hi > q.Lo {
				p.interval(stroke{width: hair, color: s.color}, n.px(float64(q.Batch)), n.py(q.Lo), n.py(q.Hi))
			}
		}
		p.series(s, m, pts)
		for _, q := range l.Choices {
			outlined(p, heatMarkers[q.Mark], n.at(float64(q.Batch), q.QPS))
		}
		ends = append(ends, ending{y: pts[len(pts)-1].Y, text: l.Label, col: label{size: textSize, color: legible(s.color)}})
	}
	n.endings(p, n.area.Max.X, ends)
}
