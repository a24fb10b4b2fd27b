package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Names of the plans; a homogeneous one has its platform after the colon.
const (
	Optimal     = "optimal"      // the integer program, hour by hour
	Greedy      = "greedy"       // the cheapest machine per query first, hour by hour
	AlwaysOn    = "always_on"    // the best fleet for every model's peak, on all day
	Homogeneous = "homogeneous:" // one kind of machine, as many as it takes
)

// Statuses of an hour.
const (
	statusOptimal   = "optimal"   // proven the best, up to rounding
	statusBudget    = "budget"    // the best that Solves programs found
	statusHeuristic = "heuristic" // no search
)

// hourPlan is one hour of a plan.
type hourPlan struct {
	on     []int       // machines by type
	work   [][]float64 // machines' worth of time by type and model
	bound  float64     // NaN where none was computed
	solves int
	status string
}

// dayPlan is one plan; an hour is nil where the plan cannot serve it.
type dayPlan struct {
	name  string
	hours []*hourPlan
}

// planner holds what all plans share. Rates keep their headroom off.
type planner struct {
	c     Config
	hours []int
	rates [][]float64 // demand by hour and model
	ability
}

// ability is what machines do and what that costs the objective.
type ability struct {
	rate [][]float64 // by type and model
	on   []float64
	load [][]float64
}

// program is the integer program of some demand. Models without any are left
// out: index maps those that stay to those of the Config.
func (p planner) program(demand []float64) (pr *program, index []int) {
	pr = &program{on: p.on}
	for m, d := range demand {
		if d > 0 {
			index = append(index, m)
			pr.demand = append(pr.demand, d)
		}
	}
	for t, kind := range p.c.Types {
		var rate, load []float64
		for _, m := range index {
			rate, load = append(rate, p.rate[t][m]), append(load, p.load[t][m])
		}
		pr.rate, pr.load = append(pr.rate, rate), append(pr.load, load)
		pr.count = append(pr.count, kind.Count)
	}
	pr.pools = poolsOf(len(p.c.Types), len(index), p.c.Share)
	return pr, index
}

// hourOf spreads a solution over the models of the Config.
func (p planner) hourOf(pr *program, index []int, s solution) *hourPlan {
	h := &hourPlan{on: make([]int, len(p.c.Types)), bound: math.NaN(), status: statusHeuristic}
	for i, n := range s.on {
		h.on[pr.pools[i].kind] += int(math.Round(n))
	}
	for t := range p.c.Types {
		work := make([]float64, len(p.c.Models))
		for i, m := range index {
			work[m] = s.work[t][i]
		}
		h.work = append(h.work, work)
	}
	return h
}

// best is the least objective for a demand.
func (p planner) best(ctx context.Context, demand []float64) (*hourPlan, error) {
	pr, index := p.program(demand)
	if len(index) == 0 {
		return p.idle(), nil
	}
	if pr.beyond() {
		return nil, errInfeasible
	}
	r, err := pr.solve(ctx, p.c.Solves)
	if err != nil {
		return nil, err
	}
	if math.IsInf(r.value, 1) {
		return nil, fmt.Errorf("no plan within %d linear programs; allow more", p.c.Solves)
	}
	h := p.hourOf(pr, index, r.solution)
	h.bound, h.solves, h.status = r.bound, r.solves, statusOptimal
	if !r.proven {
		h.status = statusBudget
	}
	return h, nil
}

// idle is an hour without demand: nothing is on.
func (p planner) idle() *hourPlan {
	h := &hourPlan{on: make([]int, len(p.c.Types)), status: statusOptimal}
	for range p.c.Types {
		h.work = append(h.work, make([]float64, len(p.c.Models)))
	}
	return h
}

// optimal plans each hour by itself.
func (p planner) optimal(ctx context.Context, step func(done int)) (dayPlan, error) {
	day := dayPlan{name: Optimal}
	for i, demand := range p.rates {
		h, err := p.best(ctx, demand)
		if errors.Is(err, errInfeasible) {
			err = p.missing(demand)
		}
		if err != nil {
			return day, fmt.Errorf("demand: hour %d: %w", p.hours[i], err)
		}
		day.hours = append(day.hours, h)
		step(i + 1)
	}
	return day, nil
}

// missing says by how much a demand exceeds what all machines together can do:
// the least number of queries/s that has to go unserved. What one model asks
// past all machines working for it alone is missing whatever the rest do, and
// is taken off first, which keeps the linear program's numbers in proportion.
func (p planner) missing(demand []float64) error {
	pr, index := p.program(demand)
	unserved := make([]float64, len(index))
	for i, most := range pr.most() {
		unserved[i] = max(0, pr.demand[i]-most)
		pr.demand[i] = min(pr.demand[i], most)
	}
	atLeast := ""
	more, err := pr.unserved()
	if err != nil { // what is known without the program is worth saying all the same
		more, atLeast = make([]float64, len(index)), "at least "
	}
	total := 0.0
	var of []string
	for i, m := range index {
		y := unserved[i] + more[i]
		total += y
		if y > 1e-6*demand[m] {
			of = append(of, fmt.Sprintf("%.4g of %.4g for %s", y, demand[m], p.c.Models[m]))
		}
	}
	if len(of) == 0 && err != nil {
		return err
	}
	if len(of) == 0 { // machines that are not shared run out sooner than their time does
		return errors.New("no fleet of these machines meets it without sharing machines between models; set fleet.share or add machines")
	}
	return fmt.Errorf("no fleet of these machines meets it: with all of them on %s%.4g queries/s are missing (%s)", atLeast, total, strings.Join(of, ", "))
}

// alwaysOn keeps on all day what the peak of every model together needs.
func (p planner) alwaysOn(ctx context.Context) (dayPlan, error) {
	day := dayPlan{name: AlwaysOn}
	peak := slices.Clone(p.rates[0])
	for _, demand := range p.rates {
		for m, d := range demand {
			peak[m] = max(peak[m], d)
		}
	}
	fleet, err := p.best(ctx, peak)
	if errors.Is(err, errInfeasible) { // peaks fall on different hours, so each hour may be met all the same
		day.hours = make([]*hourPlan, len(p.rates))
		return day, nil
	}
	if err != nil {
		return day, fmt.Errorf("demand: the peaks of all hours: %w", err)
	}
	for _, demand := range p.rates {
		h := &hourPlan{on: fleet.on, bound: math.NaN(), status: statusHeuristic}
		for t := range p.c.Types { // every hour's load in the proportions of the peak
			work := make([]float64, len(demand))
			for m, d := range demand {
				if peak[m] > 0 {
					work[m] = fleet.work[t][m] * d / peak[m]
				}
			}
			h.work = append(h.work, work)
		}
		day.hours = append(day.hours, h)
	}
	return day, nil
}

// greedy serves the models in order of demand on machines in order of what a
// query costs there, time left on a machine first where machines are shared.
func (p planner) greedy(demand []float64) *hourPlan {
	h := p.idle()
	h.bound, h.status = math.NaN(), statusHeuristic
	left := make([]float64, len(p.c.Types)) // time on machines that are on
	order := make([]int, 0, len(demand))
	for m, d := range demand {
		if d > 0 {
			order = append(order, m)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(demand[b], demand[a]) })
	for _, m := range order {
		need := demand[m]
		kinds := p.byPrice(m)
		give := func(t int, time float64) float64 {
			y := min(time, need/p.rate[t][m])
			h.work[t][m] += y
			need -= y * p.rate[t][m]
			return y
		}
		if p.c.Share {
			for _, t := range kinds {
				left[t] -= give(t, left[t])
			}
		}
		for _, t := range kinds {
			for need > tolerance*demand[m] && h.on[t] < p.c.Types[t].Count {
				h.on[t]++
				left[t] += 1 - give(t, 1)
			}
		}
		if need > tolerance*demand[m] {
			return nil
		}
	}
	return h
}

// byPrice lists the types that serve a model, the cheapest per query first.
func (p planner) byPrice(m int) []int {
	var kinds []int
	for t := range p.c.Types {
		if p.rate[t][m] > 0 {
			kinds = append(kinds, t)
		}
	}
	each := func(t int) float64 { return (p.on[t] + p.load[t][m]) / p.rate[t][m] }
	slices.SortStableFunc(kinds, func(a, b int) int { return cmp.Compare(each(a), each(b)) })
	return kinds
}

// homogeneous serves everything on one type, with no limit on their number.
func (p planner) homogeneous(t int, demand []float64) *hourPlan {
	h := p.idle()
	h.bound, h.status = math.NaN(), statusHeuristic
	total := 0.0
	for m, d := range demand {
		if d == 0 {
			continue
		}
		if p.rate[t][m] == 0 {
			return nil
		}
		h.work[t][m] = d / p.rate[t][m]
		if !p.c.Share {
			h.on[t] += int(math.Ceil(h.work[t][m] - tolerance))
		}
		total += h.work[t][m]
	}
	if p.c.Share {
		h.on[t] = int(math.Ceil(total - tolerance))
	}
	if total > 1e9 { // more than the column of a slow machine's number holds
		return nil
	}
	return h
}
