package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"runexp/experiments"
	"runexp/pipeline"
)

const reportStage = "report"

func newReport() *cobra.Command {
	var f experimentFlags
	progress := progressFlag()
	cmd := &cobra.Command{
		Use:   "report EXP",
		Short: "figures and one self-contained HTML page from the tables that exist",
		Long: `report draws what an experiment has found so far: figures (SVG and PNG) and one
HTML page. It measures and simulates nothing; a stage that is not up to date is
left out with a warning, and run brings it up to date.`,
		Example: `  runexp report quick
  runexp report reproduce --results /data/results`,
		Args: between(1, 1),
	}
	f.add(cmd)
	cmd.Flags().Var(progress, "progress", "display on stderr")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		e, err := f.load(cmd, args[0])
		if err != nil {
			return err
		}
		o := f.options(pipeline.Options{Jobs: 1, Only: []string{reportStage}})
		g, err := graphOfFinished(cmd, e, o)
		if err != nil {
			return err
		}
		s, err := runGraph(cmd, g, o, progress.value)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(s.Folder, "report.html"))
		return err
	}
	return cmd
}

// graphOfFinished wires the report to the stages that are up to date.
func graphOfFinished(cmd *cobra.Command, e *experiments.Experiment, o pipeline.Options) (*pipeline.Graph, error) {
	g, err := experiments.Graph(e)
	if err != nil {
		return nil, err
	}
	o.Only = nil
	steps, err := g.Plan(o)
	if err != nil {
		return nil, err
	}
	var finished []string
	for _, s := range steps {
		switch {
		case s.Stage == reportStage:
		case s.Status == pipeline.PlanHit:
			finished = append(finished, s.Stage)
		default:
			warn(cmd, fmt.Sprintf("%s: left out of the report: %s", s.Stage, s.Reason))
		}
	}
	if len(finished) == 0 {
		return nil, fmt.Errorf("%s: nothing to report on: no stage is up to date; runexp run comes first", e.Name)
	}
	return experiments.GraphOf(e, append(finished, reportStage))
}
