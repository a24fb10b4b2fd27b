package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot/vg"
)

// BreakdownData is where the time goes: one panel per model, one group of
// bars per batch size, one bar per series.
type BreakdownData struct {
	Text
	Series []string // top to bottom within a batch
	Bars   []BreakdownBar
}

// BreakdownBar is one forward pass split by operator kind.
type BreakdownBar struct {
	Model  string
	Batch  int
	Series int           // index into BreakdownData.Series
	Total  time.Duration // of the whole pass, written beside the bar; 0 where only shares are known
	Shares []Share       // add up to 1
}

// Share is one operator kind's part of the time. Kinds outside the house
// palette are drawn together as "other".
type Share struct {
	Kind     string
	Fraction float64
}

// kindColours is the drawing order of operator kinds and their colours;
// kinds that can stand next to each other differ in lightness.
var kindColours = []struct {
	kind  string
	color color.RGBA
}{
	{"FC", navy}, {"SparseLengthsSum", orange}, {"RecurrentNetwork", plum}, {"Concat", teal},
	{"Sum", yellow}, {"Relu", sky}, {"Softmax", brick}, {"other", stone},
}

func kindIndex(kind string) int {
	for i, k := range kindColours {
		if k.kind == kind {
			return i
		}
	}
	return len(kindColours) - 1
}

func (d BreakdownData) validate() error {
	c := &checker{subject: "breakdown"}
	c.text(d.Text)
	c.that(len(d.Bars) > 0, "no bars")
	for _, b := range d.Bars {
		c.subject = fmt.Sprintf("breakdown: %s: batch %d", b.Model, b.Batch)
		c.positive("batch", float64(b.Batch))
		c.that(b.Series >= 0 && b.Series < len(d.Series), "series %d is not one of %d", b.Series, len(d.Series))
		c.that(b.Total >= 0, "total %v is negative", b.Total)
		sum := 0.0
		for _, s := range b.Shares {
			c.that(s.Fraction >= 0 && s.Fraction <= 1, "%s: %v is not a share", s.Kind, s.Fraction)
			sum += s.Fraction
		}
		c.that(math.Abs(sum-1) < 0.005, "shares add up to %v", sum)
	}
	for _, m := range order(d.Bars, func(b BreakdownBar) string { return b.Model }) {
		c.subject = "breakdown: " + m
		keys := map[[2]int]bool{}
		for _, b := range d.of(m) {
			c.that(!keys[[2]int{b.Batch, b.Series}], "batch %d comes twice", b.Batch)
			keys[[2]int{b.Batch, b.Series}] = true
		}
	}
	return c.err
}

// of returns a model's bars by batch, then series.
func (d BreakdownData) of(model string) []BreakdownBar {
	var bars []BreakdownBar
	for _, b := range d.Bars {
		if b.Model == model {
			bars = append(bars, b)
		}
	}
	slices.SortStableFunc(bars, func(a, b BreakdownBar) int {
		if a.Batch != b.Batch {
			return a.Batch - b.Batch
		}
		return a.Series - b.Series
	})
	return bars
}

const (
	barHeight   vg.Length = 10
	barGap      vg.Length = 1
	barGroupGap vg.Length = 5
	barColumns            = 2
)

// Breakdown draws stacked horizontal bars, labelled in the bar where the label
// fits.
func Breakdown(d BreakdownData) (*Figure, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	models := order(d.Bars, func(b BreakdownBar) string { return b.Model })
	height := vg.Length(0)
	for _, m := range models {
		height = max(height, barsHeight(d.of(m)))
	}
	key := d.key()
	t := newTiles(len(models), barColumns, vg.Point{X: pageWidth / barColumns, Y: height + 46}, 0)
	t.key = keyHeight(key, t.size().X)
	return &Figure{Text: d.Text, size: t.size(), body: func(p *pen) {
		drawKey(p, key, t.size().Y, t.size().X)
		for i, m := range models {
			d.panel(p, t.at(i), m)
		}
	}}, nil
}

func (d BreakdownData) key() []keyItem {
	used := make([]bool, len(kindColours))
	for _, b := range d.Bars {
		for _, s := range b.Shares {
			if s.Fraction > 0 {
				used[kindIndex(s.Kind)] = true
			}
		}
	}
	var key []keyItem
	for i, k := range kindColours {
		if used[i] {
			key = append(key, keyItem{k.kind, func(p *pen, r vg.Rectangle) { p.box(k.color, r) }})
		}
	}
	return key
}

func barsHeight(bars []BreakdownBar) vg.Length {
	h := vg.Length(0)
	for i, b := range bars {
		if i > 0 && b.Batch != bars[i-1].Batch {
			h += barGroupGap
		}
		h += barHeight + barGap
	}
	return h
}

func (d BreakdownData) panel(p *pen, cell vg.Rectangle, model string) {
	bars := d.of(model)
	seriesRoom, totalRoom := vg.Length(0), vg.Length(0)
	for _, s := range d.Series {
		seriesRoom = max(seriesRoom, sideStyle.width(s))
	}
	for _, b := range d.Bars {
		totalRoom = max(totalRoom, sideStyle.width(totalText(b)))
	}
	const batchRoom = 30
	area := rectangle(cell.Min.X+batchRoom+seriesRoom+6, cell.Min.Y, cell.Max.X-totalRoom-6-roomGap, cell.Max.Y-14)
	p.text(headStyle, cell.Min.X, cell.Max.Y-9, headStyle.fit(model, area.Min.X-cell.Min.X-4))
	side := sideStyle
	p.text(side, area.Min.X, cell.Max.Y-9, "share of time (%) by batch size (items)")
	side.align = right
	y := area.Max.Y - 4
	for i, b := range bars {
		first := i == 0 || b.Batch != bars[i-1].Batch
		if first && i > 0 {
			y -= barGroupGap
		}
		mid := y - barHeight/2
		if first {
			bold := label{size: textSize, bold: true, color: ink, align: right}
			p.text(bold, cell.Min.X+batchRoom-6, mid, strconv.Itoa(b.Batch))
		}
		p.text(side, area.Min.X-4, mid, d.Series[b.Series])
		drawBar(p, rectangle(area.Min.X, y-barHeight, area.Max.X, y), b)
		p.text(sideStyle, area.Max.X+5, mid, totalText(b))
		y -= barHeight + barGap
	}
	percentTicks(p, area, y)
}

func totalText(b BreakdownBar) string {
	if b.Total == 0 {
		return ""
	}
	return duration(float64(b.Total))
}

// percentTicks writes the scale under the lowest bar.
func percentTicks(p *pen, area vg.Rectangle, y vg.Length) {
	style := tickStyle
	style.align = centre
	for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
		x := area.Min.X + vg.Length(v)*area.Size().X
		p.line(stroke{width: hair, color: muted}, vg.Point{X: x, Y: y}, vg.Point{X: x, Y: y - tickLength})
		p.text(style, x, y-8, significant(v*100, 3))
	}
}

func drawBar(p *pen, r vg.Rectangle, b BreakdownBar) {
	total := make([]float64, len(kindColours))
	for _, s := range b.Shares {
		total[kindIndex(s.Kind)] += s.Fraction
	}
	x := r.Min.X
	for i, k := range kindColours {
		w := vg.Length(total[i]) * r.Size().X
		if w <= 0 {
			continue
		}
		p.box(k.color, rectangle(x, r.Min.Y, x+max(w-0.6, w/2), r.Max.Y)) // a sliver of paper between kinds
		style := label{size: tinySize, color: textOn(k.color), align: centre}
		if s := significant(total[i]*100, 2); style.width(s)+3 < w {
			p.text(style, x+w/2, (r.Min.Y+r.Max.Y)/2, s)
		}
		x += w
	}
}
