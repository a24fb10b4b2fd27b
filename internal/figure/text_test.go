package figure

import (
	"fmt"
	"image"
	"image/color"
	"maps"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// textCanvas draws nothing and remembers where every text would stand.
type textCanvas struct {
	offset []vg.Point // stack of translations
	texts  []placed
}

type placed struct {
	text string
	box  vg.Rectangle
}

func (c *textCanvas) SetLineWidth(vg.Length)              {}
func (c *textCanvas) SetLineDash([]vg.Length, vg.Length)  {}
func (c *textCanvas) SetColor(color.Color)                {}
func (c *textCanvas) Stroke(vg.Path)                      {}
func (c *textCanvas) Fill(vg.Path)                        {}
func (c *textCanvas) DrawImage(vg.Rectangle, image.Image) {}
func (c *textCanvas) Rotate(float64)                      { panic("the house style does not rotate text") }
func (c *textCanvas) Scale(x, y float64)                  { panic("the house style does not scale text") }
func (c *textCanvas) Push()                               { c.offset = append(c.offset, c.offset[len(c.offset)-1]) }
func (c *textCanvas) Pop()                                { c.offset = c.offset[:len(c.offset)-1] }
func (c *textCanvas) Translate(p vg.Point) {
	c.offset[len(c.offset)-1] = c.offset[len(c.offset)-1].Add(p)
}
func (c *textCanvas) FillString(f font.Face, at vg.Point, s string) {
	at = at.Add(c.offset[len(c.offset)-1])
	size := f.Font.Size
	c.texts = append(c.texts, placed{s, rectangle(at.X, at.Y-0.1*size, at.X+f.Width(s), at.Y+capHeight*size)})
}

// overlap is how deep two boxes reach into each other; not positive if they do
// not touch.
func overlap(a, b vg.Rectangle) float64 {
	x := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	y := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	return float64(min(x, y))
}

func TestTextIsReadable(t *testing.T) {
	list := examples()
	for _, name := range slices.Sorted(maps.Keys(list)) {
		t.Run(name, func(t *testing.T) {
			f, err := list[name]()
			if err != nil {
				t.Fatal(err)
			}
			c := &textCanvas{offset: []vg.Point{{}}}
			size := f.pageSize()
			f.drawPage(c, size)
			for i, a := range c.texts {
				if a.box.Min.X < 0 || a.box.Max.X > size.X || a.box.Min.Y < 0 || a.box.Max.Y > size.Y {
					t.Errorf("%q leaves the page: %v", a.text, a.box)
				}
				for _, b := range c.texts[:i] {
					if overlap(a.box, b.box) > 0.2 {
						t.Errorf("%q and %q overlap at %v", a.text, b.text, a.box.Min)
					}
				}
			}
		})
	}
}

// lightness is CIE 1976 L*, 0 to 100.
func lightness(c color.RGBA) float64 {
	y := luminance(c)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

func TestTouchingFillsDifferInGrey(t *testing.T) {
	for _, pair := range [][2]string{
		{"FC", "SparseLengthsSum"}, {"SparseLengthsSum", "RecurrentNetwork"}, {"RecurrentNetwork", "Concat"},
		{"Concat", "Sum"}, {"Sum", "Relu"}, {"Relu", "Softmax"}, {"Softmax", "other"},
		{"SparseLengthsSum", "Concat"}, // all but dien have no recurrent layer
		{"Concat", "Relu"},             // dlrm, ncf, wnd have no sum
		{"Relu", "other"},              // ncf has a product
		{"Concat", "other"},            // ReLU fused into FC
		{"Sum", "Softmax"}, {"SparseLengthsSum", "other"},
	} {
		a, b := kindColours[kindIndex(pair[0])].color, kindColours[kindIndex(pair[1])].color
		if d := math.Abs(lightness(a) - lightness(b)); d < 15 {
			t.Errorf("%s and %s differ by %.1f in lightness", pair[0], pair[1], d)
		}
	}
}

func TestRampDarkens(t *testing.T) {
	for i := 1; i <= 100; i++ {
		if a, b := lightness(ramp(float64(i-1)/100)), lightness(ramp(float64(i)/100)); b >= a {
			t.Fatalf("ramp is lighter at %d %% (%.2f) than before (%.2f)", i, b, a)
		}
	}
}

func TestTextContrast(t *testing.T) {
	for _, k := range kindColours {
		if c := contrast(k.color, textOn(k.color)); c < 4.5 {
			t.Errorf("text on %s has contrast %.1f", k.kind, c)
		}
	}
	for i := range seriesLimit {
		s, _ := seriesStyle(i)
		if c := contrast(paper, legible(s.color)); c < 4.5 {
			t.Errorf("label of series %d has contrast %.1f", i, c)
		}
	}
	if c := contrast(paper, muted); c < 4.5 {
		t.Errorf("ticks have contrast %.1f", c)
	}
}

func TestTicks(t *testing.T) {
	labels := func(a axis) (s string) {
		for _, k := range a.ticks {
			if k.Label != "" {
				s += k.Label + "|"
			}
		}
		return s
	}
	for _, tc := range []struct {
		name string
		a    axis
		want string
	}{
		{"five decades: decades alone", logAxis("", extent{2e4, 3e9}, duration), "100 µs|1 ms|10 ms|100 ms|1 s|"},
		{"one decade: 1, 2 and 5", logAxis("", extent{2e6, 3e7}, duration), "2 ms|5 ms|10 ms|20 ms|"},
		{"one value: opened around it", logAxis("", extent{1, 1}, times), "0.5×|1×|2×|"},
		{"batches: powers of four within the data", batchAxis(extent{1, 1000}), "1|4|16|64|256|1024|"},
		{"rates from zero", zeroAxis("", 1370, count), "0|500|1k|"},
		{"small rates", zeroAxis("", 0.7, count), "0|0.2|0.4|0.6|"},
	} {
		if got := labels(tc.a); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{duration(999.6e3), "1 ms"}, // rounds up into the next unit
		{duration(999.4e3), "1000 µs"},
		{duration(35e6), "35 ms"},
		{duration(1.5e9), "1.5 s"},
		{duration(12), "12 ns"},
		{count(0), "0"},
		{count(1234), "1.2k"},
		{count(999.9), "1k"},
		{count(2.5e6), "2.5M"},
		{times(0.0123), "0.012×"},
		{significant(98765, 2), "99000"},
		{fmt.Sprint(wrap(label{size: 8}, "one two three", 30)), "[one two three]"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}
