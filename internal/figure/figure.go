// Package figure draws the figures of an experiment in one house style: small
// multiples on shared axes, a colour-blind-safe palette that also reads in
// grey, labels beside the marks they name, a unit on every axis, intervals
// wherever the data has them, and a caption that says what was measured and
// what was modelled.
//
// A figure is a function from plain rows to a Figure, which renders to SVG and
// PNG. The rows are validated before anything is drawn, so a NaN or an
// unsorted batch is an error that names its model, never a crooked line. No
// statistic is computed here: shares, quantiles, intervals and crossings
// arrive finished. The same rows give the same bytes.
//
// Start reading at Figure, then at Latency, which uses every part of the
// machinery; panel.go holds the axes and pen.go the strokes.
package figure

import (
	"bytes"
	"fmt"
	"image/png"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Text is what a figure says about itself. Title is one line above it. Caption
// stands below and says what was measured, projected, published or modelled.
// Notes are footnotes: the warnings that travelled with the data.
type Text struct {
	Title   string
	Caption string
	Notes   []string
}

// Figure is a checked and laid-out figure, ready to be rendered.
type Figure struct {
	Text
	size vg.Point // of the body, without title and caption
	body func(*pen)
}

// Width is the natural width of the figure's body in points.
func (f *Figure) Width() float64 { return f.size.X.Points() }

// SVG renders the whole figure, title, caption and footnotes included.
func (f *Figure) SVG() ([]byte, error) {
	size := f.pageSize()
	c := vgsvg.NewWith(vgsvg.UseWH(size.X, size.Y))
	f.drawPage(c, size)
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return nil, fmt.Errorf("figure: %s: %w", f.Title, err)
	}
	return tidySVG(buf.Bytes(), f.Title), nil
}

// pngEncoder takes half the time of the default one and 3 % more bytes: large
// areas of one colour compress well however hard one tries.
var pngEncoder = png.Encoder{CompressionLevel: png.BestSpeed}

// PNG renders the whole figure at pngDPI.
func (f *Figure) PNG() ([]byte, error) {
	size := f.pageSize()
	c := vgimg.NewWith(vgimg.UseWH(size.X, size.Y), vgimg.UseDPI(pngDPI))
	f.drawPage(c, size)
	var buf bytes.Buffer
	if err := pngEncoder.Encode(&buf, c.Image()); err != nil {
		return nil, fmt.Errorf("figure: %s: %w", f.Title, err)
	}
	return buf.Bytes(), nil
}

// Inline renders the body alone as an SVG element to be placed in a page that
// sets title, caption and footnotes as text of its own. Every house colour is
// a CSS variable (see InlineVar), so that the page can restyle it for the dark.
func (f *Figure) Inline() ([]byte, error) {
	c := vgsvg.NewWith(vgsvg.UseWH(f.size.X, f.size.Y))
	f.body(newPen(c))
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return nil, fmt.Errorf("figure: %s: %w", f.Title, err)
	}
	return inlineSVG(buf.Bytes(), f.Title), nil
}
