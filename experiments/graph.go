package experiments

import (
	"math"
	"runtime"
	"slices"
	"time"

	"runexp/models"
	"runexp/pipeline"
	"runexp/stages/accel"
	"runexp/stages/fit"
	"runexp/stages/node"
	"runexp/stages/optimize"
	"runexp/stages/profile"
	"runexp/stages/report"
	"runexp/stages/simulate"
	"runexp/stages/speed"
)

// stageNames lists the stages that an experiment can have, in the order of the
// data.
func stageNames() []string {
	return []string{"profile", "accel", "fit", "simulate", "optimize", "validate", "speed", "fleet", "compare", "report"}
}

// defaultStages are those of an experiment that does not say. The others ask
// questions of their own: the speed of the simulator itself, a day's fleet, the
// paper.
func defaultStages() []string {
	return slices.DeleteFunc(stageNames(), func(name string) bool {
		return name == "speed" || name == "fleet" || name == "compare"
	})
}

// Graph wires the stages of an experiment. It is the only place where stages
// meet: models and machines become plain data in the Config of each.
func Graph(e *Experiment) (*pipeline.Graph, error) { return GraphOf(e, e.Stages) }

// GraphOf wires only some of the experiment's stages. A stage whose input is
// not among them is an error.
func GraphOf(e *Experiment, names []string) (*pipeline.Graph, error) {
	var stages []pipeline.Stage
	for _, name := range stageNames() { // a later stage may read any earlier one
		if !slices.Contains(names, name) {
			continue
		}
		s, err := e.stage(name, stages)
		if err != nil {
			return nil, err
		}
		for _, needed := range s.After {
			if !slices.ContainsFunc(stages, func(s pipeline.Stage) bool { return s.Name == needed }) {
				return nil, e.fault("stages", "%s reads %s, which is not among the stages", name, needed)
			}
		}
		stages = append(stages, s)
	}
	return pipeline.NewGraph(e.Name, stages...)
}

// stage makes one stage; before are those wired so far.
func (e *Experiment) stage(name string, before []pipeline.Stage) (pipeline.Stage, error) {
	switch name {
	case "profile":
		return e.profile()
	case "accel":
		return e.accel()
	case "fit":
		return e.fit()
	case "simulate":
		return e.simulate()
	case "optimize":
		return e.optimize()
	case "validate":
		return e.validation()
	case "speed":
		return speed.New(speed.Default()), nil
	case "fleet":
		return e.fleet()
	case "compare":
		return e.compare()
	case "report":
		return e.report(before)
	}
	panic("experiments: no stage is called " + name)
}

// checked returns a stage if its Config is valid. Every key keeps its rule
// before it gets here; what is left are keys that contradict one another.
func (e *Experiment) checked(section string, s pipeline.Stage, err error) (pipeline.Stage, error) {
	if err != nil {
		return s, faultf(e.Source, section, "%v", err)
	}
	return s, nil
}

func (e *Experiment) profile() (pipeline.Stage, error) {
	p := e.Profile
	c := profile.Config{
		Indices: e.indices,
		Models:  e.models, Variant: e.variant(), TableScale: p.TableScale, BatchSizes: p.BatchSizes, Workers: p.Workers,
		Warmup: p.Warmup, MinRepetitions: p.MinRepetitions, Repetitions: p.Repetitions, MaxSeconds: p.MaxSeconds,
		Seed: uint64(e.Seed),
	}
	for _, f := range p.Fusion {
		c.Fusion = append(c.Fusion, models.Fusion(f))
	}
	if len(c.Workers) == 0 {
		for n := range runtime.GOMAXPROCS(0) {
			c.Workers = append(c.Workers, n+1)
		}
	}
	return e.checked("profile", profile.New(c), c.Validate())
}

// variant is the variant of every model, "" for what each file says.
func (e *Experiment) variant() string {
	if e.Profile.Variant == "model" {
		return ""
	}
	return e.Profile.Variant
}

func (e *Experiment) accel() (pipeline.Stage, error) {
	c := accel.Config{
		Models: e.models, Variant: e.variant(), Accelerators: e.Platforms.Accelerators, CPUs: e.Platforms.CPU,
		BatchSizes: e.Accel.BatchSizes,
	}
	for _, f := range e.Accel.Files {
		file, err := accel.ReadFile(e.path(f))
		if err != nil {
			return pipeline.Stage{}, e.fault("accel.files", "%v", err)
		}
		c.Files = append(c.Files, file)
	}
	return e.checked("accel", accel.New(c), c.Validate())
}

func (e *Experiment) fit() (pipeline.Stage, error) {
	c := fit.Config{
		Models: e.models, Variant: e.variant(), TableScale: e.Profile.TableScale,
		CPUs: e.Platforms.CPU, Accelerators: e.Platforms.Accelerators,
		Engines: e.Fit.Engines, Method: e.Fit.Method, Extrapolate: e.Fit.Extrapolate,
		RequestNS: int64(math.Round(e.Fit.RequestMS * float64(time.Millisecond))),
	}
	return e.checked("fit", fit.New(c), c.Validate())
}

func (e *Experiment) simulate() (pipeline.Stage, error) {
	nodes, err := e.nodes()
	if err != nil {
		return pipeline.Stage{}, err
	}
	s := e.Simulate
	c := simulate.Config{
		Experiment: e.Name, Seed: uint64(e.Seed), Models: e.labels(), Engines: s.Engines, Nodes: nodes,
		Servers: s.Servers, Clusters: s.Clusters, Router: s.Router,
		Arrivals: e.arrivals(), Sizes: e.sizes(), MaxQuerySize: e.Load.MaxQuerySize,
		Static: s.Static, Utilisation: s.Utilisation, RatesQPS: s.RatesQPS, Queries: s.Queries,
		Admission: s.Admission,
		Options:   node.Options{Colocation: s.Colocation, Noise: s.Noise},
	}
	if c.TargetNS, err = e.mediumTargets(); err != nil {
		return pipeline.Stage{}, err
	}
	if c.Mixes, err = e.mixes("simulate.mixes", s.Mixes, nodes); err != nil {
		return pipeline.Stage{}, err
	}
	c.Failures, c.AccelBatch, c.AccelDelayNS = s.Failures, s.AccelBatch, int64(math.Round(s.AccelDelay*float64(time.Millisecond)))
	if s.Precision > 0 {
		c.Precision, c.Budget = s.Precision, s.Budget
	}
	for _, spec := range s.Policies {
		p, err := parsePolicy(spec)
		if err != nil {
			return pipeline.Stage{}, e.fault("simulate.policies", "%v", err)
		}
		if p.OffloadThreshold > 0 && len(e.Platforms.Accelerators) == 0 {
			return pipeline.Stage{}, e.fault("simulate.policies", "%s offloads, but there are no platforms.accelerators", spec)
		}
		c.Policies = append(c.Policies, p)
	}
	return e.checked("simulate", e.withFiles(simulate.New(c)), c.Validate())
}

func (e *Experiment) optimize() (pipeline.Stage, error) {
	nodes, err := e.nodes()
	if err != nil {
		return pipeline.Stage{}, err
	}
	o := e.Optimize
	c := optimize.Config{
		Seed: uint64(e.Seed), Engines: o.Engines, Nodes: nodes, Servers: o.Servers, Router: o.Router,
		Arrivals: e.arrivals(), Sizes: e.sizes(), MaxQuerySize: e.Load.MaxQuerySize,
		Policies: o.Policies, Objectives: o.Objectives, Batches: o.Batches, Thresholds: o.Thresholds,
		Queries: o.Queries, Tolerance: o.Tolerance, MapTolerance: o.MapTolerance,
		JudgeQueries: o.JudgeQueries, Pareto: o.Pareto, Choices: optimize.Choices(o.Wider),
		Options: node.Options{Colocation: o.Colocation, Noise: o.Noise},
	}
	for _, spec := range o.TunedOn {
		law, _ := e.law(spec)
		c.TunedOn = append(c.TunedOn, law)
	}
	if c.Mixes, err = e.mixes("optimize.mixes", o.Mixes, nodes); err != nil {
		return pipeline.Stage{}, err
	}
	c.Oracle, c.Cells = cellsOf(o.Oracle), cellsOf(o.Cells)
	for _, t := range optimize.DefaultTargets() {
		if slices.Contains(o.Targets, t.Name) {
			c.Targets = append(c.Targets, t)
		}
	}
	if c.Models, err = e.targets(); err != nil {
		return pipeline.Stage{}, err
	}
	return e.checked("optimize", e.withFiles(optimize.New(c)), c.Validate())
}

func (e *Experiment) labels() []string {
	var names []string
	for _, m := range e.models {
		names = append(names, m.Name())
	}
	return names
}

func (e *Experiment) report(before []pipeline.Stage) (pipeline.Stage, error) {
	c := report.Config{
		Experiment: e.Name, Question: e.Question, Stages: report.StagesOf(before...), Models: e.labels(),
		Titles: e.titles(), Power: e.Platforms.Power, MaxQuery: int32(e.Load.MaxQuerySize), Figures: e.Report.Figures, Published: published(),
	}
	for _, spec := range e.Report.Nodes {
		n, err := parseNode(spec)
		if err != nil {
			return pipeline.Stage{}, e.fault("report.nodes", "%v", err)
		}
		c.Nodes = append(c.Nodes, n)
	}
	if slices.Contains(e.Stages, "simulate") || slices.Contains(e.Stages, "optimize") {
		models, err := e.targets()
		if err != nil {
			return pipeline.Stage{}, err
		}
		c.Targets = targetLines(models, e.Optimize.Targets)
	}
	return e.checked("report", report.New(c), c.Validate())
}
