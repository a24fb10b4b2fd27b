package main

import (
	"github.com/spf13/cobra"

	"runexp/pipeline"
)

// plannedStage is one row of runexp plan.
type plannedStage struct {
	Stage    string   `json:"stage"`
	Status   string   `json:"status"`   // hit, run or maybe
	Measured bool     `json:"measured"` // its rows depend on this machine
	Reason   string   `json:"reason"`
	Changed  []change `json:"changed"`
	TookNS   int64    `json:"last_took_ns"` // 0: not known
}

// change is one line of an action ID that differs from the last run.
type change struct {
	Old string `json:"old"`
	New string `json:"new"`
}

func newPlan() *cobra.Command {
	var f experimentFlags
	cmd := &cobra.Command{
		Use:   "plan EXP [STAGE...]",
		Short: "what would run, what is up to date, and why",
		Long: `plan says what run would do. "hit" is up to date, "run" would run, "maybe"
depends on whether the rows of a stage that would run come out different.`,
		Example: `  runexp plan reproduce
  runexp plan quick --set optimize.targets=[medium]
  runexp plan quick --format json`,
		Args: between(1, -1),
	}
	f.add(cmd)
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		g, err := f.graph(cmd, args[0])
		if err != nil {
			return err
		}
		o := f.options(pipeline.Options{Only: args[1:], Jobs: 1})
		if err := knownStages(g, o.Only); err != nil {
			return err
		}
		steps, err := g.Plan(o)
		if err != nil {
			return err
		}
		list := make([]plannedStage, len(steps))
		for i, s := range steps {
			list[i] = planned(s)
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), list)
		}
		return planGrid(list).write(cmd.OutOrStdout())
	}
	return cmd
}

// planned puts a step into the words of the output.
func planned(s pipeline.Step) plannedStage {
	p := plannedStage{Stage: s.Stage, Status: s.Status, Measured: s.Measured, Reason: s.Reason, Changed: []change{}, TookNS: int64(s.Took)}
	for _, c := range s.Changed {
		p.Changed = append(p.Changed, change(c))
	}
	return p
}

func planGrid(list []plannedStage) *grid {
	g := &grid{header: []string{"stage", "status", "last took", "why"}}
	for _, p := range list {
		took := "-"
		if p.TookNS > 0 {
			took = duration(p.TookNS)
		}
		g.add(p.Stage, p.Status, took, p.Reason)
	}
	return g
}
