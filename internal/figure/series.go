package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// seriesStyle gives the i-th line of a panel its colour, dash and marker. The
// three vary together, so a series is known by any one of them.
func seriesStyle(i int) (stroke, marker) {
	styles := []struct {
		color color.RGBA
		dash  []vg.Length
		shape shape
	}{
		{navy, nil, disc},
		{orange, []vg.Length{5, 2}, square},
		{plum, []vg.Length{1.5, 1.5}, triangle},
		{teal, []vg.Length{6, 2, 1, 2}, diamond},
	}
	s := styles[i%len(styles)]
	return stroke{width: 1.2, color: s.color, dash: s.dash}, marker{shape: s.shape, radius: 2.1, color: s.color}
}

// seriesLimit is how many lines one panel can hold and stay readable.
const seriesLimit = 4

// series draws a line with a mark at each point.
func (p *pen) series(s stroke, m marker, pts []vg.Point) {
	p.line(s, pts...)
	for _, at := range pts {
		p.mark(m, at)
	}
}

// saturated marks a rate at which the queue grows.
var saturated = marker{shape: cross, radius: 3, color: brick}

// band fills between two lines over the same abscissae, given left to right.
func (p *pen) band(c color.RGBA, lower, upper []vg.Point) {
	if len(lower) < 2 {
		return
	}
	outline := append([]vg.Point{}, upper...)
	for i := len(lower) - 1; i >= 0; i-- {
		outline = append(outline, lower[i])
	}
	p.fill(c, outline...)
}

// bandTint is how much of a line's colour its band keeps.
const bandTint = 0.22
