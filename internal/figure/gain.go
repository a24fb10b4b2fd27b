package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
)

// GainData compares policies by a relative figure of merit: one panel per
// model, one group of rows per target, ours above the published one.
type GainData struct {
	Text
	Axis  string   // what the values are, with their unit
	Marks []string // what is compared, worst first: static, tuned CPU, ...
	Rows  []GainRow
}

// GainRow is one line of a panel. Rows of one Group stand together.
type GainRow struct {
	Model, Group string
	Detail       string // muted, under Group: the target's limit
	Series       string // names the row within its group: ours, published
	Published    bool   // drawn hollow
	Values       []GainValue
	Note         string // right of the row, such as the absolute throughput
}

// GainValue is one mark. Lo and Hi are equal to Value where no interval is
// known.
type GainValue struct {
	Mark          int // index into GainData.Marks
	Value, Lo, Hi float64
}

func (d GainData) validate() error {
	c := &checker{subject: "gain"}
	c.text(d.Text)
	c.that(d.Axis != "", "no axis label")
	c.that(len(d.Rows) > 0, "no rows")
	c.that(len(d.Marks) <= len(gainMarkers), "more than %d marks", len(gainMarkers))
	for _, r := range d.Rows {
		c.subject = fmt.Sprintf("gain: %s: %s: %s", r.Model, r.Group, r.Series)
		for _, v := range r.Values {
			if v.Mark < 0 || v.Mark >= len(d.Marks) {
				c.fail("mark %d is not one of %d", v.Mark, len(d.Marks))
				continue
			}
			c.interval(d.Marks[v.Mark], v.Lo, v.Value, v.Hi)
		}
	}
	return c.err
}

var gainMarkers = []marker{
	{shape: disc, radius: 2.6, color: muted},
	{shape: square, radius: 2.6, color: navy},
	{shape: diamond, radius: 3, color: orange},
}

const (
	gainRow      vg.Length = 12
	gainGroupGap vg.Length = 7
	gainNoLabel  vg.Length = 13 // room for a y label that these panels do without
	gainColumns            = 2
)

// Gain draws one row of marks per target and source on a logarithmic axis
// shared by all panels.
func Gain(d GainData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	models := order(d.Rows, func(r GainRow) string { return r.Model })
	height := vg.Length(0)
	for _, m := range models {
		height = max(height, d.height(m))
	}
	var key []keyItem
	for i, name := range d.Marks {
		key = append(key, keyItem{name, lineSample(stroke{}, gainMarkers[i])})
	}
	if slices.ContainsFunc(d.Rows, func(r GainRow) bool { return r.Published }) {
		m := gainMarkers[0]
		m.hollow = true
		key = append(key, keyItem{"hollow: published", lineSample(stroke{}, m)})
	}
	t := newTiles(len(models), gainColumns, vg.Point{X: pageWidth / gainColumns, Y: height + roomAbove + roomBelow - gainNoLabel}, 0)
	t.key = keyHeight(key, t.size().X)
	x := d.xAxis()
	leftRoom, rightRoom := d.rooms()
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, m := range models {
			cell := t.at(i)
			cell.Max.Y += gainNoLabel
			d.panel(p, newPanel(cell, leftRoom, rightRoom, x, axis{}), m)
		}
	}}, nil
}

func (d GainData) height(model string) vg.Length {
	h, group := gainGroupGap/2, ""
	for _, r := range d.Rows {
		if r.Model == model {
			if r.Group != group {
				h += gainGroupGap
			}
			h, group = h+gainRow, r.Group
		}
	}
	return h
}

func (d GainData) xAxis() axis {
	e := newExtent()
	e.add(1)
	for _, r := range d.Rows {
		for _, v := range r.Values {
			e.add(v.Lo, v.Hi)
		}
	}
	return logAxis(d.Axis, e, times)
}

// rooms is the space for group and series names on the left, notes on the
// right.
func (d GainData) rooms() (l, r vg.Length) {
	group, series := vg.Length(0), vg.Length(0)
	for _, row := range d.Rows {
		beside := vg.Length(0)
		if d.single(row) {
			beside = gainGroup.width(row.Group) + gainDetail
		}
		group = max(group, gainGroup.width(row.Group), beside+sideStyle.width(row.Detail))
		series = max(series, sideStyle.width(row.Series))
		if len(row.Values) > 0 {
			r = max(r, sideStyle.width(row.Note)+6)
		}
	}
	return group + series + 14, r
}

// single reports whether a row is its group's only one: then its detail stands
// beside the group's name, as there is no line below.
func (d GainData) single(r GainRow) bool {
	n := 0
	for _, q := range d.Rows {
		if q.Model == r.Model && q.Group == r.Group {
			n++
		}
	}
	return n == 1
}

// gainDetail is the gap between a group's name and a detail beside it.
const gainDetail vg.Length = 5

var gainGroup = label{size: textSize, bold: true, color: ink}

func (d GainData) panel(p *pen, n panel, model string) {
	low := n
	low.area.Max.Y -= gainNoLabel
	low.heading(p, model, "")
	n.xAxis(p)
	one := n.px(1)
	p.line(stroke{width: thin, color: muted}, vg.Point{X: one, Y: n.area.Min.Y}, vg.Point{X: one, Y: n.area.Max.Y})
	y, group := n.area.Max.Y-gainGroupGap/2+gainRow/2, ""
	leftRoom, _ := d.rooms()
	series := sideStyle
	series.align = right
	for _, r := range d.Rows {
		if r.Model != model {
			continue
		}
		first := r.Group != group
		if first && group != "" {
			y -= gainGroupGap
		}
		y -= gainRow
		if first {
			start := n.area.Min.X - leftRoom + 2
			p.text(gainGroup, start, y, r.Group)
			if d.single(r) {
				p.text(sideStyle, start+gainGroup.width(r.Group)+gainDetail, y, r.Detail)
			} else {
				p.text(sideStyle, start, y-gainRow+2, r.Detail)
			}
		}
		group = r.Group
		p.text(series, n.area.Min.X-5, y, r.Series)
		d.row(p, n, r, y)
	}
}

func (d GainData) row(p *pen, n panel, r GainRow, y vg.Length) {
	if len(r.Values) == 0 {
		p.box(paper, rectangle(n.area.Min.X+3, y-textSize/2, n.area.Min.X+5+sideStyle.width(r.Note), y+textSize/2))
		p.text(sideStyle, n.area.Min.X+4, y, r.Note)
		return
	}
	e := newExtent()
	for _, v := range r.Values {
		e.add(v.Value)
	}
	p.line(stroke{width: hair, color: muted}, vg.Point{X: n.px(e.min), Y: y}, vg.Point{X: n.px(e.max), Y: y})
	shift := n.apart(r.Values)
	for i, v := range r.Values {
		m := gainMarkers[v.Mark]
		m.hollow = r.Published
		if v.Hi > v.Lo {
			p.across(stroke{width: thin, color: m.color}, y+shift[i], n.px(v.Lo), n.px(v.Hi))
		}
		p.mark(m, vg.Point{X: n.px(v.Value), Y: y + shift[i]})
	}
	p.text(sideStyle, n.area.Max.X+6, y, r.Note)
}

// apart moves marks that would hide each other up and down within their row.
func (n panel) apart(values []GainValue) []vg.Length {
	const near, step = 5, 2.6
	shift := make([]vg.Length, len(values))
	for i := range values {
		for j := range i {
			if d := n.px(values[i].Value) - n.px(values[j].Value); d > -near && d < near {
				shift[i], shift[j] = -step, max(shift[j], 0)+step
			}
		}
	}
	for i := range shift {
		shift[i] = min(max(shift[i], -step), step)
	}
	return shift
}
