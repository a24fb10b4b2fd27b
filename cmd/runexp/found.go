package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// dayPlan is a plan of a fleet, summed over its day.
type dayPlan struct {
	Plan     string   `json:"plan"`
	Cost     float64  `json:"cost"`             // dollars
	KWh      *float64 `json:"kwh"`              // null where watts are not known
	Most     int32    `json:"most_machines"`    // on in one hour
	Unserved int      `json:"hours_not_served"` // in which not every model can be
}

// dayPlans sums the hours of each plan, in the order of the rows.
func dayPlans(rows []record.FleetHour) []dayPlan {
	var list []dayPlan
	for _, r := range rows {
		i := slices.IndexFunc(list, func(p dayPlan) bool { return p.Plan == r.Plan })
		if i < 0 {
			i = len(list)
			list = append(list, dayPlan{Plan: r.Plan, KWh: new(float64)})
		}
		p := &list[i]
		p.Cost += r.Cost
		p.Most = max(p.Most, r.Machines)
		if !r.Met {
			p.Unserved++
		}
		if r.PowerW == nil {
			p.KWh = nil
		} else if p.KWh != nil {
			*p.KWh += *r.PowerW / 1000
		}
	}
	return list
}

func dayGrid(list []dayPlan) *grid {
	g := &grid{header: []string{"plan", "cost of the day", "energy", "most machines on", "hours not served"}}
	for _, p := range list {
		energy := "-"
		if p.KWh != nil {
			energy = si(*p.KWh) + " kWh"
		}
		g.add(p.Plan, fmt.Sprintf("$%.2f", p.Cost), energy, count(int(p.Most)), count(p.Unserved))
	}
	return g
}

// held is the largest simulated rate of a sweep whose p95 meets the model's
// target, and so do all below it.
type held struct {
	Model            string   `json:"model"`
	CPUPlatform      string   `json:"cpu_platform"`
	Engine           string   `json:"engine"`
	AccelPlatform    string   `json:"accel_platform"`
	Servers          int32    `json:"servers"`
	BatchSize        int32    `json:"batch_size"`
	OffloadThreshold int32    `json:"offload_threshold"`
	Admission        string   `json:"admission"`
	TargetNS         int64    `json:"target_ns"`
	RateQPS          *float64 `json:"rate_qps"` // null where the smallest rate misses
	P95NS            *int64   `json:"p95_ns"`
}

// heldRates finds the rates of all sweeps that have a target. Rows are sorted by
// rate within a sweep.
func heldRates(rows []record.Trial) []held {
	var list []held
	at, missed := map[held]int{}, map[held]bool{}
	for _, r := range rows {
		if r.TargetNS == nil {
			continue
		}
		sweep := held{Model: r.Model, CPUPlatform: r.CPUPlatform, Engine: r.Engine, AccelPlatform: r.AccelPlatform, Servers: r.Servers,
			BatchSize: r.BatchSize, OffloadThreshold: r.OffloadThreshold, Admission: r.Admission, TargetNS: *r.TargetNS}
		i, seen := at[sweep]
		if !seen {
			i = len(list)
			at[sweep], list = i, append(list, sweep)
		}
		if !r.Stable || r.P95NS == nil || *r.P95NS > *r.TargetNS {
			missed[sweep] = true
		} else if !missed[sweep] {
			list[i].RateQPS, list[i].P95NS = &r.RateQPS, r.P95NS
		}
	}
	return list
}

func heldGrid(list []held) *grid {
	g := &grid{header: []string{"model", "machine", "servers", "batch", "threshold", "lets in", "p95 target", "rate held", "p95"}}
	for _, h := range list {
		machine := h.CPUPlatform
		if h.AccelPlatform != record.None && h.AccelPlatform != record.Mixed {
			machine += "+" + h.AccelPlatform
		}
		batch, held, p95 := "own", "none", "-" // of a mix each kind of server has its own
		if h.BatchSize > 0 {
			batch = count(int(h.BatchSize))
		}
		if h.RateQPS != nil {
			held, p95 = si(*h.RateQPS), duration(*h.P95NS)
		}
		g.add(h.Model, machine+" ("+h.Engine+")", count(int(h.Servers)), batch, count(int(h.OffloadThreshold)),
			h.Admission, duration(h.TargetNS), held, p95)
	}
	return g
}

// tableOf reads a table of the stages that were run; nil where they have none. One
// that lies in the folder from another run is not this run's answer.
func tableOf[T any](s *pipeline.Summary, name string) ([]T, error) {
	has := func(st pipeline.StageSummary) bool { _, ok := st.Rows[name]; return ok }
	if !slices.ContainsFunc(s.Stages, has) {
		return nil, nil
	}
	return artifact.ReadFile[T](filepath.Join(s.Folder, name+".parquet"))
}
