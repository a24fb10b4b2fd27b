package figure

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
)

// HeatData is throughput over the two knobs of the scheduler, one panel per
// model.
type HeatData struct {
	Text
	Panels []HeatPanel
	Marks  []string // names of the policies marked, in drawing order
}

// HeatPanel is the grid of one model. Detail follows the model's name.
type HeatPanel struct {
	Model, Detail string
	Cells         []HeatCell
	Points        []HeatPoint
}

// HeatCell is the largest rate that meets the target at one setting of the
// knobs, both in items; 0 QPS where no rate does. Threshold 0 is never.
type HeatCell struct {
	Batch, Threshold int
	QPS              float64
}

// HeatPoint marks a policy's choice. It need not lie on the grid: between two
// levels of a knob it is drawn between their cells.
type HeatPoint struct {
	Mark             int // index into HeatData.Marks
	Batch, Threshold int
}

func (d HeatData) validate() error {
	c := &checker{subject: "heat"}
	c.text(d.Text)
	c.that(len(d.Panels) > 0, "no panels")
	c.that(len(d.Marks) <= len(heatMarkers), "more than %d marks", len(heatMarkers))
	for _, n := range d.Panels {
		c.subject = "heat: " + n.Model
		c.that(len(n.Cells) > 0, "no cells")
		seen := map[[2]int]bool{}
		for _, q := range n.Cells {
			c.that(q.Batch > 0 && q.Threshold >= 0, "batch %d, threshold %d is not a policy", q.Batch, q.Threshold)
			c.that(q.QPS >= 0 && !math.IsInf(q.QPS, 0), "batch %d, threshold %d: %v QPS is not a rate", q.Batch, q.Threshold, q.QPS)
			c.that(!seen[[2]int{q.Batch, q.Threshold}], "batch %d, threshold %d comes twice", q.Batch, q.Threshold)
			seen[[2]int{q.Batch, q.Threshold}] = true
		}
		for _, q := range n.Points {
			c.that(q.Mark >= 0 && q.Mark < len(d.Marks), "mark %d is not one of %d", q.Mark, len(d.Marks))
			c.that(q.Batch > 0 && q.Threshold >= 0, "mark at batch %d, threshold %d is not a policy", q.Batch, q.Threshold)
		}
	}
	return c.err
}

// Marks differ in shape and are outlined, because they lie on every shade.
var heatMarkers = []marker{
	{shape: disc, radius: 2.8, color: stone},
	{shape: square, radius: 2.8, color: orange},
	{shape: diamond, radius: 3.2, color: yellow},
	{shape: triangle, radius: 2.8, color: brick},
}

// Heat draws each panel's throughput as a share of the panel's best, darker
// for more, with the chosen settings marked.
func Heat(d HeatData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	key := []keyItem{{"share of the panel's best, 0 to 100 %", func(p *pen, r vg.Rectangle) {
		const steps = 9
		w := r.Size().X / steps
		for i := range steps {
			p.box(ramp(float64(i)/(steps-1)), rectangle(r.Min.X+vg.Length(i)*w, r.Min.Y, r.Min.X+vg.Length(i+1)*w, r.Max.Y))
		}
	}}}
	for i, name := range d.Marks {
		key = append(key, keyItem{name, func(p *pen, r vg.Rectangle) {
			outlined(p, heatMarkers[i], vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y + r.Max.Y) / 2})
		}})
	}
	t := newTiles(len(d.Panels), 4, panelCell(len(d.Panels), 194), 0)
	t.key = keyHeight(key, t.size().X)
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, n := range d.Panels {
			drawHeat(p, t.at(i), n)
		}
	}}, nil
}

// outlined draws a marker with a rim that shows on light and dark cells.
func outlined(p *pen, m marker, at vg.Point) {
	path := m.outline(at)
	p.stroke(stroke{width: 2.4, color: onDark}, path)
	p.c.SetColor(m.color)
	p.c.Fill(path)
	p.stroke(stroke{width: thin, color: onLight}, path)
}

// Gaps reports whether some pair of the knobs' levels has no cell.
func (d HeatPanel) Gaps() bool {
	batches := levels(d.Cells, func(q HeatCell) int { return q.Batch })
	thresholds := levels(d.Cells, func(q HeatCell) int { return q.Threshold })
	return len(d.Cells) < len(batches)*len(thresholds)
}

func drawHeat(p *pen, cell vg.Rectangle, d HeatPanel) {
	batches := levels(d.Cells, func(q HeatCell) int { return q.Batch })
	thresholds := levels(d.Cells, func(q HeatCell) int { return q.Threshold })
	n := panel{area: rectangle(cell.Min.X+30, cell.Min.Y+roomBelow, cell.Max.X-roomGap-4, cell.Max.Y-roomAbove)}
	w, h := n.area.Size().X/vg.Length(len(batches)), n.area.Size().Y/vg.Length(len(thresholds))
	at := func(i, j int) vg.Rectangle {
		x, y := n.area.Min.X+vg.Length(i)*w, n.area.Min.Y+vg.Length(j)*h
		return rectangle(x, y, x+w-hair, y+h-hair)
	}
	best := 0.0
	for _, q := range d.Cells {
		best = max(best, q.QPS)
	}
	evaluated := map[[2]int]bool{}
	for _, q := range d.Cells {
		share := 0.0
		if best > 0 {
			share = q.QPS / best
		}
		i, j := slices.Index(batches, q.Batch), slices.Index(thresholds, q.Threshold)
		p.box(ramp(share), at(i, j))
		evaluated[[2]int{i, j}] = true
	}
	for i := range batches {
		for j := range thresholds {
			if !evaluated[[2]int{i, j}] {
				p.hatch(stroke{width: hair, color: muted}, at(i, j), 3)
			}
		}
	}
	n.heading(p, d.Model, d.Detail)
	p.text(sideStyle, n.area.Min.X, n.area.Max.Y+9, "offload threshold (items)")
	p.text(sideStyle, n.area.Min.X, n.area.Min.Y-19, "batch size (items)")
	heatTicks(p, n, batches, thresholds, w, h)
	var taken []vg.Point
	for _, q := range d.Points {
		x := n.area.Min.X + vg.Length(position(batches, q.Batch)+0.5)*w
		y := n.area.Min.Y + vg.Length(position(thresholds, q.Threshold)+0.5)*h
		spot := aside(vg.Point{X: x, Y: y}, taken, n.area)
		taken = append(taken, spot)
		outlined(p, heatMarkers[q.Mark], spot)
	}
}

func heatTicks(p *pen, n panel, batches, thresholds []int, w, h vg.Length) {
	style := tickStyle
	style.align = centre
	end := n.area.Min.X - w
	for i, b := range batches {
		x, s := n.area.Min.X+(vg.Length(i)+0.5)*w, strconv.Itoa(b)
		if half := style.width(s)/2 + 3; x-half > end {
			p.text(style, x, n.area.Min.Y-8, s)
			end = x + half
		}
	}
	style.align = right
	step := int(math.Ceil(float64((textSize + 2) / h)))
	for j, v := range thresholds {
		s := strconv.Itoa(v)
		if v == 0 {
			s = "never"
		}
		if j%step == 0 && (v == 0 || thresholds[len(thresholds)-1] != 0 || j+step <= len(thresholds)-1) || v == 0 {
			p.text(style, n.area.Min.X-4, n.area.Min.Y+(vg.Length(j)+0.5)*h, s)
		}
	}
}

// levels returns the sorted distinct values of a knob; 0, which means never,
// comes last, where an infinite threshold belongs.
func levels(cells []HeatCell, knob func(HeatCell) int) []int {
	vs := order(cells, knob)
	slices.Sort(vs)
	if vs[0] == 0 {
		vs = append(vs[1:], 0)
	}
	return vs
}

// position is where a value lies among the levels of a knob, as an index with a
// fraction, by ratio. 0, which means never, lies at 0 or after every level; a
// threshold past the last level but one lies half way to never.
func position(levels []int, v int) float64 {
	if i := slices.Index(levels, v); i >= 0 {
		return float64(i)
	}
	i := slices.IndexFunc(levels, func(l int) bool { return l == 0 || l > v })
	switch {
	case v == 0 || i < 0:
		return float64(len(levels) - 1)
	case i == 0:
		return 0
	case levels[i] == 0:
		return float64(i) - 0.5
	}
	lo, hi := float64(levels[i-1]), float64(levels[i])
	return float64(i-1) + math.Log(float64(v)/lo)/math.Log(hi/lo)
}

// aside moves a mark so far, within the panel, that it hides no other.
func aside(at vg.Point, taken []vg.Point, area vg.Rectangle) vg.Point {
	const step = 5
	clashes := func(q vg.Point) bool {
		return slices.ContainsFunc(taken, func(t vg.Point) bool { return math.Hypot(float64(q.X-t.X), float64(q.Y-t.Y)) < step })
	}
	inwards := vg.Length(step)
	if at.X > (area.Min.X+area.Max.X)/2 {
		inwards = -step
	}
	for clashes(at) {
		at.X += inwards
	}
	return at
}
