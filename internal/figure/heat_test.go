package figure

import (
	"math"
	"testing"

	"gonum.org/v1/plot/vg"
)

// A choice lies between the levels of a knob as its ratio to them says.
func TestPosition(t *testing.T) {
	levels := []int{1, 4, 16, 0}
	for v, want := range map[int]float64{1: 0, 4: 1, 2: 0.5, 8: 1.5, 16: 2, 20: 2.5, 0: 3} {
		if got := position(levels, v); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d lies at %v, want %v", v, got, want)
		}
	}
	if got := position([]int{4, 16}, 2); got != 0 {
		t.Errorf("below all: %v", got)
	}
	if got := position([]int{4, 16}, 64); got != 1 {
		t.Errorf("above all: %v", got)
	}
}

// Marks that coincide step aside, inwards.
func TestAside(t *testing.T) {
	area := rectangle(0, 0, 100, 100)
	for _, at := range []vg.Point{{X: 3, Y: 50}, {X: 97, Y: 50}} {
		var taken []vg.Point
		for range 5 {
			spot := aside(at, taken, area)
			if spot.X < 0 || spot.X > 100 {
				t.Errorf("%v is outside", spot)
			}
			for _, other := range taken {
				if math.Abs(float64(spot.X-other.X)) < 5 {
					t.Errorf("%v hides %v", spot, other)
				}
			}
			taken = append(taken, spot)
		}
	}
}
