package tune

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"runexp/internal/stream"
	"runexp/serving/policy"
)

// From any start the search ends within 1 % of the best policy of its grid,
// which the closed form gives, in a few dozen simulations.
func TestJointFromAnyStart(t *testing.T) {
	for i, h := range []hill{
		{5000, 64, 32, 1.5},
		{5000, 1, 32, 1.5},
		{5000, 1000, 256, 1.5},
		{5000, 20, 700, 1.2},
		{5000, 300, 100, 0.6}, // never offloading is best
		{90, 64, 32, 1.2},     // most policies are infeasible: they need 100/s more than the rate
	} {
		pb := h.problem()
		best := 0.0
		for _, p := range pb.Space.fine() {
			best = max(best, h.mu(p)+math.Log(0.05)/0.030)
		}
		rng := stream.New(uint64(i), "start")
		for range 5 {
			start := policy.Policy{BatchSize: 1 + rng.IntN(1000), OffloadThreshold: rng.IntN(1001)}
			r, err := Joint{Start: start}.Search(t.Context(), pb)
			if err != nil {
				t.Fatal(err)
			}
			if best <= 0 {
				if r.Bound.Status != Infeasible {
					t.Errorf("%v: no policy meets the target, got %+v", h, r.Bound)
				}
				continue
			}
			if got := h.mu(r.Bound.Policy) + math.Log(0.05)/0.030; got < 0.99*best {
				t.Errorf("%v from %v: %v has %.1f, the best %.1f", h, start, r.Bound.Policy, got, best)
			}
			if r.Sims > 150 || r.Sims != len(r.Probes) {
				t.Errorf("%v from %v: %d simulations, %d probes", h, start, r.Sims, len(r.Probes))
			}
		}
	}
}

// Capacity and a few thousand simulated queries are no crutch: without the one
// and with jittery short simulations the search still gets there.
func TestJointUnderNoise(t *testing.T) {
	h := hill{5000, 64, 128, 1.4}
	pb := h.problem()
	exactly := pb.Evaluate
	pb.Capacity = nil
	pb.Evaluate = func(ctx context.Context, tr Trial) (Point, error) {
		p, err := exactly(ctx, tr)
		return jitter(p, stream.New(uint64(tr.Queries), fmt.Sprint(tr.Policy)), 0.05), err
	}
	best := 5000*1.4 + math.Log(0.05)/0.030
	r, err := Joint{}.Search(t.Context(), pb)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.mu(r.Bound.Policy) + math.Log(0.05)/0.030; got < 0.97*best {
		t.Errorf("%v has %.1f, the best %.1f", r.Bound.Policy, got, best)
	}
}

// A score is maximised in place of the rate: here one that punishes large
// batches, so that its best policy is not the fastest.
func TestJointByScore(t *testing.T) {
	h := hill{5000, 64, 32, 1.5}
	pb := h.problem()
	score := func(p policy.Policy, qps float64) float64 { return qps / (1 + float64(p.BatchSize)/50) }
	pb.Score = func(b Bound) float64 { return score(b.Policy, b.QPS) }
	best := 0.0
	for _, p := range pb.Space.fine() {
		best = max(best, score(p, h.mu(p)+math.Log(0.05)/0.030))
	}
	r, err := Joint{}.Search(t.Context(), pb)
	if err != nil {
		t.Fatal(err)
	}
	if got := score(r.Bound.Policy, r.Bound.QPS); got < 0.97*best {
		t.Errorf("%v scores %.1f, the best %.1f", r.Bound.Policy, got, best)
	}
}

// The scale of a score does not matter: a policy that no rate meets never beats
// one that serves.
func TestJointByScoreOfAnyScale(t *testing.T) {
	h := hill{130, 64, 32, 1.2} // few policies are feasible
	for _, scale := range []float64{1e-6, 1, 1e6} {
		pb := h.problem()
		pb.Score = func(b Bound) float64 { return scale * b.QPS }
		for _, start := range []policy.Policy{{}, {BatchSize: 1}, {BatchSize: 64}} {
			r, err := Joint{Start: start}.Search(t.Context(), pb)
			if err != nil || r.Bound.QPS == 0 {
				t.Errorf("scale %v, from %v: %+v, %v", scale, start, r.Bound, err)
			}
		}
	}
}

// Without an accelerator the grid has no threshold.
func TestFineGrid(t *testing.T) {
	s := space
	s.Accelerators = 0
	seen := map[policy.Policy]bool{}
	for _, p := range s.fine() {
		if p.OffloadThreshold != 0 || p.BatchSize < 1 || p.BatchSize > s.MaxQuery || seen[p] {
			t.Errorf("%v", p)
		}
		seen[p] = true
	}
	for _, must := range []int{1, 25, 1000} {
		if !seen[policy.Policy{BatchSize: must}] {
			t.Errorf("no batch size %d", must)
		}
	}
}

// A wider space is searched where it is asked for, and its choices are worth
// what they are worth: here equal parts and two thirds of the cores.
func TestJointMakesChoices(t *testing.T) {
	h := hill{5000, 64, 32, 1.5}
	mu := func(p policy.Policy) float64 {
		f := 1.0
		if p.EqualSplit {
			f *= 1.1
		}
		if p.SmallestFirst {
			f *= 0.95
		}
		if p.ActiveCores == 27 {
			f *= 1.05
		}
		if p.AccelBatch > 0 {
			f *= 0.9
		}
		return f * h.mu(p)
	}
	pb := h.problem()
	pb.Evaluate, pb.Capacity = mm1(mu, 0.03), mu
	narrow, err := Joint{}.Search(t.Context(), pb)
	if err != nil {
		t.Fatal(err)
	}
	pb.Space.Choices = Choices{EqualSplit: true, SmallestFirst: true, ActiveCores: []int{20, 27}, AccelBatches: []int{500}}
	wide, err := Joint{}.Search(t.Context(), pb)
	if err != nil {
		t.Fatal(err)
	}
	p := wide.Bound.Policy
	if !p.EqualSplit || p.SmallestFirst || p.ActiveCores != 27 || p.AccelBatch != 0 {
		t.Errorf("chose %+v", p)
	}
	if gain := wide.Bound.QPS / narrow.Bound.QPS; gain < 1.12 || gain > 1.18 {
		t.Errorf("the wider space gains %v, want about 1.155", gain)
	}
	known := map[policy.Policy]bool{}
	for _, p := range pb.Space.wide(narrow.Bound.Policy) {
		if known[p] || p.ActiveCores == 40 || p.OffloadThreshold == 0 && p.AccelBatch > 0 {
			t.Errorf("twice, or to no effect: %+v", p)
		}
		known[p] = true
	}
}

// The belief returns what it saw, without doubt there and with doubt between,
// and its improvement is that of the normal distribution.
func TestBelief(t *testing.T) {
	b := belief{}
	rng := rand.New(rand.NewPCG(1, 2))
	f := func(x, y float64) float64 { return math.Sin(x/2) + y/10 }
	for range 30 {
		x, y := rng.Float64()*8, rng.Float64()*8
		b.at, b.values, b.noise = append(b.at, []float64{x, y}), append(b.values, f(x, y)), append(b.noise, exact)
	}
	b.learn()
	room := make([]float64, 30)
	for i, x := range b.at {
		if mean, sd := b.predict(x, room); math.Abs(mean-b.values[i]) > 0.01 || sd > 0.02 {
			t.Errorf("at a value seen: %v +- %v, want %v", mean, sd, b.values[i])
		}
	}
	misses := 0
	for range 100 {
		x, y := rng.Float64()*8, rng.Float64()*8
		mean, sd := b.predict([]float64{x, y}, room)
		if math.Abs(mean-f(x, y)) > 3*sd {
			misses++
		}
	}
	if misses > 5 {
		t.Errorf("%d of 100 values are more than 3 standard deviations off", misses)
	}
	for _, c := range []struct{ mean, sd, mark, want float64 }{
		{0, 1, 0, 0.3989423},  // the mean of the positive half of a normal variable
		{1, 0, 0.25, 0.75},    // no doubt
		{0, 0, 1, 0},          // no hope
		{-1, 1, 0, 0.0833155}, // tables
	} {
		if got := improvement(c.mean, c.sd, c.mark); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("improvement%v = %v", c, got)
		}
	}
}

// BenchmarkPromising is what choosing the next policy costs.
func BenchmarkPromising(b *testing.B) {
	h := hill{5000, 64, 32, 1.5}
	for _, n := range []int{5, 20, 40} {
		b.Run(fmt.Sprintf("tried=%d", n), func(b *testing.B) {
			pb := h.problem()
			pb.Options = Options{Tolerance: 0.01}
			c, err := newContest(pb)
			if err != nil {
				b.Fatal(err)
			}
			j := &joint{contest: c}
			for _, p := range pb.Space.fine() {
				j.grid = append(j.grid, j.candidate(p))
			}
			for i := range n {
				tr := c.track(j.grid[i*len(j.grid)/n].policy)
				if err := tr.narrow(b.Context(), 4, 0); err != nil {
					b.Fatal(err)
				}
				j.tried = append(j.tried, tr)
			}
			for b.Loop() {
				j.promising(j.best())
			}
		})
	}
}
