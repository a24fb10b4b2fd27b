package figure

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
)

// axis is a range, its scale and its ticks. A tick without a label is minor.
type axis struct {
	label    string // with its unit
	min, max float64
	scale    plot.Normalizer
	ticks    []plot.Tick
}

func (a axis) norm(v float64) float64 { return a.scale.Normalize(a.min, a.max, v) }

// extent is the range of what will be drawn along one axis.
type extent struct{ min, max float64 }

func newExtent() extent { return extent{math.Inf(1), math.Inf(-1)} }

func (e *extent) add(vs ...float64) {
	for _, v := range vs {
		e.min, e.max = math.Min(e.min, v), math.Max(e.max, v)
	}
}

func (e *extent) addTime(ds ...time.Duration) {
	for _, d := range ds {
		e.add(float64(d))
	}
}

// headroom opens the top of a logarithmic range by a share of its length.
func (e *extent) headroom(share float64) {
	e.max *= math.Pow(math.Max(e.max/e.min, 4), share/(1-share))
}

// logAxis covers the extent with a margin and ticks at decades, or at 1, 2 and
// 5 of each when it spans few of them. format writes a tick's value.
func logAxis(text string, e extent, format func(float64) string) axis {
	const margin = 1.15
	a := axis{label: text, min: e.min / margin, max: e.max * margin, scale: plot.LogScale{}}
	if a.max/a.min < 4 { // too little for a log scale to show: open it around the middle
		mid := math.Sqrt(a.min * a.max)
		a.min, a.max = mid/2, mid*2
	}
	decades := math.Log10(a.max / a.min)
	for k := math.Floor(math.Log10(a.min)); k <= math.Log10(a.max); k++ {
		for m := 1; m < 10; m++ {
			v := float64(m) * math.Pow(10, k)
			if v < a.min || v > a.max {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 && (decades < 7 || math.Mod(k, 2) == 0) || (m == 2 || m == 5) && decades < 1.6 || m == 3 && decades >= 1.6 && decades < 2.2 {
				t.Label = format(v)
			}
			if t.Label == "" && decades >= 4 {
				continue // minor ticks would merge
			}
			a.ticks = append(a.ticks, t)
		}
	}
	return a
}

// batchAxis is logarithmic with a tick at every power of four, the batch sizes
// that profiles use.
func batchAxis(e extent) axis {
	a := axis{label: "batch size (items)", min: e.min / 1.25, max: e.max * 1.25, scale: plot.LogScale{}}
	for v := 1.0; v <= a.max; v *= 4 {
		if v >= a.min {
			a.ticks = append(a.ticks, plot.Tick{Value: v, Label: strconv.Itoa(int(v))})
		}
	}
	return a
}

// zeroAxis is linear from zero.
func zeroAxis(text string, high float64, format func(float64) string) axis {
	a := axis{label: text, max: high * 1.05, scale: plot.LinearScale{}}
	step := niceStep(a.max)
	for i := 0; float64(i)*step <= a.max; i++ {
		v := float64(i) * step
		a.ticks = append(a.ticks, plot.Tick{Value: v, Label: format(v)})
	}
	return a
}

// niceStep divides 0..high into two to five steps of 1, 2 or 5 times a power of
// ten: as many as fit beside each other in a small panel.
func niceStep(high float64) float64 {
	const fewest = 2.2
	step := math.Pow(10, math.Floor(math.Log10(high/fewest)))
	for _, m := range []float64{5, 2} {
		if high/(step*m) >= fewest {
			return step * m
		}
	}
	return step
}

// significant writes v with at most n significant digits, without exponent or
// trailing zeros.
func significant(v float64, n int) string {
	if v == 0 {
		return "0"
	}
	digits := n - 1 - int(math.Floor(math.Log10(math.Abs(v))))
	scale := math.Pow(10, float64(digits))
	return strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64)
}

// duration writes nanoseconds with a unit and two significant digits.
func duration(ns float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, " s"}, {1e6, " ms"}, {1e3, " µs"}} {
		if ns >= u.size*0.9995 {
			return significant(ns/u.size, 2) + u.name
		}
	}
	return significant(ns, 2) + " ns"
}

// count writes a number with two significant digits and k or M.
func count(v float64) string {
	switch {
	case v >= 0.9995e6:
		return significant(v/1e6, 2) + "M"
	case v >= 0.9995e3:
		return significant(v/1e3, 2) + "k"
	}
	return significant(v, 2)
}

// times writes a ratio.
func times(v float64) string { return significant(v, 2) + "×" }
