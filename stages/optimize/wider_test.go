package optimize

import (
	"math"
	"slices"
	"strings"
	"testing"

	"runexp/serving/policy"
	"runexp/stages/record"
)

// Fresh queries find what the searches found: joint is as good as the oracle,
// surely better than the baseline where it gains much, and nobody is judged by
// the queries it was chosen with.
func TestDuels(t *testing.T) {
	c := config()
	c.JudgeQueries, c.MapTolerance = 20_000, 0
	out := points(t, c)
	if want := 2 * 3 * (4 + 3); len(out.Duels) != want { // four against the baseline, three against the oracle
		t.Fatalf("%d duels, want %d", len(out.Duels), want)
	}
	for _, d := range out.Duels {
		if d.RateQPS == nil { // a policy against itself
			if d.BatchSize != d.OpponentBatchSize || d.OffloadThreshold != d.OpponentOffloadThreshold || *d.Better != 0.5 {
				t.Errorf("not compared: %+v", d)
			}
			continue
		}
		if d.Seed == int64(c.Seed) || d.Queries != 20_000 || d.Policy == d.Opponent {
			t.Errorf("judged by %d queries of seed %d: %+v", d.Queries, d.Seed, d)
		}
		if gain := d.MaxQPS/d.OpponentMaxQPS - 1; math.Abs(*d.Gain-gain) > 1e-12 {
			t.Errorf("gain %v, want %v", *d.Gain, gain)
		}
		if d.Policy == "joint" && d.Opponent == "exhaustive" && *d.Gain < -0.03 {
			t.Errorf("joint is far from the oracle: %+v", d)
		}
		if *d.Gain > 0.05 && *d.Better < 0.95 || *d.Gain < -0.05 && *d.Better > 0.05 {
			t.Errorf("gains %v, but is better with probability %v", *d.Gain, *d.Better)
		}
		if (*d.Late < *d.OpponentLate) != (*d.Better > 0.5) && *d.Late != *d.OpponentLate {
			t.Errorf("late %v against %v, but better with probability %v", *d.Late, *d.OpponentLate, *d.Better)
		}
	}
}

// A target below the time of one item is said to be so, with both numbers, and
// fails the stage where no target is any better.
func TestImpossibleTargets(t *testing.T) {
	c := config()
	c.Models[0].SLANS = 800_000 // low 0.4 ms is below the 0.42 ms of one item on an idle core
	c.Policies = []string{"static", "joint"}
	out := points(t, c)
	const want = "m low on cpu + none (runexp): the target of 400µs is below 420µs, the service time of a single request of one item: no policy can meet it"
	if !slices.Contains(out.Warnings, want) {
		t.Errorf("warnings %q, want %q", out.Warnings, want)
	}
	for _, p := range out.Points {
		if p.Target == "low" && (p.Status != "infeasible" || p.Sims != 0 || p.P95NS != nil || p.MaxQPS != 0) {
			t.Errorf("simulated in vain: %+v", p)
		}
	}
	c.Models[0].SLANS = 1000
	_, err := Points(t.Context(), c, rows(), nil, quiet)
	if err == nil || !strings.Contains(err.Error(), "the target of 500ns is below 420µs") {
		t.Errorf("error %v", err)
	}
}

// Nothing on a front is beaten by anything on it, more queries cost latency or
// power, and the best over all machines are those that no machine beats.
func TestFront(t *testing.T) {
	c := config()
	c.Targets, c.Policies, c.Pareto, c.Queries = c.Targets[:1], []string{"static"}, true, 1500
	front := points(t, c).Front
	best := 0
	for _, p := range front {
		beaten := false
		for _, q := range front {
			if dominates(q, p) {
				beaten = true
				if q.AccelPlatform == p.AccelPlatform {
					t.Errorf("%+v\nis beaten by %+v", p, q)
				}
			}
		}
		if p.Best == beaten {
			t.Errorf("best is %v, beaten is %v: %+v", p.Best, beaten, p)
		}
		if p.Best {
			best++
		}
	}
	if len(front) < 20 || best < 10 {
		t.Errorf("%d points, %d of them best", len(front), best)
	}
}

// Joint uses the wider space where it is allowed to, and its rows say so.
func TestChoices(t *testing.T) {
	c := config()
	c.Targets, c.Policies = c.Targets[:1], []string{"static", "joint"}
	plain := byPolicy(points(t, c).Points)
	c.Choices = Choices{EqualSplit: true, SmallestFirst: true, ActiveCores: []int{2, 3}, AccelBatches: []int{500, 1000}}
	for cell, by := range byPolicy(points(t, c).Points) {
		wide, narrow := by["joint"], plain[cell]["joint"]
		if wide.MaxQPS < 0.98*narrow.MaxQPS {
			t.Errorf("%v: a wider space serves less: %+v, was %+v", cell, wide, narrow)
		}
		if wide.AccelBatch > 0 && cell.Accel == record.None {
			t.Errorf("%v: batches on no accelerator: %+v", cell, wide)
		}
		if s := by["static"]; s.EqualSplit || s.SmallestFirst || s.ActiveCores != 0 || s.AccelBatch != 0 {
			t.Errorf("%v: the baseline is not the baseline: %+v", cell, s)
		}
		if wide.EqualSplit || wide.SmallestFirst || wide.ActiveCores > 0 || wide.AccelBatch > 0 {
			t.Logf("%v: %+v", cell, policy.Policy{
				BatchSize: int(wide.BatchSize), OffloadThreshold: int(wide.OffloadThreshold), EqualSplit: wide.EqualSplit,
				SmallestFirst: wide.SmallestFirst, ActiveCores: int(wide.ActiveCores), AccelBatch: int(wide.AccelBatch),
			})
		}
	}
}

func TestPatternsAndKeysThatNameNothing(t *testing.T) {
	c := config()
	c.Policies, c.Targets = []string{"static", "exhaustive"}, c.Targets[:1]
	c.Oracle = []Cell{{Model: "other"}}
	if out := points(t, c); !slices.Contains(out.Warnings, "no cell is called other/*/*/*/*") {
		t.Errorf("warnings %q", out.Warnings)
	}
	c.Oracle, c.Cells = nil, []Cell{{Accel: "gpu"}}
	for _, p := range points(t, c).Points {
		if p.AccelPlatform != "gpu" {
			t.Errorf("searched: %+v", p)
		}
	}
	c.Nodes = c.Nodes[:1]
	if err := c.Validate(); err == nil || err.Error() != "thresholds: [1 128 256 512], but no machine has an accelerator to offload to" {
		t.Errorf("thresholds without an accelerator: %v", err)
	}
	c.Thresholds, c.Choices.AccelBatches = nil, []int{100}
	if err := c.Validate(); err == nil || err.Error() != "accel_batches: [100], but no machine has an accelerator" {
		t.Errorf("batches without an accelerator: %v", err)
	}
}
