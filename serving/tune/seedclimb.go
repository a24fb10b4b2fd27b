package tune

import (
	"context"

	"runexp/serving/policy"
)

// SeedHillClimb is the search of the original release with its measurements
// replaced by MaxQPS: its lists, in its order, and its rule for stopping
// (seedClimb), but none of its noise. First the batch size is chosen without an
// accelerator, then the threshold. Empty lists take those of the release.
//
// Its fault of order is kept: the first threshold is judged by a node that
// does not offload yet. What is reported is the policy it settles on, with the
// MaxQPS that this policy really has.
type SeedHillClimb struct {
	Batches    []int
	Thresholds []int
}

// The lists of the release's run_Scheduler.sh.
var (
	seedBatches    = []int{512, 384, 256, 192, 128, 96, 64, 48, 32}
	seedThresholds = []int{96, 128, 192, 256, 384, 512}
)

// seedIdle is the threshold that the release starts with.
const seedIdle = 1024

func (SeedHillClimb) Name() string { return "seed_hillclimb" }

func (s SeedHillClimb) Search(ctx context.Context, pb Problem) (Result, error) {
	c, err := begin(pb)
	if err != nil {
		return Result{}, err
	}
	if len(s.Batches) == 0 {
		s.Batches = seedBatches
	}
	if len(s.Thresholds) == 0 {
		s.Thresholds = seedThresholds
	}
	var ladder []policy.Policy
	for _, b := range s.Batches {
		ladder = append(ladder, policy.Policy{BatchSize: b})
	}
	i, err := c.descend(ctx, ladder)
	if err != nil {
		return Result{}, err
	}
	chosen := ladder[i]
	if pb.Space.Accelerators > 0 {
		ladder = offloading(chosen.BatchSize, s.Thresholds)
		measured := append([]policy.Policy{idle(chosen, pb.Space.MaxQuery)}, ladder[1:]...)
		if i, err = c.descend(ctx, measured); err != nil {
			return Result{}, err
		}
		chosen = ladder[i]
	}
	return c.finish(ctx, c.track(chosen))
}

// idle returns the policy that the release measures first: no query reaches
// its threshold unless the user allows larger ones.
func idle(p policy.Policy, maxQuery int) policy.Policy {
	if maxQuery >= seedIdle {
		p.OffloadThreshold = seedIdle
	}
	return p
}

// descend walks a list as seedClimb does and returns the index it settles on.
// Gaps are booked as ranks, since only their order counts: the same for equal
// MaxQPS, one longer where it is worse, one shorter where it is better.
func (c *contest) descend(ctx context.Context, ladder []policy.Policy) (int, error) {
	climb := seedClimb{configs: make([]int, len(ladder))}
	rank := 0.0
	for i := 0; ; {
		if i > 0 {
			sign, err := c.compare(ctx, c.track(ladder[i]), c.track(ladder[i-1]))
			if err != nil {
				return 0, err
			}
			rank -= float64(sign)
		}
		next, done := climb.book(rank)
		if done {
			return next, nil
		}
		i = next
	}
}
