package experiments

import (
	"slices"

	"runexp/pipeline"
	"runexp/stages/node"
	"runexp/stages/profile"
	"runexp/stages/record"
	"runexp/stages/validate"
)

// validation wires the stage that compares the simulator with theory and, if
// asked for, with this machine.
func (e *Experiment) validation() (pipeline.Stage, error) {
	v := e.Validate
	c := validate.Config{Seed: uint64(e.Seed), Replications: v.Replications, Queries: v.Queries, Fleet: v.Fleet}
	if v.Live {
		var err error
		if c.Live, err = e.live(); err != nil {
			return pipeline.Stage{}, err
		}
		return e.checked("validate", e.withFiles(validate.New(c)), c.Validate())
	}
	return e.checked("validate", validate.New(c), c.Validate())
}

// live says what is run in real time. The simulated twin needs a curve of this
// machine with the engine that runs here.
func (e *Experiment) live() (*validate.LiveConfig, error) {
	v := e.Validate
	p, err := parsePolicy(v.Policy)
	switch {
	case err != nil:
		return nil, e.fault("validate.policy", "%v", err)
	case v.Accelerator != record.None && !slices.Contains(e.Platforms.Accelerators, v.Accelerator):
		return nil, e.fault("validate.accelerator", "%s is not among platforms.accelerators", v.Accelerator)
	case !slices.Contains(e.Platforms.CPU, profile.Platform):
		return nil, e.fault("validate.live", "%s is not among platforms.cpu", profile.Platform)
	case !slices.Contains(e.Fit.Engines, record.EngineRunexp):
		return nil, e.fault("validate.live", "%s is not among fit.engines", record.EngineRunexp)
	}
	own, err := e.ownTargets()
	if err != nil {
		return nil, err
	}
	l := &validate.LiveConfig{
		Experiment: e.Name, Variant: e.variant(), TableScale: e.Profile.TableScale, Placements: v.Placements,
		Arrivals: e.arrivals(), Sizes: e.sizes(), MaxQuerySize: e.Load.MaxQuerySize,
		BatchSize: p.BatchSize, OffloadThreshold: p.OffloadThreshold, Accel: v.Accelerator,
		Utilisation: v.Utilisation, Seconds: v.Seconds, MaxQPS: v.MaxQPS,
		Options: node.Options{Colocation: v.Colocation, Noise: v.Noise},
	}
	for _, m := range e.models {
		target := m.Target().Nanoseconds()
		if ns, ok := own[m.Name()]; ok {
			target = ns
		}
		l.Models = append(l.Models, validate.Model{Config: m, SLANS: target})
	}
	return l, nil
}
