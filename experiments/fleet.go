package experiments

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"runexp/pipeline"
	"runexp/stages/fleet"
)

func (e *Experiment) fleet() (pipeline.Stage, error) {
	f := e.Fleet
	c := fleet.Config{
		Models: e.labels(), Engine: f.Engine, Target: f.Target, Objective: f.Objective,
		Share: f.Share, Headroom: f.Headroom, Solves: f.Solves,
	}
	if !slices.Contains(e.Optimize.Targets, f.Target) {
		return pipeline.Stage{}, e.fault("fleet.target", "%q is not among optimize.targets %v", f.Target, e.Optimize.Targets)
	}
	text, err := e.data(f.Demand)
	if err != nil {
		return pipeline.Stage{}, e.fault("fleet.demand", "%v", err)
	}
	if c.Demand, err = fleet.ParseDemand(f.Demand, text); err != nil {
		return pipeline.Stage{}, e.fault("fleet.demand", "%v", err)
	}
	for _, spec := range f.Nodes {
		t, err := e.fleetType(spec)
		if err != nil {
			return pipeline.Stage{}, e.fault("fleet.nodes", "%v", err)
		}
		c.Types = append(c.Types, t)
	}
	return e.checked("fleet", fleet.New(c), c.Validate())
}

// fleetType finds the machine that a spec names among those of the experiment.
func (e *Experiment) fleetType(spec string) (fleet.Type, error) {
	want, err := parseType(spec)
	if err != nil {
		return fleet.Type{}, err
	}
	machines, err := e.nodes()
	if err != nil {
		return fleet.Type{}, err
	}
	for _, m := range machines {
		if m.CPU == want.CPU && m.Accel == want.Accel {
			if want.PricePerHour > 0 {
				m.PricePerHour = want.PricePerHour
			}
			return fleet.Type{Machine: m, Count: want.Count}, nil
		}
	}
	return fleet.Type{}, fmt.Errorf("%q: %s/%s is not among platforms.cpu and platforms.accelerators", spec, want.CPU, want.Accel)
}

// data reads a file beside the experiment, or a shipped one of that name.
func (e *Experiment) data(name string) ([]byte, error) {
	var text []byte
	f, err := os.Open(e.path(name))
	if err == nil {
		defer f.Close()
		text, err = io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	}
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", name, maxFileBytes)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if shipped, err := embedded.ReadFile(name); err == nil {
			return shipped, nil
		}
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = fmt.Errorf("%s: %w", e.path(name), pe.Err)
	}
	return text, err
}

// parseType reads CPU/ACCEL=COUNT[@PRICE].
func parseType(spec string) (fleet.Type, error) {
	fault := fmt.Errorf("%q is not CPU/ACCEL=COUNT or CPU/ACCEL=COUNT@PRICE, such as skylake/t4=20@4.50", spec)
	platform, amount, ok := strings.Cut(spec, "=")
	cpu, accel, slash := strings.Cut(platform, "/")
	count, price, priced := strings.Cut(amount, "@")
	if !ok || !slash || cpu == "" || accel == "" {
		return fleet.Type{}, fault
	}
	var t fleet.Type
	var err error
	t.CPU, t.Accel = cpu, accel
	if t.Count, err = strconv.Atoi(count); err != nil || t.Count < 1 {
		return t, fault
	}
	if priced {
		if t.PricePerHour, err = strconv.ParseFloat(price, 64); err != nil || !(t.PricePerHour > 0) || math.IsInf(t.PricePerHour, 0) {
			return t, fault
		}
	}
	return t, nil
}
