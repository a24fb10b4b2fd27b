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

// The palette. Neighbours in every order used here differ in lightness by at
// least 15 of 100 (CIE L*), so they stay apart in grey and under every common
// colour-vision deficiency; a test holds them to it.
var (
	ink    = rgb(0x22, 0x22, 0x22)
	muted  = rgb(0x5F, 0x5F, 0x5B)
	grid   = rgb(0xE3, 0xE2, 0xDD)
	paper  = rgb(0xFF, 0xFF, 0xFF)
	navy   = rgb(0x12, 0x43, 0x6D)
	orange = rgb(0xE8, 0x87, 0x1A)
	teal   = rgb(0x1E, 0x86, 0x7C)
	yellow = rgb(0xF2, 0xD3, 0x5B)
	plum   = rgb(0x80, 0x16, 0x50)
	sky    = rgb(0x7C, 0xBE, 0xEA)
	brick  = rgb(0xC0, 0x3F, 0x2B)
	stone  = rgb(0xB9, 0xB8, 0xB2)

	// Text on a fill does not follow the page into the dark, so it has shades
	// of its own that no theme replaces.
	onLight = rgb(0x21, 0x21, 0x21)
	onDark  = rgb(0xFD, 0xFD, 0xFD)
)

func rgb(r, g, b uint8) color.RGBA { return color.RGBA{R: r, G: g, B: b, A: 0xFF} }

// tint mixes c with white; share 1 is c itself. Bands and faint fills use it
// instead of opacity, which not every SVG reader honours.
func tint(c color.RGBA, share float64) color.RGBA {
	mix := func(v uint8) uint8 { return uint8(255 - share*(255-float64(v)) + 0.5) }
	return rgb(mix(c.R), mix(c.G), mix(c.B))
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
