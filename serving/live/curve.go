package live

import (
	"errors"
	"slices"
	"sync"
	"time"

	"runexp/internal/timing"
)

// Curve is the median time of a pass over each number of items, all engines at
// work at once and without a pause: what the profile measured, as it is now.
func (p *Pool) Curve(place Placement, batches []int, passes int) ([]time.Duration, error) {
	taken := make([][][]time.Duration, len(p.engines))
	errs := make([]error, len(p.engines))
	var wg sync.WaitGroup
	for i, e := range p.engines {
		wg.Go(func() {
			pin(place.Engines[i])
			taken[i], errs[i] = e.curve(batches, passes)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	curve := make([]time.Duration, len(batches))
	for k := range batches {
		var all []time.Duration
		for i := range taken {
			all = append(all, taken[i][k]...)
		}
		slices.Sort(all)
		curve[k] = all[len(all)/2]
	}
	return curve, nil
}

func (e *engine) curve(batches []int, passes int) ([][]time.Duration, error) {
	taken := make([][]time.Duration, len(batches))
	for k, n := range batches {
		for range passes {
			from := timing.Now()
			if err := e.pass(n); err != nil {
				return nil, err
			}
			taken[k] = append(taken[k], timing.Now()-from)
		}
	}
	return taken, nil
}
