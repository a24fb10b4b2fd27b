package figure

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/vg"
)

// panel is one plot of a figure: a data area with two axes. Tick labels and
// axis labels stand outside the area, the y axis's label above it and
// horizontal, where it can be read without turning the head.
type panel struct {
	area vg.Rectangle
	x, y axis
}

// Room around the data area inside a cell.
const (
	roomAbove  vg.Length = 30 // heading and y label
	roomBelow  vg.Length = 32 // x ticks and x label
	roomGap    vg.Length = 8  // to the next cell
	tickLength vg.Length = 2.5
)

var (
	headStyle = label{size: headSize, bold: true, color: ink}
	sideStyle = label{size: textSize, color: muted}
	tickStyle = label{size: textSize, color: muted}
)

// newPanel fits a panel into a cell, leaving room left of it for y ticks and
// right of it for labels at the line ends.
func newPanel(cell vg.Rectangle, leftRoom, rightRoom vg.Length, x, y axis) panel {
	return panel{
		area: rectangle(cell.Min.X+leftRoom, cell.Min.Y+roomBelow, cell.Max.X-rightRoom-roomGap, cell.Max.Y-roomAbove),
		x:    x, y: y,
	}
}

// tickRoom is the space that an axis's tick labels need on the left.
func tickRoom(axes ...axis) vg.Length {
	var w vg.Length
	for _, a := range axes {
		for _, t := range a.ticks {
			w = max(w, tickStyle.width(t.Label))
		}
	}
	return w + tickLength + 3
}

func (n panel) px(v float64) vg.Length {
	return n.area.Min.X + vg.Length(n.x.norm(v))*n.area.Size().X
}

func (n panel) py(v float64) vg.Length {
	return n.area.Min.Y + vg.Length(n.y.norm(v))*n.area.Size().Y
}

func (n panel) at(x, y float64) vg.Point { return vg.Point{X: n.px(x), Y: n.py(y)} }

// frame draws grid, axes and labels; heading is bold, detail follows it.
func (n panel) frame(p *pen, heading, detail string) {
	n.heading(p, heading, detail)
	n.yAxis(p)
	n.xAxis(p)
}

func (n panel) heading(p *pen, heading, detail string) {
	y, width := n.area.Max.Y+22, n.area.Size().X+roomGap
	heading = headStyle.fit(heading, width)
	p.text(headStyle, n.area.Min.X, y, heading)
	used := headStyle.width(heading) + 5
	p.text(sideStyle, n.area.Min.X+used, y, sideStyle.fit(detail, width-used))
}

func (n panel) yAxis(p *pen) {
	style := tickStyle
	style.align = right
	for _, t := range n.y.ticks {
		y := n.py(t.Value)
		if t.Label == "" {
			p.line(stroke{width: hair, color: muted}, vg.Point{X: n.area.Min.X - tickLength/2, Y: y}, vg.Point{X: n.area.Min.X, Y: y})
			continue
		}
		p.line(stroke{width: hair, color: grid}, vg.Point{X: n.area.Min.X, Y: y}, vg.Point{X: n.area.Max.X, Y: y})
		p.text(style, n.area.Min.X-tickLength-1, y, t.Label)
	}
	p.line(stroke{width: hair, color: muted}, n.area.Min, vg.Point{X: n.area.Min.X, Y: n.area.Max.Y})
	p.text(sideStyle, n.area.Min.X, n.area.Max.Y+9, n.y.label)
}

func (n panel) xAxis(p *pen) {
	style := tickStyle
	style.align = centre
	bottom := n.area.Min.Y
	for _, t := range n.x.ticks {
		x := n.px(t.Value)
		length := tickLength
		if t.Label == "" {
			length /= 2
		} else {
			p.line(stroke{width: hair, color: grid}, vg.Point{X: x, Y: bottom}, vg.Point{X: x, Y: n.area.Max.Y})
		}
		p.line(stroke{width: hair, color: muted}, vg.Point{X: x, Y: bottom - length}, vg.Point{X: x, Y: bottom})
		p.text(style, x, bottom-8, t.Label)
	}
	p.line(stroke{width: hair, color: muted}, n.area.Min, vg.Point{X: n.area.Max.X, Y: bottom})
	p.text(sideStyle, n.area.Min.X, bottom-19, n.x.label)
}

// ending is a label to be written beside the right end of a line.
type ending struct {
	y    vg.Length
	text string
	col  label
}

// endings writes labels right of x, moved apart so that none overlap.
func (n panel) endings(p *pen, x vg.Length, list []ending) {
	const step = textSize + 1
	slices.SortStableFunc(list, func(a, b ending) int { return cmp.Compare(a.y, b.y) })
	for i := 1; i < len(list); i++ {
		list[i].y = max(list[i].y, list[i-1].y+step)
	}
	top := n.area.Max.Y
	for i := len(list) - 1; i >= 0; i-- {
		list[i].y = min(list[i].y, top)
		top = list[i].y - step
	}
	for _, e := range list {
		// Grid and target lines may run behind; the label stays readable.
		p.box(paper, rectangle(x+3, e.y-textSize/2, x+4+e.col.width(e.text), e.y+textSize/2))
		p.text(e.col, x+4, e.y, e.text)
	}
}
