package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"runexp/internal/atomicfile"
	"runexp/internal/timing"
)

// Options says how to run a graph.
type Options struct {
	Results  string   // folder of all experiments and the cache
	Only     []string // run only these stages and what they need; empty: all
	Force    bool     // run even what the cache has; with Only, just the stages named there
	Jobs     int      // stages at once, at least 1; measured stages run alone whatever it is
	Host     []string // printed lines that identify this machine to measured stages
	HostName string   // recorded in the sidecars
	Report   Reporter // may be nil
}

// Summary is what a run did.
type Summary struct {
	Experiment string
	Folder     string
	Took       time.Duration
	Stages     []StageSummary // in graph order
}

// StageSummary is what a run did with one stage.
type StageSummary struct {
	Name string
	Outcome
}

// Run runs the stages that need it.
func (g *Graph) Run(ctx context.Context, o Options) (*Summary, error) {
	if o.Report == nil {
		o.Report = silent{}
	}
	start := timing.Now()
	s := &Summary{Experiment: g.name, Folder: filepath.Join(o.Results, g.name)}
	done := map[string]map[string][]byte{}
	for _, st := range g.stages {
		o.Report.StageStarted(st.Name)
		t0 := timing.Now()
		t := &Task{stage: st, inputs: done, outputs: map[string][]byte{}, rows: map[string]int{}, report: o.Report}
		if err := st.Run(ctx, t); err != nil {
			return nil, fmt.Errorf("%s: %w", st.Name, err)
		}
		out := Outcome{Status: Ran, Took: timing.Now() - t0, Rows: t.rows, Warnings: t.warnings}
		for name, data := range t.outputs {
			file := name
			if _, ok := t.rows[name]; ok {
				file += ".parquet"
			}
			out.Files = append(out.Files, file)
			if err := atomicfile.WriteBytes(filepath.Join(s.Folder, file), data); err != nil {
				return nil, err
			}
		}
		done[st.Name] = t.outputs
		o.Report.StageDone(st.Name, out)
		s.Stages = append(s.Stages, StageSummary{Name: st.Name, Outcome: out})
	}
	s.Took = timing.Now() - start
	return s, nil
}
