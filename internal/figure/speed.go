package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// SpeedData is how fast something runs against how large it is: one panel.
type SpeedData struct {
	Text
	Size  string // label of the x axis, with its unit
	Lines []SpeedLine
}

// SpeedLine is one way of doing it.
type SpeedLine struct {
	Name   string
	Points []SpeedPoint // ascending sizes
}

// SpeedPoint is the rate at one size, with the range of repetitions.
type SpeedPoint struct {
	Size              int
	PerSecond, Lo, Hi float64
}

func (d SpeedData) validate() error {
	c := &checker{subject: "speed"}
	c.text(d.Text)
	c.that(len(d.Lines) > 0, "no lines")
	c.that(len(d.Lines) <= seriesLimit, "more than %d lines", seriesLimit)
	for _, l := range d.Lines {
		c.subject = "speed: " + l.Name
		c.that(len(l.Points) > 0, "no points")
		var sizes []int
		for _, q := range l.Points {
			sizes = append(sizes, q.Size)
			c.positive("size", float64(q.Size))
			c.interval(fmt.Sprintf("size %d", q.Size), q.Lo, q.PerSecond, q.Hi)
		}
		ascending(c, "size", sizes)
	}
	return c.err
}

// Speed draws rates against sizes on log-log axes, each with its range.
func Speed(d SpeedData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	var key []keyItem
	ex, ey := newExtent(), newExtent()
	for i, l := range d.Lines {
		key = append(key, keyItem{l.Name, lineSample(seriesStyle(i))})
		for _, q := range l.Points {
			ex.add(float64(q.Size))
			ey.add(q.Lo, q.Hi)
		}
	}
	t := newTiles(1, 1, vg.Point{X: 420, Y: 260}, 0)
	t.key = keyHeight(key, t.size().X)
	x, y := logAxis(d.Size, ex, count), logAxis("requests simulated per second and core", ey, count)
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		n := newPanel(t.at(0), tickRoom(y), 4, x, y)
		n.frame(p, "", "")
		for i, l := range d.Lines {
			s, m := seriesStyle(i)
			var pts []vg.Point
			for _, q := range l.Points {
				p.interval(stroke{width: hair, color: s.color}, n.px(float64(q.Size)), n.py(q.Lo), n.py(q.Hi))
				pts = append(pts, n.at(float64(q.Size), q.PerSecond))
			}
			p.series(s, m, pts)
		}
	}}, nil
}
