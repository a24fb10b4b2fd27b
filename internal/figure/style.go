package figure

import (
	"image/color"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

// Sizes in points. A page is at most pageWidth wide, which is the text width
// of the report and of an A4 page with narrow margins.
const (
	pageWidth  vg.Length = 720
	pageMargin vg.Length = 8
	pngDPI               = 160

	titleSize   vg.Length = 12
	headSize    vg.Length = 9.5 // a panel's heading
	textSize    vg.Length = 8   // ticks, labels, captions
	tinySize    vg.Length = 7   // inside bars and cells
	lineSpacing           = 1.3

	hair  vg.Length = 0.5
	thin  vg.Length = 0.9
	thick vg.Length = 1.7
)

// The palette. Fills that touch differ in lightness by at least 15 of 100 (CIE
// L*), so they stay apart in grey, and lightness is what every colour-vision
// deficiency leaves; a test holds them to it.
var (
	ink    = rgb(0x22, 0x22, 0x22)
	muted  = rgb(0x5F, 0x5F, 0x5B)
	grid   = rgb(0xE3, 0xE2, 0xDD)
	paper  = rgb(0xFF, 0xFF, 0xFF)
	navy   = rgb(0x12, 0x43, 0x6D)
	orange = rgb(0xE8, 0x87, 0x1A)
	teal   = rgb(0x17, 0x76, 0x6D)
	yellow = rgb(0xF2, 0xD3, 0x5B)
	plum   = rgb(0x80, 0x16, 0x50)
	sky    = rgb(0x6D, 0xAF, 0xDF)
	brick  = rgb(0xC0, 0x3F, 0x2B)
	stone  = rgb(0xDC, 0xDB, 0xD4)

	// Text on a fill does not follow the page into the dark, so it has shades
	// of its own that no theme replaces.
	onLight = rgb(0x21, 0x21, 0x21)
	onDark  = rgb(0xFD, 0xFD, 0xFD)
)

// legible darkens a palette colour for text on paper until its contrast is the
// 4.5 : 1 that WCAG asks of small type. It takes at least one step, so that
// text never shares a fill's colour and a dark page can lighten it alone.
func legible(c color.RGBA) color.RGBA {
	for {
		c.R, c.G, c.B = c.R-c.R/20, c.G-c.G/20, c.B-c.B/20
		if contrast(c, paper) >= 4.5 {
			return c
		}
	}
}

func rgb(r, g, b uint8) color.RGBA { return color.RGBA{R: r, G: g, B: b, A: 0xFF} }

// tint is c laid thinly on paper; share 1 is c itself. Bands use it instead of
// opacity, which not every SVG reader honours.
func tint(c color.RGBA, share float64) color.RGBA { return over(paper, c, share) }

// over mixes a share of c into a background.
func over(background, c color.RGBA, share float64) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + share*(float64(b)-float64(a)) + 0.5) }
	return rgb(mix(background.R, c.R), mix(background.G, c.G), mix(background.B, c.B))
}

// textOn is the text colour that reads on a fill: WCAG relative luminance,
// split where both choices have equal contrast.
func textOn(fill color.RGBA) color.RGBA {
	if luminance(fill) > 0.179 {
		return onLight
	}
	return onDark
}

var fonts = font.NewCache(liberation.Collection())

// typeface is Liberation Sans, metrically equal to Arial and Helvetica, which
// readers without it substitute; so text keeps its measured width.
func typeface(size vg.Length, bold bool) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if bold {
		f.Weight = stdfont.WeightBold
	}
	return fonts.Lookup(f, size)
}
