package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"runexp/stages/record"
)

// withFleet adds a day of two plans, one of which cannot serve its last hour,
// and two comparisons with the paper.
func withFleet(byPower bool) (Config, Tables) {
	c, t := testConfig(), testTables()
	c.Figures = []string{"fleet"}
	objective := "cost"
	if byPower {
		objective = "power"
	}
	for _, plan := range []string{"optimal", "homogeneous:skylake+t4"} {
		for h := range int32(3) {
			met := plan == "optimal" || h < 2
			hour := record.FleetHour{Plan: plan, Hour: h, Machines: 2 * (h + 1), Cost: 12 * float64(h+1), PowerW: ptr(500 * float64(h+1)), Objective: objective, Met: met}
			if plan == "optimal" {
				hour.Bound, hour.Excess = &hour.Cost, ptr(0.0)
			}
			t.FleetHour = append(t.FleetHour, hour)
			for i, p := range []string{"skylake", "skylake+t4"} {
				r := record.Fleet{Plan: plan, Hour: h, Platform: p, Met: met, On: int32(i) * h, Cost: 6 * float64(h+1), PowerW: ptr(250 * float64(h+1))}
				t.Fleet = append(t.Fleet, r)
			}
		}
	}
	t.Paper = []record.PaperCheck{
		{Check: "cpu_gain", Model: "rm1", Target: "low", CPUPlatform: "skylake", Engine: "reference", AccelPlatform: "none", Ours: ptr(1.28), OursLo: ptr(1.2), OursHi: ptr(1.3), Published: ptr(2.42), Ratio: ptr(0.53)},
		{Check: "gains_grow", Model: "all", Target: "all", CPUPlatform: "skylake", Engine: "reference", AccelPlatform: "gtx1080ti", Ours: ptr(1.04), Pass: ptr(true), Statement: "the mean gain grows"},
		{Check: "din_accel", Model: "din", Target: "low", CPUPlatform: "skylake", Engine: "reference", AccelPlatform: "gtx1080ti", Pass: ptr(false), Statement: "DIN gains almost nothing"},
	}
	return c, t
}

func TestFleetIsDrawnInItsObjective(t *testing.T) {
	for _, tc := range []struct {
		byPower bool
		want    []string
	}{
		{false, []string{"cost ($/h)", "$72", "only skylake+t4", "Skylake + T4"}},
		{true, []string{"power (W)", "3 kWh"}},
	} {
		c, tables := withFleet(tc.byPower)
		files, err := Render(t.Context(), c, tables, silent)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(files, func(f File) bool { return f.Name == "figures/fleet.svg" })
		if i < 0 {
			t.Fatal("no figure of the fleet")
		}
		for _, w := range tc.want {
			if !bytes.Contains(files[i].Data, []byte(w)) {
				t.Errorf("by power %v: %q is not in the figure", tc.byPower, w)
			}
		}
	}
}

// Statements that do not hold come first; numbers without a verdict last.
func TestPaperTable(t *testing.T) {
	c, tables := withFleet(false)
	table := input{c, tables}.paperTable()
	var got []string
	for _, r := range table.Rows {
		got = append(got, r[0].Text+": "+r[5].Text+", "+r[8].Text)
	}
	want := []string{"din accel: –, no", "gains grow: 1.04, yes", "cpu gain: 1.28 (1.2 .. 1.3), "}
	if fmt.Sprint(len(got)) != "3" || got[0] != want[0] || got[1] != want[1] || !strings.HasPrefix(got[2], "cpu gain: 1.28 ") {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFleetTable(t *testing.T) {
	c, tables := withFleet(false)
	rows := input{c, tables}.fleetTable().Rows
	if len(rows) != 2 || rows[0][1].Text != "3 of 3" || rows[1][1].Text != "2 of 3" || rows[0][4].Text != "72.00" || rows[0][3].Text != "12" || rows[1][6] != empty {
		t.Errorf("%+v", rows)
	}
}
