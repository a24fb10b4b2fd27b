package fleet

import (
	"errors"
	"math"
	"testing"

	"runexp/internal/stream"
)

// random makes a small program: up to three types of up to four machines, up
// to three models.
func random(seed uint64, share, power bool) *program {
	rng := stream.New(seed, "fleet program")
	types, models := 1+rng.IntN(3), 1+rng.IntN(3)
	p := &program{pools: poolsOf(types, models, share)}
	for range models {
		p.demand = append(p.demand, 50+1000*rng.Float64())
	}
	for range types {
		var rate, load []float64
		for range models {
			r, l := 100+900*rng.Float64(), 0.0
			if rng.IntN(8) == 0 {
				r = 0
			}
			if power {
				l = 200 * rng.Float64()
			}
			rate, load = append(rate, r), append(load, l)
		}
		p.rate, p.load = append(p.rate, rate), append(p.load, load)
		p.on = append(p.on, 1+5*rng.Float64())
		p.count = append(p.count, 1+rng.IntN(4))
	}
	return p
}

// brute is the least objective over every number of machines, each by a linear
// program with the numbers fixed; +Inf if none serves the demand.
func (p *program) brute(t *testing.T) float64 {
	t.Helper()
	best := math.Inf(1)
	n := make([]int, len(p.pools))
	for {
		used := make([]int, len(p.count))
		for i, k := range n {
			used[p.pools[i].kind] += k
		}
		fits := true
		for k := range used {
			fits = fits && used[k] <= p.count[k]
		}
		if fits {
			if s, err := p.relax(bounds{n, n}); err == nil {
				best = min(best, s.value)
			} else if !errors.Is(err, errInfeasible) {
				t.Fatal(err)
			}
		}
		i := 0
		for i < len(n) && n[i] == p.count[p.pools[i].kind] {
			n[i] = 0
			i++
		}
		if i == len(n) {
			return best
		}
		n[i]++
	}
}

// The search finds what trying every number of machines finds, and its bound
// is below.
func TestSolveAgainstBruteForce(t *testing.T) {
	solved := 0
	for seed := range uint64(60) {
		for _, share := range []bool{true, false} {
			p := random(seed, share, seed%2 == 1)
			if !share && len(p.pools) > 4 {
				continue // too many to try
			}
			want := p.brute(t)
			got, err := p.solve(t.Context(), 100_000)
			if errors.Is(err, errInfeasible) {
				got.value = math.Inf(1)
			} else if err != nil {
				t.Fatal(err)
			}
			if math.IsInf(want, 1) != math.IsInf(got.value, 1) || math.Abs(got.value-want) > 1e-5*want {
				t.Errorf("seed %d, share %v: %v, want %v", seed, share, got.value, want)
			}
			if !math.IsInf(want, 1) {
				solved++
				checkSolution(t, p, got)
			}
		}
	}
	if solved < 30 {
		t.Errorf("only %d programs had a solution", solved)
	}
}

// checkSolution: the demand is served, by machines that are on and exist.
func checkSolution(t *testing.T, p *program, r result) {
	t.Helper()
	if r.bound > r.value*(1+1e-9) || !r.proven {
		t.Errorf("bound %v of %v, proven %v", r.bound, r.value, r.proven)
	}
	for m, d := range p.demand {
		served := 0.0
		for k := range p.count {
			served += p.rate[k][m] * r.work[k][m]
		}
		if served < d*(1-1e-6) {
			t.Errorf("model %d: %v of %v served", m, served, d)
		}
	}
	for k := range p.count {
		on, work := 0.0, 0.0
		for i, pl := range p.pools {
			if pl.kind == k {
				on += r.on[i]
			}
		}
		for _, y := range r.work[k] {
			work += y
		}
		if on != math.Round(on) || on > float64(p.count[k]) || work > on+1e-6 {
			t.Errorf("type %d: %v on of %d for work of %v", k, on, p.count[k], work)
		}
	}
}

// With the budget spent the plan still serves the demand and the bound is
// still one.
func TestBudget(t *testing.T) {
	for seed := range uint64(40) {
		p := random(seed, true, false)
		exact, err := p.solve(t.Context(), 100_000)
		if err != nil {
			continue
		}
		r, err := p.solve(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if r.solves != 1 || r.value < exact.value*(1-1e-9) || r.bound > exact.value*(1+1e-9) {
			t.Errorf("seed %d: after %d programs %v, bound %v; best %v", seed, r.solves, r.value, r.bound, exact.value)
		}
	}
}

// What makes the solver panic is an error; the scaled program has the answer
// of the one it stands for.
func TestSolverFails(t *testing.T) {
	p := &program{demand: []float64{1e8}, rate: [][]float64{{1000}}, on: []float64{1}, load: [][]float64{{0}}, count: []int{20}, pools: poolsOf(1, 1, true)}
	if _, err := p.relax(bounds{[]int{0}, []int{20}}); err == nil {
		t.Error("20 machines serve 1e8 queries/s")
	}
	c, rows, rhs := []float64{3, 5}, [][]float64{{-1e-3, -2e-3}, {0, 1}}, []float64{-8, 2e3}
	s := scalesOf(c, rows, rhs)
	x, err := solver(s.scaled(c, rows, rhs))
	if err != nil {
		t.Fatal(err)
	}
	if got := x[1] * s.cols[1] * s.rhs; math.Abs(got-2e3) > 1e-6 {
		t.Errorf("x = %v, want 2e3", got)
	}
	if got := x[0] * s.cols[0] * s.rhs; math.Abs(got-4e3) > 1e-6 {
		t.Errorf("x = %v, want 4e3", got)
	}
}

// A fraction of a machine is none everywhere or nowhere: a plan that is called
// the best has no machine that the bound has not.
func TestFractionOfAMachine(t *testing.T) {
	for _, over := range []float64{1e-8, 3e-7, 9e-7, 2e-6, 1e-4} {
		p := &program{demand: []float64{300 * (1 + over/3)}, rate: [][]float64{{100}}, on: []float64{1}, load: [][]float64{{0}}, count: []int{10}, pools: poolsOf(1, 1, true)}
		r, err := p.solve(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		want := 3.0
		if over > fraction {
			want = 4
		}
		if r.on[0] != want || !r.proven || math.Abs(r.value-r.bound) > 10*fraction {
			t.Errorf("3 machines and %v: %v of bound %v, proven %v; want %v", over, r.on[0], r.bound, r.proven, want)
		}
	}
	for _, n := range []float64{2, 2 + 5e-7, 2 + 5e-6, 3 - 5e-7, 1e5 + 5e-7} {
		p := &program{on: []float64{1}, count: []int{1e6}, pools: poolsOf(1, 1, true)}
		up, ok := p.roundUp(solution{on: []float64{n}})
		if integer := fractional([]float64{n}) < 0; !ok || integer != (math.Abs(up.on[0]-n) <= fraction) {
			t.Errorf("%v is an integer: %v, yet is rounded up to %v", n, integer, up.on[0])
		}
	}
}

// As many machines as anyone can want are the same as enough of them.
func TestNoLimitOfMachines(t *testing.T) {
	for seed := range uint64(100) {
		for _, share := range []bool{true, false} {
			p := random(seed, share, seed%2 == 1)
			for k := range p.count {
				p.count[k] = 100
			}
			want, err := p.solve(t.Context(), 20_000)
			if errors.Is(err, errInfeasible) {
				continue // no type serves some model
			}
			if err != nil {
				t.Fatal(err)
			}
			for k := range p.count {
				p.count[k] = maxCount
			}
			got, err := p.solve(t.Context(), 20_000)
			if err != nil || math.Abs(got.value-want.value) > 2*tolerance*want.value {
				t.Errorf("seed %d, share %v: %v, want %v (%v)", seed, share, got.value, want.value, err)
			}
		}
	}
}
