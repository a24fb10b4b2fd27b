package tune

import (
	"context"

	"runexp/serving/policy"
)

// DeepRecSched is the search of the paper (ISCA 2020, section IV): a hill climb
// in the batch size, then with that batch size one in the offload threshold.
//
// The batch size starts at 1 and doubles up to the largest query; the threshold
// starts at the first of Space.Thresholds, by convention 1 (everything goes to
// the accelerator), and goes up through them to never. Either climb stops at
// the first step whose MaxQPS is strictly worse than the best so far; equal
// steps, in one lattice cell, go on. The answer is the best policy that was
// tried, the earliest of equals; so it never offloads when offloading loses.
type DeepRecSched struct{}

func (DeepRecSched) Name() string { return "deeprecsched" }

func (DeepRecSched) Search(ctx context.Context, pb Problem) (Result, error) {
	c, err := begin(pb)
	if err != nil {
		return Result{}, err
	}
	best, err := c.climb(ctx, doubling(pb.Space.MaxQuery))
	if err != nil {
		return Result{}, err
	}
	if ladder := offloading(best.policy.BatchSize, pb.Space.thresholds()); len(ladder) > 0 {
		offload, err := c.climb(ctx, ladder)
		if err != nil {
			return Result{}, err
		}
		sign, err := c.compare(ctx, offload, best)
		if err != nil {
			return Result{}, err
		}
		if c.beats(offload, best, sign) {
			best = offload
		}
	}
	return c.finish(ctx, best)
}

// doubling returns the ladder of batch sizes 1, 2, 4, ... and the largest query.
func doubling(maxQuery int) []policy.Policy {
	var ladder []policy.Policy
	for b := 1; b < maxQuery; b *= 2 {
		ladder = append(ladder, policy.Policy{BatchSize: b})
	}
	return append(ladder, policy.Policy{BatchSize: maxQuery})
}

// offloading returns the ladder of thresholds at one batch size.
func offloading(batch int, thresholds []int) []policy.Policy {
	var ladder []policy.Policy
	for _, t := range thresholds {
		ladder = append(ladder, policy.Policy{BatchSize: batch, OffloadThreshold: t})
	}
	return ladder
}

// climb goes up a ladder until a step is strictly worse than the best so far,
// and returns the best.
func (c *contest) climb(ctx context.Context, ladder []policy.Policy) (*track, error) {
	best := c.track(ladder[0])
	for _, p := range ladder[1:] {
		next := c.track(p)
		sign, err := c.compare(ctx, next, best)
		if err != nil {
			return nil, err
		}
		if sign < 0 {
			break
		}
		if c.beats(next, best, sign) {
			best = next
		}
	}
	return best, nil
}
