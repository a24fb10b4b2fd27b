package figure

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"
)

var (
	update = flag.Bool("update", false, "rewrite the golden SVGs in testdata")
	pngDir = flag.String("png", "", "also write every example as PNG into this folder, to be looked at")
)

func TestGolden(t *testing.T) {
	list := examples()
	for _, name := range slices.Sorted(maps.Keys(list)) {
		t.Run(name, func(t *testing.T) {
			f, err := list[name]()
			if err != nil {
				t.Fatal(err)
			}
			svg, err := f.SVG()
			if err != nil {
				t.Fatal(err)
			}
			if *pngDir != "" {
				png, err := f.PNG()
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(*pngDir, name+".png"), png, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(golden, svg, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if runtime.GOARCH != "amd64" {
				t.Skip("coordinates are printed to five digits, and fused multiply-add may round the last one differently")
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(svg, want) {
				t.Errorf("%s differs; look at it with -png DIR, then accept it with -update", golden)
			}
		})
	}
}

func TestSameRowsSameBytes(t *testing.T) {
	for name, draw := range examples() {
		a, err := draw()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := draw()
		for _, render := range []func(*Figure) ([]byte, error){(*Figure).SVG, (*Figure).Inline} {
			x, _ := render(a)
			y, _ := render(b)
			if !bytes.Equal(x, y) {
				t.Errorf("%s: two renderings differ", name)
			}
		}
	}
	f, _ := Tail(tailExample())
	x, _ := f.PNG()
	y, _ := f.PNG()
	if !bytes.Equal(x, y) {
		t.Error("two PNG renderings differ")
	}
}

// An inline figure goes into HTML as it is: it must be well-formed, refer to
// nothing outside, and take every colour from a variable.
func TestInline(t *testing.T) {
	for name, draw := range examples() {
		f, err := draw()
		if err != nil {
			t.Fatal(err)
		}
		svg, err := f.Inline()
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(svg))
		d.Strict = true
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if !bytes.HasPrefix(svg, []byte("<svg viewBox=")) || bytes.Contains(svg, []byte("http")) {
			t.Errorf("%s: not a self-contained <svg> element: %.80s", name, svg)
		}
		if m := regexp.MustCompile(`:#[0-9A-Fa-f]{6}`).Find(svg); m != nil {
			t.Errorf("%s: colour %s cannot be restyled", name, m)
		}
		if bytes.Contains(svg, []byte(f.Caption)) {
			t.Errorf("%s: the page sets the caption itself", name)
		}
	}
}

func TestDarkThemeIsReadable(t *testing.T) {
	for _, c := range darkColours {
		switch c.light {
		case paper, grid:
			continue
		case navy, teal, plum, brick: // fills and lines
			if got := contrast(c.dark, darkPaper); got < 3 {
				t.Errorf("%v on the dark page has contrast %.1f", c.dark, got)
			}
			if got := contrast(c.dark, onDark); got < 4.4 {
				t.Errorf("text on %v has contrast %.1f", c.dark, got)
			}
		default:
			if got := contrast(c.dark, darkPaper); got < 4.5 {
				t.Errorf("text %v on the dark page has contrast %.1f", c.dark, got)
			}
		}
	}
}
