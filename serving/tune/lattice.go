package tune

import "math"

// lattice is the set of rates ratio^k. One lattice for all policies makes
// their rates comparable and their simulations shareable.
type lattice struct{ ratio float64 }

func (l lattice) rate(k int) float64 { return math.Pow(l.ratio, float64(k)) }

// below returns the largest k whose rate is at most r.
func (l lattice) below(r float64) int {
	k := int(math.Floor(math.Log(r) / math.Log(l.ratio)))
	for l.rate(k) > r {
		k--
	}
	for l.rate(k+1) <= r {
		k++
	}
	return k
}

// steps returns how many lattice steps make a relative width, at least one.
func (l lattice) steps(width float64) int {
	return max(1, int(math.Log1p(width)/math.Log(l.ratio)+1e-9))
}
