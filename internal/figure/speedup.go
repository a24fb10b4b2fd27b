package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
)

// SpeedupData is how much faster an accelerator is than one CPU core, by batch
// size, one panel per model.
type SpeedupData struct {
	Text
	Series []SpeedupSeries // the lines of every panel, in drawing order
	Lines  []SpeedupLine
}

// SpeedupSeries names a line and says whether it is published: those are drawn
// hollow.
type SpeedupSeries struct {
	Name      string
	Published bool
}

// SpeedupLine is one series of one model.
type SpeedupLine struct {
	Model     string
	Series    int // index into SpeedupData.Series
	Points    []SpeedupPoint
	Crossover float64 // batch size from which the accelerator is faster; 0 if there is none in range
	// CrossLo and CrossHi enclose the crossover as the intervals of the points do;
	// both 0 where none is known. Past the last batch CrossHi is infinite.
	CrossLo, CrossHi float64
}

// Range writes the crossover with what encloses it: 27 (4–300), or 27 (4–1024+)
// where the end lies past the last batch. format writes a batch size.
func (l SpeedupLine) Range(format func(float64) string) string {
	s := format(l.Crossover)
	switch {
	case l.CrossHi == 0:
		return s
	case math.IsInf(l.CrossHi, 1):
		return fmt.Sprintf("%s (%s–%d+)", s, format(l.CrossLo), l.Points[len(l.Points)-1].Batch)
	}
	return fmt.Sprintf("%s (%s–%s)", s, format(l.CrossLo), format(l.CrossHi))
}

// SpeedupPoint is CPU time divided by accelerator time at one batch size. Lo
// and Hi are equal to Speedup where no interval is known.
type SpeedupPoint struct {
	Batch           int
	Speedup, Lo, Hi float64
}

func (d SpeedupData) validate() error {
	c := &checker{subject: "speedup"}
	c.text(d.Text)
	c.that(len(d.Lines) > 0, "no lines")
	c.that(len(d.Series) <= seriesLimit, "more than %d series", seriesLimit)
	for _, l := range d.Lines {
		c.subject = "speedup: " + l.Model
		if l.Series < 0 || l.Series >= len(d.Series) {
			c.fail("series %d is not one of %d", l.Series, len(d.Series))
			break
		}
		c.subject += ": " + d.Series[l.Series].Name
		c.that(len(l.Points) > 0, "no points")
		var batches []int
		for _, q := range l.Points {
			batches = append(batches, q.Batch)
			c.positive("batch", float64(q.Batch))
			c.interval(fmt.Sprintf("batch %d", q.Batch), q.Lo, q.Speedup, q.Hi)
		}
		ascending(c, "batch", batches)
		if l.Crossover != 0 && len(batches) > 0 {
			c.that(l.Crossover >= float64(batches[0]) && l.Crossover <= float64(batches[len(batches)-1]),
				"crossover %v lies outside batches %d..%d", l.Crossover, batches[0], batches[len(batches)-1])
			c.that(l.CrossHi == 0 || l.CrossLo <= l.Crossover && l.Crossover <= l.CrossHi, "crossover %v is not in %v..%v", l.Crossover, l.CrossLo, l.CrossHi)
		}
	}
	return c.err
}

// Speedup draws speed-up against batch size on log-log axes. The line at 1 is
// where an accelerator starts to pay; each crossing is marked and labelled
// with its batch size.
func Speedup(d SpeedupData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	models := order(d.Lines, func(l SpeedupLine) string { return l.Model })
	var key []keyItem
	for i := range d.Series {
		key = append(key, keyItem{d.Series[i].Name, lineSample(d.style(i))})
	}
	key = append(key, keyItem{"crossover: batch size from which the accelerator is faster", func(p *pen, r vg.Rectangle) {
		drawCrossover(p, stroke{width: thin, color: ink}, vg.Point{X: r.Min.X + 4, Y: r.Max.Y - 1}, r.Min.Y-1, r.Max.X, "")
	}})
	t := newTiles(len(models), 4, panelCell(len(models), 184), 0)
	t.key = keyHeight(key, t.size().X)
	ex, ey := newExtent(), newExtent()
	ey.add(1)
	for _, l := range d.Lines {
		for _, q := range l.Points {
			ex.add(float64(q.Batch))
			ey.add(q.Lo, q.Hi)
		}
	}
	ey.min /= 1.6 // room for the labels of the crossings
	x, y := batchAxis(ex), logAxis("speed-up over one CPU core", ey, times)
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, m := range models {
			d.panel(p, newPanel(t.at(i), tickRoom(y), 4, x, y), m)
		}
	}}, nil
}

func (d SpeedupData) style(series int) (stroke, marker) {
	s, m := seriesStyle(series)
	m.hollow = d.Series[series].Published
	return s, m
}

func (d SpeedupData) panel(p *pen, n panel, model string) {
	n.frame(p, model, "")
	p.line(stroke{width: thin, color: muted}, vg.Point{X: n.area.Min.X, Y: n.py(1)}, vg.Point{X: n.area.Max.X, Y: n.py(1)})
	row := 0
	for _, l := range d.Lines {
		if l.Model != model {
			continue
		}
		s, m := d.style(l.Series)
		d.intervals(p, n, l, s)
		var pts []vg.Point
		for _, q := range l.Points {
			pts = append(pts, n.at(float64(q.Batch), q.Speedup))
		}
		p.series(s, m, pts)
		if l.Crossover > 0 {
			y := n.area.Min.Y + 5 + vg.Length(row)*(textSize+0.5)
			drawCrossover(p, stroke{width: thin, color: s.color}, n.at(l.Crossover, 1), y, n.area.Max.X, l.Range(func(v float64) string { return significant(v, 2) }))
			row++
		}
	}
}

func (d SpeedupData) intervals(p *pen, n panel, l SpeedupLine, s stroke) {
	bar := stroke{width: hair, color: s.color}
	for _, q := range l.Points {
		if q.Hi > q.Lo {
			p.interval(bar, n.px(float64(q.Batch)), n.py(q.Lo), n.py(q.Hi))
		}
	}
}

// drawCrossover drops a line from the crossing to a label below it, on its right
// where there is room up to an edge.
func drawCrossover(p *pen, s stroke, at vg.Point, bottom, edge vg.Length, text string) {
	p.line(s, at, vg.Point{X: at.X, Y: bottom})
	p.mark(marker{shape: diamond, radius: 2.4, color: s.color}, at)
	style, x := label{size: textSize, bold: true, color: legible(s.color)}, at.X+3
	if x+style.width(text) > edge {
		style.align, x = right, at.X-3
	}
	p.text(style, x, bottom, text)
}
