package figure

import (
	"fmt"
	"image/color"
	"strings"
)

// darkPaper is the background that DarkCSS is made for.
var darkPaper = rgb(0x1C, 0x1B, 0x19)

// darkColours says what the palette becomes on a dark page: paper and ink
// change places, fills keep their order of lightness, lines and text gain
// enough of it to stand out.
var darkColours = []struct{ light, dark color.RGBA }{
	{ink, rgb(0xEA, 0xE8, 0xE3)}, {muted, rgb(0xA9, 0xA7, 0xA0)}, {grid, rgb(0x3A, 0x39, 0x35)}, {paper, darkPaper},
	{navy, rgb(0x35, 0x79, 0xBC)}, {teal, rgb(0x1D, 0x84, 0x79)}, {plum, rgb(0xB0, 0x3E, 0x7B)}, {brick, rgb(0xCB, 0x4D, 0x38)},
	{legible(navy), rgb(0x7D, 0xB4, 0xEA)}, {legible(teal), rgb(0x5C, 0xC4, 0xB6)},
	{legible(plum), rgb(0xE5, 0x8B, 0xB9)}, {legible(orange), rgb(0xF0, 0xA0, 0x4B)},
}

// DarkCSS returns the CSS declarations that restyle Inline figures for a page
// with background DarkBackground.
func DarkCSS() string {
	var b strings.Builder
	set := func(light, dark color.RGBA) { fmt.Fprintf(&b, "%s:%s;", InlineVar(hex(light)), hex(dark)) }
	for _, c := range darkColours {
		set(c.light, c.dark)
	}
	for i := range seriesLimit { // bands mix with the paper that they lie on
		s, _ := seriesStyle(i)
		set(tint(s.color, bandTint), over(darkPaper, s.color, 0.4))
	}
	return b.String()
}

// DarkBackground is the page colour that DarkCSS is made for, as #RRGGBB.
func DarkBackground() string { return hex(darkPaper) }

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
