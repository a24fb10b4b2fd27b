package fleet

import (
	"context"
	"fmt"
	"math"
	"slices"

	"runexp/stages/record"
)

// Output is the rows of the three tables, each sorted by plan, hour, platform
// and model, and doubts about them. Plans stand in the order of their names'
// constants: the best first.
type Output struct {
	Fleet    []record.Fleet
	Shares   []record.FleetShare
	Hours    []record.FleetHour
	Warnings []string
}

// Plan makes every plan of the day. A demand that the machines cannot meet is an
// error saying how much is missing.
func Plan(ctx context.Context, c Config, points []record.OperatingPoint, step func(done, total int, what string)) (Output, error) {
	if err := c.Validate(); err != nil {
		return Output{}, err
	}
	var out Output
	p := planner{c: c}
	p.hours, p.rates = hours(c.Demand, c.Models)
	chosen := c.choose(points, &out)
	var err error
	if p.ability, err = c.ability(chosen); err != nil {
		return Output{}, err
	}
	for m, name := range c.Models {
		asked := slices.ContainsFunc(p.rates, func(demand []float64) bool { return demand[m] > 0 })
		served := slices.ContainsFunc(p.rate, func(rate []float64) bool { return rate[m] > 0 })
		if asked && !served {
			return Output{}, fmt.Errorf("operating_point: no machine serves %s within its %s target (engine %s)", name, c.Target, c.Engine)
		}
	}
	days, err := p.days(ctx, step)
	if err != nil {
		return Output{}, err
	}
	for _, day := range days {
		if slices.Contains(day.hours, nil) {
			out.Warnings = append(out.Warnings, fmt.Sprintf("plan %s: not every hour can be served this way", day.name))
		}
		for i, h := range day.hours {
			p.rows(&out, day.name, i, h, chosen)
		}
	}
	return out, nil
}

// days makes the plans in the order of their rows.
func (p planner) days(ctx context.Context, step func(done, total int, what string)) ([]dayPlan, error) {
	best, err := p.optimal(ctx, func(done int) { step(done, len(p.rates), Optimal) })
	if err != nil {
		return nil, err
	}
	always, err := p.alwaysOn(ctx)
	if err != nil {
		return nil, err
	}
	greedy := dayPlan{name: Greedy}
	for _, demand := range p.rates {
		greedy.hours = append(greedy.hours, p.greedy(demand))
	}
	days := []dayPlan{best, greedy, always}
	for t, kind := range p.c.Types {
		day := dayPlan{name: Homogeneous + kind.Platform()}
		for _, demand := range p.rates {
			day.hours = append(day.hours, p.homogeneous(t, demand))
		}
		days = append(days, day)
	}
	for _, day := range days[1:] { // every plan that respects the counts is no better than the bound
		for i, h := range day.hours {
			if h != nil && p.within(h) {
				h.bound = best.hours[i].bound
			}
		}
	}
	return days, nil
}

func (p planner) within(h *hourPlan) bool {
	for t, n := range h.on {
		if n > p.c.Types[t].Count {
			return false
		}
	}
	return true
}

// choose finds the operating point of every model on every type: of the
// policies that serve what they were tuned on, the one with the largest rate.
func (c Config) choose(points []record.OperatingPoint, out *Output) [][]*record.OperatingPoint {
	chosen := make([][]*record.OperatingPoint, len(c.Types))
	for t, kind := range c.Types {
		chosen[t] = make([]*record.OperatingPoint, len(c.Models))
		for m, model := range c.Models {
			for i, r := range points {
				if r.Model != model || r.CPUPlatform != kind.CPU || r.AccelPlatform != kind.Accel || r.Engine != c.Engine ||
					r.Target != c.Target || r.Servers != 1 || r.SizeDist != r.TunedOn || r.MaxQPS <= 0 {
					continue
				}
				if best := chosen[t][m]; best == nil || r.MaxQPS > best.MaxQPS {
					chosen[t][m] = &points[i]
				}
			}
			if chosen[t][m] == nil {
				out.Warnings = append(out.Warnings, fmt.Sprintf("%s: no operating point on %s meets the %s target: it is not served there", model, kind.Platform(), c.Target))
			}
		}
	}
	return chosen
}

// ability turns operating points into the numbers of the program.
func (c Config) ability(chosen [][]*record.OperatingPoint) (ability, error) {
	var a ability
	for t, kind := range c.Types {
		rate, load := make([]float64, len(c.Models)), make([]float64, len(c.Models))
		on := kind.PricePerHour
		if c.Objective == Power {
			on = *kind.PowerW(1, 0, 0)
		}
		for m := range c.Models {
			r := chosen[t][m]
			if r == nil {
				continue
			}
			rate[m] = r.MaxQPS * (1 - c.Headroom)
			if c.Objective == Power {
				if r.PowerW == nil {
					return a, fmt.Errorf("operating_point: %s on %s: the watts are not known", r.Model, kind.Platform())
				}
				load[m] = (*r.PowerW - on) * (1 - c.Headroom)
			}
		}
		a.rate, a.load, a.on = append(a.rate, rate), append(a.load, load), append(a.on, on)
	}
	return a, nil
}

// rows writes one hour of a plan down; h is nil where the plan cannot serve it.
func (p planner) rows(out *Output, plan string, i int, h *hourPlan, chosen [][]*record.OperatingPoint) {
	hour := record.FleetHour{Plan: plan, Hour: int32(p.hours[i]), Objective: p.c.Objective, Status: statusHeuristic, Met: h != nil}
	for _, d := range p.rates[i] {
		hour.DemandQPS += d
	}
	if h == nil {
		h = p.idle()
		h.bound = math.NaN()
	} else {
		hour.Status = h.status
	}
	watts := 0.0
	known := true
	for t, kind := range p.c.Types {
		r := record.Fleet{
			Plan: plan, Hour: hour.Hour, Platform: kind.Platform(), On: int32(h.on[t]), Available: int32(kind.Count),
			Cost: float64(h.on[t]) * kind.PricePerHour, Met: hour.Met,
		}
		used := 0.0
		for m, y := range h.work[t] {
			if y <= tolerance {
				continue
			}
			point := chosen[t][m]
			s := record.FleetShare{
				Plan: plan, Hour: hour.Hour, Platform: r.Platform, Model: p.c.Models[m], Machines: y, DemandQPS: y * p.rate[t][m],
				BatchSize: point.BatchSize, OffloadThreshold: point.OffloadThreshold,
			}
			out.Shares = append(out.Shares, s)
			used += y
			r.DemandQPS += s.DemandQPS
		}
		if used > 0 {
			r.CapacityQPS = r.DemandQPS / used * float64(r.On)
		}
		if r.PowerW = p.power(t, h, chosen[t]); r.PowerW == nil {
			known = false
		} else {
			watts += *r.PowerW
		}
		hour.Machines += r.On
		hour.Cost += r.Cost
		out.Fleet = append(out.Fleet, r)
	}
	if known {
		hour.PowerW = &watts
	}
	p.judge(&hour, h)
	out.Hours = append(out.Hours, hour)
}

// judge sets an hour beside the bound.
func (p planner) judge(hour *record.FleetHour, h *hourPlan) {
	hour.Solves = int32(h.solves)
	if math.IsNaN(h.bound) || h.bound <= 0 {
		return
	}
	value := hour.Cost
	if p.c.Objective == Power && hour.PowerW != nil {
		value = *hour.PowerW
	}
	bound, excess := h.bound, max(0, value/h.bound-1)
	hour.Bound, hour.Excess = &bound, &excess
}

// power is what the machines of a type draw: idle, and what their work adds up
// to the operating point's; nil where that is not known.
func (p planner) power(t int, h *hourPlan, chosen []*record.OperatingPoint) *float64 {
	idle := p.c.Types[t].PowerW(h.on[t], 0, 0)
	one := p.c.Types[t].PowerW(1, 0, 0)
	if idle == nil {
		return nil
	}
	sum := *idle
	for m, y := range h.work[t] {
		if y <= tolerance {
			continue
		}
		if chosen[m].PowerW == nil {
			return nil
		}
		sum += y * (1 - p.c.Headroom) * (*chosen[m].PowerW - *one)
	}
	return &sum
}
