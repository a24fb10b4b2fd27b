package validate

import (
	"math"
	"testing"

	"runexp/stages/record"
)

// The search finds a sharp edge from either side in few probes, and says which
// rates are surely on which side of a blurred one.
func TestSearch(t *testing.T) {
	for _, c := range []struct{ edge, start, most int }{{0, 0, 2}, {7, 0, 8}, {-9, 0, 8}, {20, -5, 10}} {
		probes := 0
		e, err := search(c.start, 40, func(k int) (look, error) {
			probes++
			return look{met: k <= c.edge, sure: k < c.edge-2 || k > c.edge+2}, nil
		})
		if err != nil || e.at != c.edge || probes > c.most {
			t.Errorf("edge %d from %d: found %d in %d probes, err %v", c.edge, c.start, e.at, probes, err)
		}
		if e.lo != nil && *e.lo >= c.edge-2 || e.hi != nil && *e.hi <= c.edge+2 {
			t.Errorf("edge %d: interval %v to %v", c.edge, e.lo, e.hi)
		}
	}
	if e, _ := search(0, 5, func(int) (look, error) { return look{}, nil }); e.at != math.MinInt {
		t.Errorf("nothing meets, yet %d does", e.at)
	}
}

// Live engines that miss the target at every rate fail the comparison.
func TestLadder(t *testing.T) {
	if r := ladder(1000).compare("live", "rm1", edge{at: 1}, edge{at: 0}); math.Abs(r.Expected-1020) > 1e-9 || r.Observed != 1000 || !r.Pass {
		t.Errorf("one step below: %+v", r)
	}
	if r := ladder(1000).compare("live", "rm1", edge{at: 0}, edge{at: math.MinInt}); r.Pass || r.Observed != 0 || r.Note == "" {
		t.Errorf("never met: %+v", r)
	}
}

// Nothing that is compared has a rate of zero or a negative tolerance, and a
// wide interval passes what a tolerance does not.
func TestJudge(t *testing.T) {
	lo, hi := 80.0, 130.0
	r := judge(recordOf(100, 120, 0.1))
	if r.Pass || math.Abs(r.RelError-0.2) > 1e-12 {
		t.Errorf("20 %% off passes a tolerance of 10 %%: %+v", r)
	}
	wide := recordOf(100, 120, 0.1)
	wide.Lo, wide.Hi = &lo, &hi
	if r := judge(wide); !r.Pass {
		t.Errorf("what is expected lies in the interval: %+v", r)
	}
	if r := judge(recordOf(100, 108, 0.1)); !r.Pass {
		t.Errorf("8 %% off fails a tolerance of 10 %%: %+v", r)
	}
}

func recordOf(expected, observed, tolerance float64) record.Validation {
	return record.Validation{Expected: expected, Observed: observed, Tolerance: tolerance}
}
