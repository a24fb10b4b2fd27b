package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"runexp/pipeline"
	"runexp/stages/optimize"
	"runexp/stages/record"
)

// ranStage is one stage of the summary of a run.
type ranStage struct {
	Stage    string         `json:"stage"`
	Status   string         `json:"status"`
	TookNS   int64          `json:"took_ns"`
	Rows     map[string]int `json:"rows"`
	Files    []string       `json:"files"`
	Warnings []string       `json:"warnings"`
}

// ranExperiment is the summary of a run.
type ranExperiment struct {
	Experiment string     `json:"experiment"`
	Folder     string     `json:"folder"`
	TookNS     int64      `json:"took_ns"`
	Stages     []ranStage `json:"stages"`
	Best       []best     `json:"best"` // of the operating points, if the experiment looked for any
	Fleet      []dayPlan  `json:"fleet"`
	Held       []held     `json:"held"` // where it looked for no operating points
}

// best is the policy that serves the most for one model and target.
type best struct {
	Model            string   `json:"model"`
	Target           string   `json:"target"`
	SLANS            int64    `json:"sla_ns"`
	CPUPlatform      string   `json:"cpu_platform"`
	Engine           string   `json:"engine"`
	AccelPlatform    string   `json:"accel_platform"`
	Policy           string   `json:"policy"`
	BatchSize        int32    `json:"batch_size"`
	OffloadThreshold int32    `json:"offload_threshold"`
	MaxQPS           float64  `json:"max_qps"`
	MaxQPSLo         float64  `json:"max_qps_lo"`
	MaxQPSHi         float64  `json:"max_qps_hi"`
	GainOverStatic   *float64 `json:"gain_over_static"`
}

// summarize gathers what a run did and found.
func summarize(s *pipeline.Summary) (ranExperiment, error) {
	r := ranExperiment{Experiment: s.Experiment, Folder: s.Folder, TookNS: int64(s.Took), Stages: []ranStage{}}
	for _, st := range s.Stages {
		r.Stages = append(r.Stages, ranStage{st.Name, st.Status, int64(st.Took), st.Rows, st.Files, st.Warnings})
	}
	points, err := tableOf[record.OperatingPoint](s, "operating_point")
	if err != nil {
		return r, err
	}
	hours, err := tableOf[record.FleetHour](s, "fleet_hour")
	if err != nil {
		return r, err
	}
	r.Best, r.Fleet = bestPolicies(points), dayPlans(hours)
	if points == nil {
		trials, err := tableOf[record.Trial](s, "trial")
		if err != nil {
			return r, err
		}
		r.Held = heldRates(trials)
	}
	return r, nil
}

// bestPolicies picks, for each model and target in the order of the rows, the
// machine and policy with the largest throughput, tuned on the load it serves.
func bestPolicies(rows []record.OperatingPoint) []best {
	var out []best
	at := map[[2]string]int{}
	for _, p := range rows {
		if p.Objective != optimize.QPS || p.TunedOn != p.SizeDist || p.MaxQPS <= 0 {
			continue
		}
		key := [2]string{p.Model, p.Target}
		b := best{
			p.Model, p.Target, p.SLANS, p.CPUPlatform, p.Engine, p.AccelPlatform, p.Policy,
			p.BatchSize, p.OffloadThreshold, p.MaxQPS, p.MaxQPSLo, p.MaxQPSHi, p.GainOverStatic,
		}
		i, seen := at[key]
		switch {
		case !seen:
			at[key] = len(out)
			out = append(out, b)
		case b.MaxQPS > out[i].MaxQPS, b.MaxQPS == out[i].MaxQPS && b.AccelPlatform == record.None:
			out[i] = b // an accelerator that adds nothing is not part of the answer
		}
	}
	return out
}

// print writes the answer first, then where everything is.
func (r ranExperiment) print(w io.Writer) error {
	for _, found := range []struct {
		title string
		grid  *grid
	}{
		{"What each plan of the fleet takes over the day:", dayGrid(r.Fleet)},
		{"The most queries per second within the p95 target, over all machines and policies compared:", bestGrid(r.Best)},
		{"The largest simulated rate whose p95 meets the target, for each machine and policy:", heldGrid(r.Held)},
	} {
		if len(found.grid.rows) == 0 {
			continue
		}
		fmt.Fprintln(w, found.title)
		if err := found.grid.write(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	g := &grid{header: []string{"stage", "status", "took", "tables and files"}}
	for _, s := range r.Stages {
		g.add(s.Stage, s.Status, duration(s.TookNS), s.contents())
	}
	if err := g.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s in %s; everything is in %s\n", r.Experiment, duration(r.TookNS), r.Folder)
	return err
}

// contents names the tables of a stage with their rows, and counts the rest.
func (s ranStage) contents() string {
	var parts []string
	others := 0
	for _, f := range s.Files {
		if n, ok := s.Rows[strings.TrimSuffix(f, ".parquet")]; ok {
			parts = append(parts, fmt.Sprintf("%s (%d)", strings.TrimSuffix(f, ".parquet"), n))
		} else if filepath.Dir(f) == "." {
			parts = append(parts, f)
		} else {
			others++
		}
	}
	if others > 0 {
		parts = append(parts, fmt.Sprintf("%d figures", others))
	}
	return strings.Join(parts, ", ")
}

func bestGrid(list []best) *grid {
	g := &grid{header: []string{"model", "target", "p95", "machine", "policy", "batch", "threshold", "max QPS", "interval", "x static"}}
	for _, b := range list {
		machine := b.CPUPlatform
		if b.AccelPlatform != record.None {
			machine += "+" + b.AccelPlatform
		}
		threshold, gain := "-", "-"
		if b.OffloadThreshold > 0 {
			threshold = count(int(b.OffloadThreshold))
		}
		if b.GainOverStatic != nil {
			gain = fmt.Sprintf("%.2f", *b.GainOverStatic)
		}
		g.add(b.Model, b.Target, duration(b.SLANS), machine+" ("+b.Engine+")", b.Policy, count(int(b.BatchSize)), threshold,
			si(b.MaxQPS), si(b.MaxQPSLo)+".."+si(b.MaxQPSHi), gain)
	}
	return g
}
