package main

import (
	"fmt"

	"runexp/serving/sim"
	"runexp/serving/tune"
	"runexp/stages/fleet"
	"runexp/stages/node"
)

// sizeInfo is the answer of runexp size as JSON has it. The interval of
// machines is null at its upper end where the slowest machine that the curve
// allows for misses the target.
type sizeInfo struct {
	Model            string   `json:"model"`
	Platform         string   `json:"platform"`
	Accel            string   `json:"accel_platform"`
	Engine           string   `json:"engine"`
	DemandQPS        float64  `json:"demand_qps"`
	Quantile         float64  `json:"quantile"`
	SLANS            int64    `json:"sla_ns"`
	BatchSize        int      `json:"batch_size"`
	OffloadThreshold int      `json:"offload_threshold"`
	MaxQPS           float64  `json:"max_qps"` // of one machine
	MaxQPSLo         float64  `json:"max_qps_lo"`
	MaxQPSHi         float64  `json:"max_qps_hi"`
	Machines         int      `json:"machines"`
	MachinesLo       int      `json:"machines_lo"`
	MachinesHi       *int     `json:"machines_hi"`
	WithSpare        int      `json:"machines_n_plus_1"`
	TailNS           int64    `json:"tail_ns"`    // of the simulated cluster
	TailLoNS         *int64   `json:"tail_lo_ns"` // null where too few queries were simulated
	TailHiNS         *int64   `json:"tail_hi_ns"`
	CPUUtil          float64  `json:"cpu_util"`
	AccelUtil        float64  `json:"accel_util"`
	OneLessMeets     bool     `json:"one_less_meets"`
	CostPerHour      float64  `json:"cost_per_hour"` // of all machines, the spare included; 0 where no price is known
	PowerW           *float64 `json:"power_w"`       // of those that serve
}

func (f *sizeFlags) describe(a fleet.Answer, q fleet.Question, m node.Machine) sizeInfo {
	info := sizeInfo{
		Model: f.model, Platform: m.CPU, Accel: m.Accel, Engine: f.engine, DemandQPS: f.demand,
		Quantile: q.SLA.Quantile, SLANS: q.SLA.Limit.Nanoseconds(),
		BatchSize: a.Policy.BatchSize, OffloadThreshold: a.Policy.OffloadThreshold,
		MaxQPS: a.One.QPS, MaxQPSLo: a.One.Lo, MaxQPSHi: a.One.Hi,
		Machines: a.Machines, MachinesLo: a.Fewest, WithSpare: a.Machines + 1,
		TailNS:  a.At.Tail.Nanoseconds(),
		CPUUtil: a.At.CPUUtil, AccelUtil: a.At.AccelUtil,
		OneLessMeets: a.Less != tune.Point{} && a.Less.Stable && a.Less.Tail <= q.SLA.Limit,
		CostPerHour:  float64(a.Machines+1) * m.PricePerHour,
		PowerW:       m.PowerW(a.Machines, a.At.CPUUtil, a.At.AccelUtil),
	}
	if a.At.Hi < sim.Unbounded {
		lo, hi := a.At.Lo.Nanoseconds(), a.At.Hi.Nanoseconds()
		info.TailLoNS, info.TailHiNS = &lo, &hi
	}
	if a.Most > 0 {
		info.MachinesHi = &a.Most
	}
	return info
}

// grid sets the answer for reading.
func (s sizeInfo) grid() *grid {
	g := &grid{header: []string{"measure", "value", "interval"}}
	hi := "unknown: the slowest such machine misses the target"
	if s.MachinesHi != nil {
		hi = count(*s.MachinesHi)
	}
	g.add("machines", count(s.Machines), fmt.Sprintf("%d .. %s", s.MachinesLo, hi))
	g.add("with one to spare (N+1)", count(s.WithSpare), "")
	g.add("one machine serves", si(s.MaxQPS)+" queries/s", si(s.MaxQPSLo)+" .. "+si(s.MaxQPSHi))
	g.add("batch size", count(s.BatchSize), "")
	if s.OffloadThreshold > 0 {
		g.add("offloaded from", count(s.OffloadThreshold)+" items", "")
	}
	name := fmt.Sprintf("p%g, the machines simulated", 100*s.Quantile)
	tail := "unknown: too few queries"
	if s.TailLoNS != nil {
		tail = duration(*s.TailLoNS) + " .. " + duration(*s.TailHiNS)
	}
	g.add(name, duration(s.TailNS), tail)
	g.add("target", duration(s.SLANS), "")
	less := "misses the target"
	if s.OneLessMeets {
		less = "meets it in this run"
	}
	if s.Machines > 1 {
		g.add("one machine fewer", less, "")
	}
	g.add("busy cores", percent(s.CPUUtil), "")
	if s.AccelUtil > 0 {
		g.add("busy accelerators", percent(s.AccelUtil), "")
	}
	if s.CostPerHour > 0 {
		g.add("cost, spare included", fmt.Sprintf("%.2f $/h", s.CostPerHour), "")
	}
	if s.PowerW != nil {
		g.add("power of those that serve", si(*s.PowerW)+" W", "")
	}
	return g
}
