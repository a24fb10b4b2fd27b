package tune

import (
	"math"
	"slices"

	"runexp/serving/policy"
)

// Steps of the grid of Joint. A batch size is cut off by the tail of a whole
// request, a threshold by how many queries lie beyond it: the latter matters
// more where sizes are close together. Wide steps are for a space with more
// choices than these two, which is entered from the best of these two.
const (
	batchStep, wideBatchStep         = 1.12, 1.3
	thresholdStep, wideThresholdStep = 1.06, 1.12
)

// fine returns the batch sizes and thresholds that Joint chooses from.
func (s Space) fine() []policy.Policy { return s.geometric(batchStep, thresholdStep) }

// wide returns all further choices for a policy and for a coarser grid.
func (s Space) wide(p policy.Policy) []policy.Policy {
	ps := s.geometric(wideBatchStep, wideThresholdStep)
	if !slices.Contains(ps, p) {
		ps = append(ps, p)
	}
	return s.choose(ps)
}

// geometric returns a grid of geometric steps, with the points of the joint
// grid and the baseline's among them: a core may be at its best at round sizes.
func (s Space) geometric(batchStep, thresholdStep float64) []policy.Policy {
	batches := merge(geometric(s.MaxQuery, batchStep), s.Batches, []int{s.static().BatchSize})
	thresholds := []int{0}
	if s.Accelerators > 0 {
		thresholds = merge(thresholds, geometric(s.MaxQuery, thresholdStep), s.Thresholds)
	}
	var ps []policy.Policy
	for _, b := range batches {
		for _, t := range thresholds {
			ps = append(ps, policy.Policy{BatchSize: b, OffloadThreshold: t})
		}
	}
	return ps
}

// choose multiplies policies by what else they may do. A choice that changes
// nothing for a policy is left out.
func (s Space) choose(ps []policy.Policy) []policy.Policy {
	also := func(do bool, change func(*policy.Policy) (differs bool)) {
		if !do {
			return
		}
		for _, p := range ps {
			if change(&p) {
				ps = append(ps, p)
			}
		}
	}
	also(s.Choices.EqualSplit, func(p *policy.Policy) bool {
		p.EqualSplit = true
		return p.BatchSize > 1 && p.BatchSize < s.MaxQuery
	})
	also(s.Choices.SmallestFirst, func(p *policy.Policy) bool {
		p.SmallestFirst = true
		return p.BatchSize > 1 && p.BatchSize < s.MaxQuery
	})
	plain := ps
	for _, n := range s.Choices.ActiveCores {
		for _, p := range plain {
			if p.ActiveCores = n; n < s.Cores {
				ps = append(ps, p)
			}
		}
	}
	plain = ps
	for _, n := range s.Choices.AccelBatches {
		for _, p := range plain {
			if p.AccelBatch = n; p.OffloadThreshold > 0 {
				ps = append(ps, p)
			}
		}
	}
	return ps
}

// merge returns the numbers of all lists once, ascending.
func merge(lists ...[]int) []int {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
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
// never to offload is one item above the largest query, and one step for each
// further choice made.
func (s Space) coordinates(p policy.Policy) []float64 {
	x := []float64{math.Log2(float64(p.BatchSize))}
	if s.Accelerators > 0 {
		t := p.OffloadThreshold
		if t == 0 {
			t = s.MaxQuery + 1
		}
		x = append(x, math.Log2(float64(t)))
	}
	if !s.Choices.Any() {
		return x
	}
	step := func(is bool) float64 {
		if is {
			return 1
		}
		return 0
	}
	return append(x, step(p.EqualSplit), step(p.SmallestFirst),
		4*math.Log2(float64(p.Cores(s.Cores))), math.Log2(float64(1+p.AccelBatch))/4)
}
