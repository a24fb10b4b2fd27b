package figure

import (
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// FleetData is how many machines of each platform are on over a day: one panel
// per plan, all on the same axes.
type FleetData struct {
	Text
	Axis      string   // what is stacked, with its unit
	Platforms []string // bottom to top
	Panels    []FleetPanel
}

// FleetPanel is one plan. Detail follows its name: what the day costs.
type FleetPanel struct {
	Name, Detail string
	Hours        []FleetHour // ascending
}

// FleetHour is the stack of one hour, by platform; one that is not Met has
// none and is crossed out.
type FleetHour struct {
	Hour    int
	Amounts []float64
	Met     bool
}

// fleetColours are the platforms' fills. Neighbours differ in lightness, also
// where one between them is absent.
var fleetColours = []color.RGBA{navy, sky, teal, yellow, plum, orange}

func (d FleetData) validate() error {
	c := &checker{subject: "fleet"}
	c.text(d.Text)
	c.that(d.Axis != "", "no axis label")
	c.that(len(d.Panels) > 0, "no panels")
	c.that(len(d.Platforms) > 0 && len(d.Platforms) <= len(fleetColours), "%d platforms, not 1 to %d", len(d.Platforms), len(fleetColours))
	for _, n := range d.Panels {
		c.subject = "fleet: " + n.Name
		c.that(len(n.Hours) > 0, "no hours")
		var hours []int
		for _, h := range n.Hours {
			hours = append(hours, h.Hour)
			c.that(len(h.Amounts) == len(d.Platforms), "hour %d: %d amounts of %d platforms", h.Hour, len(h.Amounts), len(d.Platforms))
			for _, v := range h.Amounts {
				c.that(v >= 0 && v < 1e300, "hour %d: amount %v is not a number of at least 0", h.Hour, v)
			}
		}
		ascending(c, "hour", hours)
	}
	return c.err
}

// Fleet draws stacked columns, one per hour.
func Fleet(d FleetData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	var key []keyItem
	for i, name := range d.Platforms {
		key = append(key, keyItem{name, func(p *pen, r vg.Rectangle) { p.box(fleetColours[i], r) }})
	}
	t := newTiles(len(d.Panels), 4, panelCell(len(d.Panels), 184), 0)
	t.key = keyHeight(key, t.size().X)
	x, y := d.axes()
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, data := range d.Panels {
			drawFleet(p, newPanel(t.at(i), tickRoom(y), 0, x, y), data)
		}
	}}, nil
}

// axes are shared: the panels are there to be compared.
func (d FleetData) axes() (x, y axis) {
	first, last, high := d.Panels[0].Hours[0].Hour, 0, 0.0
	for _, n := range d.Panels {
		first, last = min(first, n.Hours[0].Hour), max(last, n.Hours[len(n.Hours)-1].Hour)
		for _, h := range n.Hours {
			sum := 0.0
			for _, v := range h.Amounts {
				sum += v
			}
			high = max(high, sum)
		}
	}
	if high == 0 {
		high = 1
	}
	x = axis{label: "hour", min: float64(first) - 0.5, max: float64(last) + 0.5, scale: plot.LinearScale{}}
	step := max(6, (last-first)/24*6)
	for h := first; h <= last; h++ {
		if h%step == 0 {
			x.ticks = append(x.ticks, plot.Tick{Value: float64(h), Label: strconv.Itoa(h)})
		}
	}
	return x, zeroAxis(d.Axis, high, count)
}

func drawFleet(p *pen, n panel, d FleetPanel) {
	n.frame(p, d.Name, d.Detail)
	for _, h := range d.Hours {
		x0, x1 := n.px(float64(h.Hour)-0.5), n.px(float64(h.Hour)+0.5)
		if !h.Met {
			p.mark(marker{shape: cross, radius: 2, color: brick}, vg.Point{X: (x0 + x1) / 2, Y: n.area.Min.Y + 6})
			continue
		}
		base := 0.0
		for i, v := range h.Amounts {
			if v > 0 {
				p.box(fleetColours[i], rectangle(x0, n.py(base), x1, n.py(base+v)))
			}
			base += v
		}
	}
}
