package figure

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
)

// The SVG canvas names one font and repeats its defaults on every text. These
// rewrites add the fallbacks that have equal metrics, drop the noise and give
// assistive technology a title to read.

const fontStack = `font-family:'Liberation Sans',Arial,Helvetica,sans-serif`

var (
	svgOpen    = regexp.MustCompile(`(?s)^.*?<svg width="([^"]*)pt" height="([^"]*)pt" viewBox="([^"]*)"[^>]*>\n`)
	fontFamily = regexp.MustCompile(`font-family:Liberation Sans;font-variant:normal;font-weight:(\w+);font-style:normal`)
	svgColour  = regexp.MustCompile(`#[0-9A-F]{6}`)
)

func tidySVG(svg []byte, title string) []byte {
	m := svgOpen.FindSubmatch(svg)
	head := fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%spt\" height=\"%spt\" viewBox=\"%s\" role=\"img\">\n<title>%s</title>\n",
		m[1], m[2], m[3], html.EscapeString(title))
	return append([]byte(head), tidyBody(svg[len(m[0]):])...)
}

func inlineSVG(svg []byte, title string) []byte {
	m := svgOpen.FindSubmatch(svg)
	head := fmt.Sprintf("<svg viewBox=\"%s\" role=\"img\" aria-label=\"%s\">\n", m[3], html.EscapeString(title))
	body := svgColour.ReplaceAllFunc(tidyBody(svg[len(m[0]):]), func(c []byte) []byte {
		return fmt.Appendf(nil, "var(%s,%s)", InlineVar(string(c)), c)
	})
	return append([]byte(head), body...)
}

func tidyBody(body []byte) []byte {
	body = fontFamily.ReplaceAllFunc(body, func(m []byte) []byte {
		if bytes.Contains(m, []byte("bold")) {
			return []byte(fontStack + ";font-weight:bold")
		}
		return []byte(fontStack)
	})
	return bytes.ReplaceAll(body, []byte("\n\tstyle="), []byte(" style="))
}

// InlineVar is the CSS variable that stands for a colour (#RRGGBB) in an
// inline SVG. A page that does not set it shows the colour itself.
func InlineVar(colour string) string {
	return "--fig-" + strings.ToLower(strings.TrimPrefix(colour, "#"))
}
