package experiments

import (
	"runexp/hw"
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
