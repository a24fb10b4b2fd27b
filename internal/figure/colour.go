package figure

import (
	"image/color"
	"math"
)

// luminance is the WCAG 2 relative luminance of c, 0 (black) to 1 (white).
func luminance(c color.RGBA) float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// linear undoes the sRGB transfer curve (IEC 61966-2-1).
func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

// contrast is the WCAG 2 contrast ratio of two colours, 1 to 21.
func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}

// ramp is the heat map's scale: one hue from nearly white (0) to navy (1), so
// that more is darker in colour and in grey alike.
func ramp(x float64) color.RGBA {
	stops := []color.RGBA{rgb(0xF4, 0xF3, 0xEC), rgb(0xB9, 0xDC, 0xDF), rgb(0x5B, 0xA3, 0xC4), rgb(0x2B, 0x6C, 0xA3), navy}
	t := min(max(x, 0), 1) * float64(len(stops)-1)
	i := min(int(t), len(stops)-2)
	return over(stops[i], stops[i+1], t-float64(i))
}
