package figure

import (
	"strings"

	"gonum.org/v1/plot/vg"
)

// A page is the title, the body, the caption and the footnotes, top to bottom.

var (
	titleStyle   = label{size: titleSize, bold: true, color: ink}
	captionStyle = label{size: textSize, color: ink}
	noteStyle    = label{size: textSize, color: muted}
)

const (
	titleHeight = 2 * titleSize
	captionGap  = vg.Length(6)
	lineHeight  = textSize * lineSpacing
)

func (f *Figure) pageSize() vg.Point {
	width := max(f.size.X, titleStyle.width(f.Title)) + 2*pageMargin
	lines := len(wrap(captionStyle, f.Caption, width-2*pageMargin))
	for _, n := range f.Notes {
		lines += len(wrap(noteStyle, "* "+n, width-2*pageMargin))
	}
	return vg.Point{
		X: width,
		Y: titleHeight + f.size.Y + captionGap + vg.Length(lines)*lineHeight + 2*pageMargin,
	}
}

func (f *Figure) drawPage(c vg.Canvas, size vg.Point) {
	p := newPen(c)
	p.box(paper, rectangle(0, 0, size.X, size.Y))
	y := size.Y - pageMargin - titleHeight/2
	p.text(titleStyle, pageMargin, y+2, f.Title)
	y = size.Y - pageMargin - titleHeight - f.size.Y
	c.Push()
	c.Translate(vg.Point{X: pageMargin, Y: y})
	f.body(p)
	c.Pop()
	y -= captionGap + lineHeight/2
	write := func(style label, text string) {
		for _, s := range wrap(style, text, size.X-2*pageMargin) {
			p.text(style, pageMargin, y, s)
			y -= lineHeight
		}
	}
	write(captionStyle, f.Caption)
	for _, n := range f.Notes {
		write(noteStyle, "* "+n)
	}
}

// wrap breaks text at spaces into lines no wider than width; a longer word
// keeps a line of its own.
func wrap(style label, text string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimPrefix(line+" "+word, " ")
		if line != "" && style.width(longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// tiles lays n cells of one size out in rows, left to right, top to bottom,
// under a key of the given height.
type tiles struct {
	n, cols, rows int
	cell          vg.Point
	key           vg.Length
}

func newTiles(n, cols int, cell vg.Point, key vg.Length) tiles {
	cols = min(n, cols)
	return tiles{n: n, cols: cols, rows: (n + cols - 1) / cols, cell: cell, key: key}
}

// panelCell is the cell of a small panel: a quarter of the page, wider when
// there are fewer of them to fill it.
func panelCell(n int, height vg.Length) vg.Point {
	return vg.Point{X: pageWidth / vg.Length(min(max(n, 3), 4)), Y: height}
}

// size is at least half a page wide, so that a single panel leaves its caption
// room.
func (t tiles) size() vg.Point {
	return vg.Point{
		X: max(vg.Length(t.cols)*t.cell.X, pageWidth/2),
		Y: vg.Length(t.rows)*t.cell.Y + t.key,
	}
}

func (t tiles) at(i int) vg.Rectangle {
	x := vg.Length(i%t.cols) * t.cell.X
	y := vg.Length(t.rows-1-i/t.cols) * t.cell.Y
	return rectangle(x, y, x+t.cell.X, y+t.cell.Y)
}
