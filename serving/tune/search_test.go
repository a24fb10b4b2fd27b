package tune

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"runexp/internal/stream"
	"runexp/serving/policy"
)

// hill is a landscape with one top: the service rate of a node falls off on
// both sides of the best batch size and the best threshold, in log scale.
type hill struct {
	top         float64 // queries/s
	batch       float64
	threshold   float64
	offloadGain float64 // of the best threshold over never offloading
}

func (h hill) mu(p policy.Policy) float64 {
	off := func(x, best float64) float64 { return math.Pow(math.Log2(x/best), 2) / 40 }
	mu := h.top / (1 + off(float64(p.BatchSize), h.batch))
	if p.OffloadThreshold > 0 {
		mu *= h.offloadGain / (1 + off(float64(p.OffloadThreshold), h.threshold))
	}
	return mu
}

var space = Space{
	MaxQuery: 1000, Cores: 40, Accelerators: 1,
	Batches:    []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000},
	Thresholds: []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512},
}

func (h hill) problem() Problem {
	return Problem{Evaluate: mm1(h.mu, 0.03), Capacity: h.mu, SLA: p95(30 * time.Millisecond), Space: space}
}

// latticeMax is MaxQPS by the closed form, cut to the lattice.
func (h hill) latticeMax(p policy.Policy) float64 {
	l := lattice{1.01}
	return l.rate(l.below(h.mu(p) + math.Log(0.05)/0.030))
}

func TestDeepRecSchedClimbsToTheTop(t *testing.T) {
	for _, c := range []struct {
		why  string
		hill hill
		want policy.Policy
	}{
		{"top inside both ladders", hill{5000, 64, 32, 1.5}, policy.Policy{BatchSize: 64, OffloadThreshold: 32}},
		{"unit batch is best", hill{5000, 1, 32, 1.5}, policy.Policy{BatchSize: 1, OffloadThreshold: 32}},
		{"unsplit is best", hill{5000, 1000, 256, 1.5}, policy.Policy{BatchSize: 1000, OffloadThreshold: 256}},
		{"the accelerator is slower than the cores", hill{5000, 64, 32, 0.5}, policy.Policy{BatchSize: 64}},
		{"everything on the accelerator is best", hill{5000, 64, 1, 3}, policy.Policy{BatchSize: 64, OffloadThreshold: 1}},
	} {
		r, err := DeepRecSched{}.Search(t.Context(), c.hill.problem())
		if err != nil || r.Bound.Policy != c.want || r.Bound.QPS != c.hill.latticeMax(c.want) {
			t.Errorf("%s: got %v at %v, want %v at %v, err %v", c.why, r.Bound.Policy, r.Bound.QPS, c.want, c.hill.latticeMax(c.want), err)
		}
		if r.Sims != len(r.Probes) {
			t.Errorf("%s: %d simulations, %d probes", c.why, r.Sims, len(r.Probes))
		}
	}
}

// The stop rule: the first strictly worse step ends the climb, whatever lies
// beyond; equal steps do not.
func TestDeepRecSchedStops(t *testing.T) {
	by := map[int]float64{1: 1000, 2: 2000, 4: 2000, 8: 3000, 16: 2900, 32: 9000}
	mu := func(p policy.Policy) float64 { return by[p.BatchSize] }
	pb := Problem{Evaluate: mm1(mu, 0), Capacity: mu, SLA: p95(time.Second), Space: Space{MaxQuery: 32, Cores: 2, Batches: []int{1}}}
	r, err := DeepRecSched{}.Search(t.Context(), pb)
	if err != nil || r.Bound.Policy.BatchSize != 8 {
		t.Errorf("settled on batch %d, want 8: 2 and 4 are equal, 16 is worse, 32 is never seen; err %v", r.Bound.Policy.BatchSize, err)
	}
	if slices.ContainsFunc(r.Probes, func(p Probe) bool { return p.Trial.Policy.BatchSize == 32 }) {
		t.Error("simulated past the step that was worse")
	}
}

// rugged is a landscape of random heights, some of them out of reach of the
// target.
func rugged(seed uint64) (func(policy.Policy) float64, Problem) {
	rng := stream.New(seed, "rugged")
	heights := map[policy.Policy]float64{}
	for _, row := range space.rows() {
		for _, p := range row {
			heights[p] = 80 + 2000*rng.Float64()
		}
	}
	mu := func(p policy.Policy) float64 { return heights[p] }
	return mu, Problem{Evaluate: mm1(mu, 0.05), Capacity: mu, SLA: p95(30 * time.Millisecond), Space: space}
}

// The oracle finds what brute force finds, with and without a map, and no
// search on the same grid beats it.
func TestExhaustiveIsTheBestOfTheGrid(t *testing.T) {
	for seed := range uint64(20) {
		mu, pb := rugged(seed)
		best := 0.0
		for _, row := range space.rows() {
			for _, p := range row {
				best = max(best, mu(p))
			}
		}
		l := lattice{1.01}
		want := l.rate(l.below(best + math.Log(0.05)/0.030))
		var without int
		for _, tolerance := range []float64{0, 0.1} {
			pb.Options.MapTolerance = tolerance
			r, err := Exhaustive{}.Search(t.Context(), pb)
			if err != nil || r.Bound.QPS != want || r.Bound.Status != Converged {
				t.Fatalf("seed %d, map %v: %v (%s), want %v, err %v", seed, tolerance, r.Bound.QPS, r.Bound.Status, want, err)
			}
			if tolerance == 0 {
				without = r.Sims
			}
			for _, s := range []Searcher{Static{}, DeepRecSched{}} {
				if o, err := s.Search(t.Context(), pb); err != nil || o.Bound.QPS > r.Bound.QPS {
					t.Errorf("seed %d: %s found %v, the oracle %v, err %v", seed, s.Name(), o.Bound.QPS, r.Bound.QPS, err)
				}
			}
		}
		if n := len(slices.Concat(space.rows()...)); without > 2*n {
			t.Errorf("seed %d: %d simulations without a map for a grid of %d: nothing was dropped early", seed, without, n)
		}
	}
}

// With a score, the oracle is the policy with the best score at its MaxQPS; here
// a fast policy draws more than its speed is worth.
func TestExhaustiveByScore(t *testing.T) {
	for seed := range uint64(10) {
		mu, pb := rugged(seed)
		pb.Score = func(b Bound) float64 { return b.QPS / (500 + math.Pow(b.QPS, 1.2)/2) }
		best := 0.0
		l := lattice{1.01}
		for _, p := range slices.Concat(space.rows()...) {
			if qps := mu(p) + math.Log(0.05)/0.030; qps > 0 {
				best = max(best, pb.Score(Bound{QPS: l.rate(l.below(qps))}))
			}
		}
		for _, tolerance := range []float64{0, 0.05} {
			pb.Options.MapTolerance = tolerance
			r, err := Exhaustive{}.Search(t.Context(), pb)
			if err != nil || pb.Score(r.Bound) != best {
				t.Errorf("seed %d, map %v: score %v, want %v, err %v", seed, tolerance, pb.Score(r.Bound), best, err)
			}
			o, err := DeepRecSched{}.Search(t.Context(), pb)
			if err != nil || pb.Score(o.Bound) > best {
				t.Errorf("seed %d: deeprecsched scored %v, the oracle %v, err %v", seed, pb.Score(o.Bound), best, err)
			}
		}
	}
}

// Every entry of the map encloses the truth, and the best is in it.
func TestExhaustiveMap(t *testing.T) {
	mu, pb := rugged(7)
	for _, tolerance := range []float64{0, 0.05} {
		pb.Options.MapTolerance = tolerance
		r, err := Exhaustive{}.Search(t.Context(), pb)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(slices.Concat(space.rows()...)); len(r.Map) != n {
			t.Fatalf("%d entries for a grid of %d", len(r.Map), n)
		}
		for _, b := range r.Map {
			truth := max(0, mu(b.Policy)+math.Log(0.05)/0.030)
			switch {
			case b.Policy == r.Bound.Policy:
				if !reflect.DeepEqual(b, r.Bound) {
					t.Errorf("the best is %v in the map, %v by itself", b, r.Bound)
				}
			case b.Status == Infeasible:
				if truth > Floor*mu(b.Policy) {
					t.Errorf("%v is infeasible, but serves %v", b.Policy, truth)
				}
			case b.Lo > truth || b.Hi < truth:
				t.Errorf("%v: [%v, %v] (%s) does not enclose %v", b.Policy, b.Lo, b.Hi, b.Status, truth)
			case tolerance > 0 && b.Hi > b.Lo*(1+tolerance)*1.01:
				t.Errorf("%v: [%v, %v] is wider than %v", b.Policy, b.Lo, b.Hi, tolerance)
			}
		}
	}
}

// The number of workers changes nothing, not even the order of the probes.
func TestWorkersChangeNothing(t *testing.T) {
	_, pb := rugged(3)
	pb.Options.MapTolerance = 0.05
	var running atomic.Int32
	inner := pb.Evaluate
	pb.Evaluate = func(ctx context.Context, tr Trial) (Point, error) {
		running.Add(1)
		return inner(ctx, tr)
	}
	var want Result
	for _, workers := range []int{1, 2, 8} {
		pb.Options.Workers = workers
		r, err := Exhaustive{}.Search(t.Context(), pb)
		if err != nil {
			t.Fatal(err)
		}
		if workers == 1 {
			want = r
		} else if !reflect.DeepEqual(r, want) {
			t.Errorf("%d workers: another result", workers)
		}
	}
	if int(running.Load()) != 3*want.Sims {
		t.Errorf("%d simulations ran, %d were reported", running.Load(), 3*want.Sims)
	}
}

// compare gives the sign of the difference of MaxQPS, and spends fewer
// simulations than finding both would.
func TestCompareIsTheSignOfTheDifference(t *testing.T) {
	rng := stream.New(1, "compare")
	compared, converged := 0, 0
	for range 300 {
		heights := []float64{80 + 500*rng.Float64(), 80 + 500*rng.Float64()}
		if rng.IntN(3) == 0 {
			heights[1] = heights[0] * (1 + 0.02*rng.Float64())
		}
		mu := func(p policy.Policy) float64 { return heights[p.BatchSize-1] }
		c, err := newContest(Problem{Evaluate: mm1(mu, 0.02), Capacity: mu, SLA: p95(30 * time.Millisecond)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.compare(t.Context(), c.track(policy.Policy{BatchSize: 1}), c.track(policy.Policy{BatchSize: 2}))
		if err != nil {
			t.Fatal(err)
		}
		compared += c.sims()
		var qps [2]float64
		for i := range qps {
			tr := newTrack(&c.pb, policy.Policy{BatchSize: i + 1}, new([]Probe))
			if err := tr.converge(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			qps[i] = tr.bound().QPS
			converged += tr.sims
		}
		want := 0
		if qps[0] != qps[1] {
			want = int(math.Copysign(1, qps[0]-qps[1]))
		}
		if got != want {
			t.Errorf("heights %v: sign %d, want %d for %v", heights, got, want, qps)
		}
	}
	if compared*2 > converged {
		t.Errorf("%d simulations to compare, %d to converge both", compared, converged)
	}
}

// The release's search, with its faults: it stops at the first worse entry of
// its list, takes the last of equals there, and judges its first threshold by
// a node that does not offload.
func TestSeedHillClimb(t *testing.T) {
	batches := map[int]float64{512: 900, 256: 1000, 128: 1000, 64: 950, 32: 5000}
	mu := func(p policy.Policy) float64 {
		switch p.OffloadThreshold {
		case 0:
			return batches[p.BatchSize]
		case 96:
			return 200 // never measured, and yet taken
		}
		return 800
	}
	pb := Problem{Evaluate: mm1(mu, 0), Capacity: mu, SLA: p95(time.Second), Space: space}
	s := SeedHillClimb{Batches: []int{512, 256, 128, 64, 32}, Thresholds: []int{96, 128}}
	r, err := s.Search(t.Context(), pb)
	want := policy.Policy{BatchSize: 128, OffloadThreshold: 96}
	if err != nil || r.Bound.Policy != want || r.Bound.QPS > 200 {
		t.Errorf("got %v at %v, want %v, err %v", r.Bound.Policy, r.Bound.QPS, want, err)
	}
	pb.Space.Accelerators = 0
	if r, err = s.Search(t.Context(), pb); err != nil || r.Bound.Policy != (policy.Policy{BatchSize: 128}) {
		t.Errorf("without an accelerator: %v, err %v", r.Bound.Policy, err)
	}
	s.Batches = []int{128, 256}
	if r, err = s.Search(t.Context(), pb); err != nil || r.Bound.Policy != (policy.Policy{BatchSize: 128}) {
		t.Errorf("two equal entries, list at its end: %v, want the first, err %v", r.Bound.Policy, err)
	}
}

// Where the target is out of reach, every search says so, and shows the
// smallest tail an idle system has.
func TestSearchesSayInfeasible(t *testing.T) {
	eval := func(_ context.Context, tr Trial) (Point, error) {
		tail := time.Duration(100+tr.Policy.BatchSize%7+tr.Policy.OffloadThreshold) * time.Millisecond
		return Point{Stable: true, Tail: tail, Lo: tail, Hi: tail}, nil
	}
	pb := Problem{Evaluate: eval, Capacity: constant(1000), SLA: p95(10 * time.Millisecond), Space: space}
	for _, s := range []Searcher{Static{}, DeepRecSched{}, SeedHillClimb{}, Exhaustive{}} {
		r, err := s.Search(t.Context(), pb)
		if err != nil || r.Bound.Status != Infeasible || r.Bound.QPS != 0 || r.Bound.At.Tail < 100*time.Millisecond {
			t.Errorf("%s: %+v, err %v", s.Name(), r.Bound, err)
		}
		if s == (DeepRecSched{}) && r.Bound.At.Tail != 101*time.Millisecond {
			t.Errorf("%s: idle tail %v, want that of batch size 1, 8, 64 or 512", s.Name(), r.Bound.At.Tail)
		}
	}
}

func TestSearchesRefuse(t *testing.T) {
	for _, c := range []struct {
		why  string
		edit func(*Space)
		want string
	}{
		{"empty grid", func(s *Space) { s.Batches = nil }, "batches: the grid is empty"},
		{"batch of nothing", func(s *Space) { s.Batches = []int{0, 1} }, "batches: 0 is not at least 1"},
		{"descending thresholds", func(s *Space) { s.Thresholds = []int{2, 1} }, "thresholds: 1 follows 2"},
		{"no cores", func(s *Space) { s.Cores = 0 }, "cores: 0 is not at least 1"},
	} {
		pb := hill{5000, 64, 32, 1}.problem()
		c.edit(&pb.Space)
		for _, s := range []Searcher{Static{}, DeepRecSched{}, SeedHillClimb{}, Exhaustive{}} {
			if _, err := s.Search(t.Context(), pb); err == nil || err.Error() != c.want {
				t.Errorf("%s: %s: error %v, want %q", c.why, s.Name(), err, c.want)
			}
		}
	}
}

// A search under noise agrees with itself: common random numbers make the
// answer a function of the seed alone, and near the truth.
func TestSearchUnderNoise(t *testing.T) {
	h := hill{5000, 64, 32, 1.5}
	pb := h.problem()
	exact := pb.Evaluate
	pb.Evaluate = func(ctx context.Context, tr Trial) (Point, error) {
		p, err := exact(ctx, tr)
		rng := stream.New(uint64(tr.Queries), fmt.Sprint(tr.Policy))
		return jitter(p, rng, 0.05), err
	}
	first, err := DeepRecSched{}.Search(t.Context(), pb)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := DeepRecSched{}.Search(t.Context(), pb)
	if !reflect.DeepEqual(first, again) {
		t.Error("the same problem has another answer")
	}
	if truth := h.latticeMax(first.Bound.Policy); math.Abs(first.Bound.QPS/truth-1) > 0.02 {
		t.Errorf("MaxQPS %v, want about %v", first.Bound.QPS, truth)
	}
}

func jitter(p Point, rng *rand.Rand, by float64) Point {
	f := 1 + by*(2*rng.Float64()-1)
	p.Tail = time.Duration(float64(p.Tail) * f)
	p.Lo, p.Hi = p.Tail*9/10, p.Tail*11/10
	return p
}
