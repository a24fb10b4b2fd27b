package latency

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Surface is a family of curves over the number of active cores: co-located
// engines slow each other down through the memory that they share.
type Surface struct {
	name   string
	active []int // ascending
	curves []*Curve
}

// NewSurface takes one curve per number of active cores, at least one.
func NewSurface(name string, byActive map[int]*Curve) (*Surface, error) {
	if len(byActive) == 0 {
		return nil, fmt.Errorf("surface %s: no curve", name)
	}
	s := &Surface{name: name, active: slices.Sorted(maps.Keys(byActive))}
	if s.active[0] < 1 {
		return nil, fmt.Errorf("surface %s: %d active cores", name, s.active[0])
	}
	for _, a := range s.active {
		s.curves = append(s.curves, byActive[a])
	}
	return s, nil
}

// Name returns what the surface describes.
func (s *Surface) Name() string { return s.name }

// Limit returns the largest batch size that every curve answers for.
func (s *Surface) Limit() int {
	limit := math.MaxInt
	for _, c := range s.curves {
		limit = min(limit, c.Limit())
	}
	return limit
}

// At returns the latency of a batch on one core while active cores are busy,
// itself included. Between two curves it is linear in the number of active
// cores; before the first and past the last it is level, and extrapolated.
func (s *Surface) At(active, batch int) (time.Duration, string, error) {
	next, exact := slices.BinarySearch(s.active, active)
	switch {
	case exact:
		return s.curves[next].At(batch)
	case next == 0 || next == len(s.curves):
		at, _, err := s.curves[min(next, len(s.curves)-1)].At(batch)
		return at, Extrapolated, err
	}
	fewer, support, err := s.curves[next-1].At(batch)
	if err != nil {
		return 0, "", err
	}
	more, support2, err := s.curves[next].At(batch)
	if err != nil {
		return 0, "", err
	}
	share := float64(active-s.active[next-1]) / float64(s.active[next]-s.active[next-1])
	if support == AtKnot || support2 == Extrapolated {
		support = support2
	}
	if support == AtKnot {
		support = Interpolated
	}
	return round(float64(fewer) + share*float64(more-fewer)), support, nil
}
