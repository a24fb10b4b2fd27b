package fleet

import (
	"container/heap"
	"context"
	"errors"
	"math"
	"slices"
)

// program is the integer program of one hour:
//
//	minimise    sum_t on_t N_t + sum_tm load_tm y_tm
//	subject to  sum_t rate_tm y_tm >= demand_m     every model is served
//	            sum_m y_tm <= N_t                  machines that are on
//	            0 <= N_t <= count_t, N integer
//
// where y_tm is the machines' worth of time that kind t gives to model m.
// Where machines are not shared there is one N per kind and model and the
// counts bound their sum: a pool is what has an N of its own.
type program struct {
	demand []float64   // queries/s by model, all above 0
	rate   [][]float64 // queries/s of one machine, by type and model; 0 where it cannot
	on     []float64   // objective of a machine that is on, by type
	load   [][]float64 // objective of a machine's worth of work, by type and model
	count  []int       // machines, by type
	pools  []pool
}

// pool is machines of one type that serve the same models.
type pool struct {
	kind   int
	models []int
}

// pools lists them: one per type, or one per type and model.
func poolsOf(types, models int, share bool) []pool {
	var out []pool
	for t := range types {
		all := make([]int, models)
		for m := range models {
			all[m] = m
			if !share {
				out = append(out, pool{t, []int{m}})
			}
		}
		if share {
			out = append(out, pool{t, all})
		}
	}
	return out
}

// solution is machines and work by type; the work is also by model.
type solution struct {
	on    []float64   // by pool; integer once solved
	work  [][]float64 // machines' worth of time by type and model
	value float64     // of the objective
}

// bounds are what a branch requires of the number of machines of each pool.
type bounds struct{ lo, hi []int }

// errInfeasible: no number of machines within the bounds serves the demand.
var errInfeasible = errors.New("infeasible")

// column is a variable of the linear program: y of a type and model.
type column struct{ pool, model int }

// relax solves the linear program without integrality. gonum's simplex wants
// equalities over variables from 0: each row gets a slack, and the demand rows
// are divided by the demand to be of one size.
func (p *program) relax(b bounds) (solution, error) {
	var cols []column
	for i, pl := range p.pools {
		for _, m := range pl.models {
			if p.rate[pl.kind][m] > 0 {
				cols = append(cols, column{i, m})
			}
		}
	}
	variables := len(p.pools) + len(cols)
	var rows [][]float64
	var rhs []float64
	row := func(limit float64) []float64 {
		r := make([]float64, variables)
		rows, rhs = append(rows, r), append(rhs, limit)
		return r
	}
	c := make([]float64, variables)
	for i, pl := range p.pools { // work fits the machines that are on, N = lo + x
		c[i] = p.on[pl.kind]
		r := row(float64(b.lo[i]))
		r[i] = -1
		for j, col := range cols {
			if col.pool == i {
				r[len(p.pools)+j] = 1
			}
		}
		row(float64(b.hi[i] - b.lo[i]))[i] = 1
	}
	p.countRows(b, row)
	for m, d := range p.demand {
		r := row(-1)
		for j, col := range cols {
			if col.model == m {
				kind := p.pools[col.pool].kind
				r[len(p.pools)+j] = -p.rate[kind][m] / d
				c[len(p.pools)+j] = p.load[kind][m]
			}
		}
	}
	x, err := simplex(c, rows, rhs)
	if err != nil {
		return solution{}, err
	}
	return p.read(b, cols, x), nil
}

// countRows bound the machines of a type over its pools, where it has several.
func (p *program) countRows(b bounds, row func(float64) []float64) {
	for t, count := range p.count {
		left, room, several := count, 0, 0
		for i, pl := range p.pools {
			if pl.kind == t {
				left -= b.lo[i]
				room += b.hi[i] - b.lo[i]
				several++
			}
		}
		if several < 2 {
			continue
		}
		r := row(float64(min(left, room))) // no larger than what the pools can ask for
		for i, pl := range p.pools {
			if pl.kind == t {
				r[i] = 1
			}
		}
	}
}

func (p *program) read(b bounds, cols []column, x []float64) solution {
	s := solution{work: make([][]float64, len(p.count))}
	for t := range s.work {
		s.work[t] = make([]float64, len(p.demand))
	}
	for i := range p.pools {
		s.on = append(s.on, float64(b.lo[i])+x[i])
	}
	for j, col := range cols {
		s.work[p.pools[col.pool].kind][col.model] += x[len(p.pools)+j]
	}
	s.value = p.value(s)
	return s
}

func (p *program) value(s solution) float64 {
	sum := 0.0
	for i, n := range s.on {
		sum += n * p.on[p.pools[i].kind]
	}
	for t, work := range s.work {
		for m, y := range work {
			sum += y * p.load[t][m]
		}
	}
	return sum
}

// most is what all machines together serve of each model, each alone.
func (p *program) most() []float64 {
	sum := make([]float64, len(p.demand))
	for t, count := range p.count {
		for m, r := range p.rate[t] {
			sum[m] += float64(count) * r
		}
	}
	return sum
}

// beyond reports whether some model alone asks for more than all machines
// serve. The solver takes such a program badly, so it is not asked.
func (p *program) beyond() bool {
	for m, most := range p.most() {
		if p.demand[m] > most*(1+tolerance) {
			return true
		}
	}
	return false
}

// unserved is the least demand by model that all machines on leave over.
func (p *program) unserved() ([]float64, error) {
	// A further type stands for what is not served: one machine of it serves all
	// of a model at the objective of its demand, and everything else is free.
	n, last := len(p.demand), len(p.count)
	q := &program{demand: p.demand, rate: append(slices.Clone(p.rate), p.demand), on: make([]float64, last+1), count: append(slices.Clone(p.count), n)}
	for range last {
		q.load = append(q.load, make([]float64, n))
	}
	q.load = append(q.load, p.demand)
	q.pools = poolsOf(last+1, n, true)
	s, err := q.relax(q.root())
	if err != nil {
		return nil, err
	}
	left := make([]float64, n)
	for m, share := range s.work[last] {
		left[m] = share * p.demand[m]
	}
	return left, nil
}

// result is what the search found: the best plan, a bound that no plan is
// below, the linear programs it took, and whether it is proven the best.
type result struct {
	solution
	bound  float64
	solves int
	proven bool
}

// tolerance is the relative distance from the bound at which a plan counts as
// the best: rounding of the linear programs is far below it, a cent a day above.
const tolerance = 1e-6

// fraction is the part of a machine that counts as none, where a relaxation is
// rounded up as where it is searched for what is not an integer: were the first
// the smaller, a plan with a machine too many would pass for the best. Greedy
// and Homogeneous leave as much.
const fraction = tolerance

// many machines of a type are a number that the solver may take badly.
const many = 1000

// root are the bounds that nothing is required of: no more machines than there
// are, nor, of many, than all demand of a pool's models takes. A count that
// stands for any number would make the solver's matrix look singular; a count
// that it takes well is left alone, as is the plan it has among equals.
func (p *program) root() bounds {
	b := bounds{make([]int, len(p.pools)), make([]int, len(p.pools))}
	for i, pl := range p.pools {
		b.hi[i] = p.count[pl.kind]
		work := 0.0
		for _, m := range pl.models {
			if r := p.rate[pl.kind][m]; r > 0 {
				work += p.demand[m] / r
			}
		}
		if most := math.Ceil(work); b.hi[i] > many && most < float64(b.hi[i]) {
			b.hi[i] = int(most)
		}
	}
	return b
}

// solve is branch and bound, the most promising branch first. A branch's first
// plan is its relaxation rounded up.
func (p *program) solve(ctx context.Context, budget int) (result, error) {
	best := result{solution: solution{value: math.Inf(1)}}
	open := &branches{}
	push := func(b bounds) error {
		best.solves++
		s, err := p.relax(b)
		if errors.Is(err, errInfeasible) {
			return nil
		}
		if err != nil {
			return err
		}
		if up, ok := p.roundUp(s); ok && up.value < best.value {
			best.solution = up
		}
		if s.value < best.value*(1-tolerance) {
			heap.Push(open, branch{b, s})
		}
		return nil
	}
	if err := push(p.root()); err != nil {
		return result{}, err
	}
	for open.Len() > 0 && best.solves < budget {
		if err := ctx.Err(); err != nil {
			return result{}, err
		}
		x := heap.Pop(open).(branch)
		if x.value >= best.value*(1-tolerance) { // and so is every other
			*open = nil
			break
		}
		i := fractional(x.on)
		if i < 0 { // integer already, and roundUp has taken it
			continue
		}
		for _, b := range x.split(i) {
			if err := push(b); err != nil {
				return result{}, err
			}
		}
	}
	if math.IsInf(best.value, 1) && open.Len() == 0 {
		return result{}, errInfeasible
	}
	best.bound, best.proven = best.value, true
	for _, x := range *open {
		if x.value < best.bound {
			best.bound, best.proven = x.value, false
		}
	}
	return best, nil
}

// roundUp turns on what a relaxation has on in part; it fails where there are
// not that many machines.
func (p *program) roundUp(s solution) (solution, bool) {
	up := solution{on: make([]float64, len(s.on)), work: s.work}
	used := make([]float64, len(p.count))
	for i, n := range s.on {
		up.on[i] = math.Ceil(n - fraction)
		used[p.pools[i].kind] += up.on[i]
	}
	for t, n := range used {
		if n > float64(p.count[t]) {
			return solution{}, false
		}
	}
	up.value = p.value(up)
	return up, true
}

// fractional is the pool whose number is furthest from an integer, -1 if all
// are integers.
func fractional(on []float64) int {
	at, most := -1, fraction
	for i, n := range on {
		if away := math.Abs(n - math.Round(n)); away > most {
			at, most = i, away
		}
	}
	return at
}

// branch is a part of the space with its relaxation.
type branch struct {
	bounds
	solution
}

// split cuts a branch at a fractional number of machines.
func (x branch) split(i int) [2]bounds {
	clone := func() bounds {
		return bounds{append([]int{}, x.lo...), append([]int{}, x.hi...)}
	}
	down, up := clone(), clone()
	down.hi[i] = int(math.Floor(x.on[i]))
	up.lo[i] = down.hi[i] + 1
	return [2]bounds{down, up}
}

// branches is a heap, least bound first.
type branches []branch

func (h branches) Len() int           { return len(h) }
func (h branches) Less(i, j int) bool { return h[i].value < h[j].value }
func (h branches) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *branches) Push(x any)        { *h = append(*h, x.(branch)) }
func (h *branches) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
