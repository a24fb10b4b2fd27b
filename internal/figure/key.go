package figure

import "gonum.org/v1/plot/vg"

// keyItem is one entry of the key above the panels: a sample and its name. A
// key is used only where a label beside the mark would not fit.
type keyItem struct {
	name   string
	sample func(p *pen, r vg.Rectangle)
}

const (
	keySample vg.Length = 18
	keyGap    vg.Length = 16
	keyLine   vg.Length = 14
)

// keyHeight is the height of a key that flows over lines of the given width.
func keyHeight(items []keyItem, width vg.Length) vg.Length {
	if len(items) == 0 {
		return 0
	}
	lines := keyFlow(items, width, func(keyItem, vg.Length, int) {})
	return vg.Length(lines)*keyLine + 4
}

// drawKey writes the key with its first line just below top.
func drawKey(p *pen, items []keyItem, top, width vg.Length) {
	style := label{size: textSize, color: ink}
	keyFlow(items, width, func(it keyItem, x vg.Length, line int) {
		y := top - keyLine/2 - vg.Length(line)*keyLine
		it.sample(p, rectangle(x, y-4, x+keySample, y+4))
		p.text(style, x+keySample+4, y, it.name)
	})
}

func keyFlow(items []keyItem, width vg.Length, place func(it keyItem, x vg.Length, line int)) (lines int) {
	style := label{size: textSize}
	var x vg.Length
	line := 0
	for _, it := range items {
		w := keySample + 4 + style.width(it.name)
		if x > 0 && x+w > width {
			x = 0
			line++
		}
		place(it, x, line)
		x += w + keyGap
	}
	return line + 1
}

// lineSample is a key sample of a line with a marker on it.
func lineSample(s stroke, m marker) func(*pen, vg.Rectangle) {
	return func(p *pen, r vg.Rectangle) {
		y := (r.Min.Y + r.Max.Y) / 2
		if s.width > 0 {
			p.line(s, vg.Point{X: r.Min.X, Y: y}, vg.Point{X: r.Max.X, Y: y})
		}
		if m.radius > 0 {
			p.mark(m, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: y})
		}
	}
}
