package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// shape is the outline of a marker. Shapes tell series apart where colour
// cannot: in print, in grey, and for one reader in twelve.
type shape uint8

const (
	disc shape = iota
	square
	diamond
	triangle
	cross // two strokes, never filled
)

// marker is one data point's mark.
type marker struct {
	shape  shape
	radius vg.Length
	color  color.RGBA
	hollow bool // outline on paper: not measured, or not ours
}

func (p *pen) mark(m marker, at vg.Point) {
	if m.shape == cross {
		s := stroke{width: thin, color: m.color}
		r := m.radius * 0.8
		p.line(s, at.Add(vg.Point{X: -r, Y: -r}), at.Add(vg.Point{X: r, Y: r}))
		p.line(s, at.Add(vg.Point{X: -r, Y: r}), at.Add(vg.Point{X: r, Y: -r}))
		return
	}
	path := m.outline(at)
	fill := m.color
	if m.hollow {
		fill = paper
	}
	p.c.SetColor(fill)
	p.c.Fill(path)
	if m.hollow {
		p.stroke(stroke{width: thin, color: m.color}, path)
	}
}

func (m marker) outline(at vg.Point) vg.Path {
	var path vg.Path
	if m.shape == disc {
		path.Move(at.Add(vg.Point{X: m.radius}))
		path.Arc(at, m.radius, 0, 2*math.Pi)
		path.Close()
		return path
	}
	// Corners lie on circles sized so that all shapes cover about equal area.
	corners, turn, r := 4, math.Pi/4, 1.25*m.radius
	switch m.shape {
	case diamond:
		turn = math.Pi / 2
	case triangle:
		corners, turn, r = 3, math.Pi/2, 1.45*m.radius
	}
	for i := range corners {
		sin, cos := math.Sincos(turn + 2*math.Pi*float64(i)/float64(corners))
		q := at.Add(vg.Point{X: r * vg.Length(cos), Y: r * vg.Length(sin)})
		if i == 0 {
			path.Move(q)
		} else {
			path.Line(q)
		}
	}
	path.Close()
	return path
}

// interval draws a vertical bar from lo to hi with short caps.
func (p *pen) interval(s stroke, x, lo, hi vg.Length) {
	const cap = 1.8
	p.line(s, vg.Point{X: x, Y: lo}, vg.Point{X: x, Y: hi})
	p.line(s, vg.Point{X: x - cap, Y: lo}, vg.Point{X: x + cap, Y: lo})
	p.line(s, vg.Point{X: x - cap, Y: hi}, vg.Point{X: x + cap, Y: hi})
}

// across draws a horizontal bar from lo to hi with short caps.
func (p *pen) across(s stroke, y, lo, hi vg.Length) {
	const cap = 1.8
	p.line(s, vg.Point{X: lo, Y: y}, vg.Point{X: hi, Y: y})
	p.line(s, vg.Point{X: lo, Y: y - cap}, vg.Point{X: lo, Y: y + cap})
	p.line(s, vg.Point{X: hi, Y: y - cap}, vg.Point{X: hi, Y: y + cap})
}
