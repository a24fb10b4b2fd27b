// Package hw holds machines as data: the CPUs and accelerators that a study can
// name, and the published measurements that it leans on.
//
// The stance: no bare number. Every figure carries a value, the range in which
// the truth may lie, a unit, and where it was taken from; what nobody published
// is marked as assumed and its range travels into every result that uses it.
// The package knows chips and roofs, never models or queries.
//
// Start with Figure, then CPU and Accelerator and their catalogues; Rates is
// how the roofline sees one core, and NodeOf what a simulated server is.
package hw

import "strings"

// Figure is one number of a machine. Lo <= Value <= Hi; an exact figure has
// all three equal.
type Figure struct {
	Value  float64 `json:"value"`
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Unit   string  `json:"unit"`
	Source string  `json:"source"`
}

// assumedPrefix opens the source of a figure that no measurement or data sheet
// backs for this machine.
const assumedPrefix = "assumed: "

// Assumed reports whether the figure is an assumption of this program.
func (f Figure) Assumed() bool { return strings.HasPrefix(f.Source, assumedPrefix) }

// exact is a figure that its source states without a range.
func exact(value float64, unit, source string) Figure {
	return Figure{Value: value, Lo: value, Hi: value, Unit: unit, Source: source}
}

// within is a figure with a range.
func within(value, lo, hi float64, unit, source string) Figure {
	return Figure{Value: value, Lo: lo, Hi: hi, Unit: unit, Source: source}
}

// assume is a figure with a range that this program assumes, and why.
func assume(value, lo, hi float64, unit, reason string) Figure {
	return Figure{Value: value, Lo: lo, Hi: hi, Unit: unit, Source: assumedPrefix + reason}
}

// times scales a figure and its range, for figures derived from another.
func (f Figure) times(k float64, unit, source string) Figure {
	return Figure{Value: f.Value * k, Lo: f.Lo * k, Hi: f.Hi * k, Unit: unit, Source: source}
}

// Bound picks one end of every range, so that a whole machine can be seen at
// its most favourable or its least.
type Bound int

// The ends, named by the speed of the machine that they describe.
const (
	Typical Bound = iota
	Fastest
	Slowest
)

// rate picks from a figure of which more is faster, such as a bandwidth.
func (b Bound) rate(f Figure) float64 {
	switch b {
	case Fastest:
		return f.Hi
	case Slowest:
		return f.Lo
	}
	return f.Value
}

// cost picks from a figure of which less is faster, such as a latency.
func (b Bound) cost(f Figure) float64 {
	switch b {
	case Fastest:
		return f.Lo
	case Slowest:
		return f.Hi
	}
	return f.Value
}
