package experiments

import (
	"runexp/hw"
	"runexp/pipeline"
	"runexp/stages/compare"
)

// digitised is how far a figure read from the printed page may be off.
const digitised = 0.05

// compare sets the results beside the paper's: its node is a Skylake server and
// a GTX 1080 Ti.
func (e *Experiment) compare() (pipeline.Stage, error) {
	c := compare.Config{CPU: "skylake", Accel: "gtx1080ti", Tolerance: digitised}
	for _, g := range hw.ISCA20Fig11() {
		c.Gains = append(c.Gains, compare.Gain{
			Model: g.Model, Target: g.Target, Static: g.Static, CPU: g.CPUTuned, Accel: g.CPUGPUTuned, AccelQPSPerWatt: g.GPUQPSPerWattGain,
		})
	}
	for _, m := range hw.ISCA20Means() {
		c.Means = append(c.Means, compare.Mean{Target: m.Target, CPU: m.CPU, Accel: m.CPUGPU, AccelQPSPerWatt: m.GPUQPSPerWatt})
	}
	for _, x := range hw.GTX1080TiCrossovers() {
		c.Crossovers = append(c.Crossovers, compare.Crossover{Model: x.Model, Lo: x.Lo, Hi: x.Hi})
	}
	return e.checked("compare", compare.New(c), c.Validate())
}
