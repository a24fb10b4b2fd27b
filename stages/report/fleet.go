package report

import (
	"fmt"
	"strings"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// fleets draws the machines that every plan has on over the day, in what the
// plans minimise.
func (in input) fleets() ([]drawing, error) {
	if len(in.FleetHour) == 0 {
		return nil, nil
	}
	byPower := in.FleetHour[0].Objective == "power"
	platforms := distinct(in.Fleet, func(r record.Fleet) string { return r.Platform })
	d := figure.FleetData{Axis: "cost ($/h)"}
	if byPower {
		d.Axis = "power (W)"
	}
	for _, p := range platforms {
		d.Platforms = append(d.Platforms, in.platformTitle(p))
	}
	for _, plan := range distinct(in.FleetHour, func(r record.FleetHour) string { return r.Plan }) {
		d.Panels = append(d.Panels, in.fleetPanel(plan, platforms, byPower))
	}
	d.Text = figure.Text{
		Title: "Machines that are on over the day",
		Caption: "Optimal and greedy plan hour by hour with the machines there are; always on keeps the best fleet for the peaks; one kind alone is given as many as it needs. " +
			"Machines add up (a random router splits Poisson arrivals), a shared machine serves each model in its share of the time, and switching is free. Crossed out: not every model can be served.",
		Notes: in.footnotes(scope{[]string{"fleet"}, nil}),
	}
	f, err := figure.Fleet(d)
	if err != nil {
		return nil, err
	}
	return []drawing{{name: "fleet", figure: f, cat: []string{in.cat("fleet", "plan=optimal"), in.cat("fleet_hour")}}}, nil
}

// fleetPanel is one plan with what its day adds up to.
func (in input) fleetPanel(plan string, platforms []string, byPower bool) figure.FleetPanel {
	n := figure.FleetPanel{Name: in.planTitle(plan)}
	cost, kwh := 0.0, 0.0
	for _, h := range in.FleetHour {
		if h.Plan != plan {
			continue
		}
		cost += h.Cost
		if h.PowerW != nil {
			kwh += *h.PowerW / 1000
		}
		hour := figure.FleetHour{Hour: int(h.Hour), Amounts: make([]float64, len(platforms)), Met: h.Met}
		for i, p := range platforms {
			hour.Amounts[i] = in.fleetAmount(plan, h.Hour, p, byPower)
		}
		n.Hours = append(n.Hours, hour)
	}
	n.Detail = fmt.Sprintf("$%.0f", cost)
	if byPower {
		n.Detail = fmt.Sprintf("%.0f kWh", kwh)
	}
	return n
}

func (in input) fleetAmount(plan string, hour int32, platform string, byPower bool) float64 {
	for _, r := range in.Fleet {
		if r.Plan != plan || r.Hour != hour || r.Platform != platform {
			continue
		}
		if !byPower {
			return r.Cost
		}
		if r.PowerW != nil {
			return *r.PowerW
		}
	}
	return 0
}

// platformTitle writes CPU+ACCEL as people do.
func (in input) platformTitle(platform string) string {
	cpu, accel, both := strings.Cut(platform, "+")
	if !both {
		return in.title(cpu)
	}
	return in.title(cpu) + " + " + in.title(accel)
}

func (in input) planTitle(plan string) string {
	if kind, ok := strings.CutPrefix(plan, "homogeneous:"); ok {
		return "only " + kind
	}
	return strings.ReplaceAll(plan, "_", " ")
}

// fleetTable is the sum of every plan's day.
func (in input) fleetTable() table {
	t := table{ID: "fleet", Caption: "The day of every plan", Columns: columns(
		"plan", "#hours served", "#most machines", "#machine hours", "#cost ($)", "#energy (kWh)", "#worst hour above the bound")}
	for _, plan := range distinct(in.FleetHour, func(r record.FleetHour) string { return r.Plan }) {
		met, most, machineHours, hours := int32(0), int32(0), int32(0), int32(0)
		cost, kwh, excess := 0.0, 0.0, empty
		worst := -1.0
		for _, r := range where(in.FleetHour, func(r record.FleetHour) bool { return r.Plan == plan }) {
			hours++
			if r.Met {
				met++
			}
			most, machineHours, cost = max(most, r.Machines), machineHours+r.Machines, cost+r.Cost
			if r.PowerW != nil {
				kwh += *r.PowerW / 1000
			}
			if r.Excess != nil && *r.Excess > worst {
				worst = *r.Excess
				excess = number(worst, percent(worst))
			}
		}
		t.add(text(in.planTitle(plan)), number(float64(met), fmt.Sprintf("%d of %d", met, hours)), whole(most), whole(machineHours),
			number(cost, fmt.Sprintf("%.2f", cost)), number(kwh, fmt.Sprintf("%.1f", kwh)), excess)
	}
	return t
}
