package experiments

import (
	"math"

	"runexp/hw"
	"runexp/stages/optimize"
	"runexp/stages/report"
)

// published gathers the public figures that ours are drawn beside.
func published() report.Published {
	var p report.Published
	for _, s := range hw.OpBreakdown() {
		p.Breakdown = append(p.Breakdown, report.PublishedShare{Device: s.Device, Model: s.Model, Batch: s.Batch, Kind: s.Op, Percent: s.Percent})
	}
	for _, g := range hw.ISCA20Fig11() {
		p.Gain = append(p.Gain, report.PublishedGain{
			Model: g.Model, Target: g.Target, Static: g.Static, TunedCPU: g.CPUTuned, TunedAccel: g.CPUGPUTuned,
			AccelQPSPerWatt: g.GPUQPSPerWattGain,
		})
	}
	return p
}

// targetLines are the lines that tail-latency figures are read against.
func targetLines(models []optimize.Model, names []string) []report.Target {
	var lines []report.Target
	for _, m := range models {
		for _, t := range optimize.DefaultTargets() {
			for _, n := range names {
				if n == t.Name {
					lines = append(lines, report.Target{Model: m.Name, Name: n, LimitNS: int64(math.Round(t.Factor * float64(m.SLANS)))})
				}
			}
		}
	}
	return lines
}
