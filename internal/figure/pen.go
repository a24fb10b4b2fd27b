package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// pen draws on a canvas whose origin is the bottom left corner. It is the only
// thing that figures draw with, so it is where the house style is enforced.
type pen struct{ c vg.Canvas }

func newPen(c vg.Canvas) *pen { return &pen{c: c} }

// stroke is how a line looks.
type stroke struct {
	width vg.Length
	color color.RGBA
	dash  []vg.Length
}

// Text alignment relative to the given point.
type align uint8

const (
	left align = iota
	centre
	right
)

// label is a text style.
type label struct {
	size  vg.Length
	bold  bool
	color color.RGBA
	align align
}

func (l label) width(s string) vg.Length {
	f := typeface(l.size, l.bold)
	return f.Width(s)
}

// fit cuts s at the end until it is no wider than width.
func (l label) fit(s string, width vg.Length) string {
	if l.width(s) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && l.width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	if len(runes) == 0 {
		return ""
	}
	return string(runes) + "…"
}

// text draws s with its middle line (half the height of a capital) at y.
func (p *pen) text(l label, x, y vg.Length, s string) {
	if s == "" {
		return
	}
	face := typeface(l.size, l.bold)
	switch l.align {
	case centre:
		x -= face.Width(s) / 2
	case right:
		x -= face.Width(s)
	}
	p.c.SetColor(l.color)
	p.c.FillString(face, vg.Point{X: x, Y: y - capHeight*l.size/2}, s)
}

// capHeight of Liberation Sans as a share of its size.
const capHeight = 0.73

func (p *pen) line(s stroke, pts ...vg.Point) {
	if len(pts) < 2 {
		return
	}
	var path vg.Path
	path.Move(pts[0])
	for _, q := range pts[1:] {
		path.Line(q)
	}
	p.stroke(s, path)
}

func (p *pen) stroke(s stroke, path vg.Path) {
	p.c.SetColor(s.color)
	p.c.SetLineWidth(s.width)
	p.c.SetLineDash(s.dash, 0)
	p.c.Stroke(path)
}

func (p *pen) fill(c color.RGBA, pts ...vg.Point) {
	var path vg.Path
	path.Move(pts[0])
	for _, q := range pts[1:] {
		path.Line(q)
	}
	path.Close()
	p.c.SetColor(c)
	p.c.Fill(path)
}

func (p *pen) box(c color.RGBA, r vg.Rectangle) {
	p.c.SetColor(c)
	p.c.Fill(r.Path())
}

// hatch rules r with thin lines rising to the right, as one path.
func (p *pen) hatch(s stroke, r vg.Rectangle, step vg.Length) {
	w, h := r.Size().X, r.Size().Y
	var path vg.Path
	for d := step; d < w+h; d += step {
		// The line x - y = d - h, clipped to the rectangle.
		x0, y0 := d-h, vg.Length(0)
		if x0 < 0 {
			x0, y0 = 0, h-d
		}
		x1, y1 := d, h
		if x1 > w {
			x1, y1 = w, w-d+h
		}
		if x1 <= x0 {
			continue
		}
		path.Move(r.Min.Add(vg.Point{X: x0, Y: y0}))
		path.Line(r.Min.Add(vg.Point{X: x1, Y: y1}))
	}
	if len(path) > 0 {
		p.stroke(s, path)
	}
}

func rectangle(x0, y0, x1, y1 vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}
}
