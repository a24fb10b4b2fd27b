// Package locality draws the rows that lookups take from embedding tables with a
// chosen locality: none (uniform), popularity (zipf), or that of a recorded
// trace (synthetic).
//
// The measure of locality is the stack distance: of an access to a row, how many
// different rows were accessed since the last time, itself included; 0 if it is
// the first time. A cache of C rows with least-recently-used replacement hits
// exactly the accesses of distance 1 to C, whatever the trace, so a trace with
// the same distribution of distances is as good to it as the recorded one.
//
// Start with Spec; then Measure, which takes a trace's Profile, and Synthetic,
// which makes a trace out of one.
package locality

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"runexp/models"
)

// Spec says how rows are drawn.
type Spec struct {
	Kind    string   `json:"kind"`              // uniform, zipf or synthetic
	Alpha   float64  `json:"alpha,omitempty"`   // zipf: the k-th most popular row is drawn as 1/k^Alpha
	Label   string   `json:"label,omitempty"`   // synthetic: what the profile is of
	Profile *Profile `json:"profile,omitempty"` // synthetic
}

// maxAlpha is a skew at which nearly every access is to one row.
const maxAlpha = 20

// Uniform draws every row with the same probability, and different rows for one
// lookup.
func Uniform() Spec { return Spec{Kind: "uniform"} }

// Parse reads "uniform", "zipf:ALPHA" or "synthetic:FILE", where the file holds
// a profile.
func Parse(text string) (Spec, error) {
	kind, argument, _ := strings.Cut(text, ":")
	s := Spec{Kind: kind}
	switch {
	case kind == "zipf":
		alpha, err := strconv.ParseFloat(argument, 64)
		if err != nil {
			return s, fmt.Errorf("%q: %q is not a number", text, argument)
		}
		s.Alpha = alpha
	case kind == "synthetic" && argument != "":
		p, err := ReadProfile(argument)
		if err != nil {
			return s, err
		}
		s.Profile, s.Label = &p, strings.TrimSuffix(filepath.Base(argument), filepath.Ext(argument))
	case text != "uniform":
		return s, fmt.Errorf("%q is not uniform, zipf:ALPHA or synthetic:FILE", text)
	}
	if err := s.Validate(); err != nil {
		return s, fmt.Errorf("%q: %w", text, err)
	}
	return s, nil
}

// Validate reports what New would not take.
func (s Spec) Validate() error {
	switch s.Kind {
	case "uniform":
		return nil
	case "zipf":
		if !(s.Alpha >= 0 && s.Alpha <= maxAlpha) {
			return fmt.Errorf("alpha %g is not in 0..%d", s.Alpha, maxAlpha)
		}
		return nil
	case "synthetic":
		if s.Profile == nil {
			return fmt.Errorf("synthetic: no profile")
		}
		return s.Profile.Validate()
	}
	return fmt.Errorf("%q is not uniform, zipf or synthetic", s.Kind)
}

// String is the name under which results report the distribution.
func (s Spec) String() string {
	switch s.Kind {
	case "zipf":
		return "zipf:" + strconv.FormatFloat(s.Alpha, 'g', -1, 64)
	case "synthetic":
		return "synthetic:" + s.Label
	}
	return s.Kind
}

// New returns the distribution of a valid Spec. That of a synthetic trace
// remembers what it drew: each stream of inputs needs one of its own.
func (s Spec) New() models.IndexDist {
	switch s.Kind {
	case "zipf":
		return &zipf{alpha: s.Alpha, tables: map[int]*popularity{}}
	case "synthetic":
		return &replay{profile: *s.Profile, tables: map[int]*Synthetic{}}
	}
	return models.Uniform{}
}

// scatter is a permutation of 0..rows-1 that puts neighbours far apart, so that
// popular rows do not share pages: i -> i*step mod rows, step near the golden
// section of rows and without a common divisor.
type scatter struct{ rows, step int64 }

func newScatter(rows int) scatter {
	step := max(1, int64(math.Round(float64(rows)*(math.Sqrt(5)-1)/2)))
	for divisor(step, int64(rows)) != 1 {
		step++
	}
	return scatter{int64(rows), step}
}

func (s scatter) row(i int64) int32 { return int32(i * s.step % s.rows) }

// divisor returns the greatest common divisor.
func divisor(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
