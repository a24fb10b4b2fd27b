package main

import (
	"testing"

	"runexp/stages/record"
)

// A day's plans are summed hour by hour; watts that are not known leave the
// energy out.
func TestDayPlans(t *testing.T) {
	watts := 2000.0
	got := dayPlans([]record.FleetHour{
		{Plan: "optimal", Cost: 2, Machines: 3, PowerW: &watts, Met: true}, {Plan: "optimal", Cost: 3, Machines: 5, PowerW: &watts},
		{Plan: "greedy", Cost: 7, Machines: 1, PowerW: &watts, Met: true}, {Plan: "greedy", Cost: 1, Machines: 1, Met: true},
	})
	if len(got) != 2 || got[0].Plan != "optimal" || got[0].Cost != 5 || *got[0].KWh != 4 || got[0].Most != 5 || got[0].Unserved != 1 || got[1].KWh != nil {
		t.Errorf("%+v", got)
	}
}

// What a sweep holds is the last rate before the first miss.
func TestHeldRates(t *testing.T) {
	row := func(model string, rate float64, p95 int64) record.Trial {
		limit := int64(100)
		return record.Trial{Model: model, RateQPS: rate, TargetNS: &limit, Stable: p95 > 0, P95NS: &p95}
	}
	got := heldRates([]record.Trial{
		row("a", 1, 50), row("a", 2, 100), row("a", 3, 101), row("a", 4, 90), // a later rate that meets by luck
		row("b", 1, 0), row("b", 2, 80), {Model: "c", RateQPS: 1},
	})
	if len(got) != 2 || *got[0].RateQPS != 2 || *got[0].P95NS != 100 || got[1].RateQPS != nil {
		t.Errorf("%+v", got)
	}
	if g := heldGrid(got); len(g.rows) != 2 || g.rows[1][7] != "none" {
		t.Errorf("%v", g.rows)
	}
}
