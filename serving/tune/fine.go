package tune

import (
	"math"
	"slices"

	"runexp/serving/policy"
)

// Steps of the grid of Joint. A batch size is cut off by the tail of a whole
// request, a threshold by how many queries lie beyond it: the latter matters
// more where sizes are close together.
const (
	batchStep     = 1.12
	thresholdStep = 1.06
)

// fine returns the policies that Joint chooses from.
func (s Space) fine() []policy.Policy {
	thresholds := []int{0}
	if s.Accelerators > 0 {
		thresholds = append(thresholds, geometric(s.MaxQuery, thresholdStep)...)
	}
	batches := geometric(s.MaxQuery, batchStep)
	if i, found := slices.BinarySearch(batches, s.static().BatchSize); !found {
		batches = slices.Insert(batches, i, s.static().BatchSize)
	}
	var ps []policy.Policy
	for _, b := range batches {
		for _, t := range thresholds {
			ps = append(ps, policy.Policy{BatchSize: b, OffloadThreshold: t})
		}
	}
	return ps
}

// geometric returns integers from 1 to a largest one, each about a ratio above
// the one before.
func geometric(largest int, ratio float64) []int {
	var xs []int
	for x := 1.0; int(x) < largest; x = math.Max(math.Floor(x)+1, x*ratio) {
		xs = append(xs, int(x))
	}
	return append(xs, largest)
}

// coordinates places a policy: octaves of batch size and of threshold, where
// never to offload is one item above the largest query.
func (s Space) coordinates(p policy.Policy) []float64 {
	t := p.OffloadThreshold
	if t == 0 {
		t = s.MaxQuery + 1
	}
	x := []float64{math.Log2(float64(p.BatchSize))}
	if s.Accelerators > 0 {
		x = append(x, math.Log2(float64(t)))
	}
	return x
}
