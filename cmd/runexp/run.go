package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"runexp/experiments"
	"runexp/hw"
	"runexp/pipeline"
)

func newRun() *cobra.Command {
	var f experimentFlags
	var o pipeline.Options
	progress := progressFlag()
	cmd := &cobra.Command{
		Use:   "run EXP [STAGE...]",
		Short: "run an experiment, or only some stages with what they need",
		Long: `run runs an experiment: the name of a shipped one (runexp ls) or a YAML file.
Finished stages whose inputs did not change are not run again. Tables and figures
go to RESULTS/<experiment>/.`,
		Example: `  runexp run quick
  runexp run reproduce --progress plain
  runexp run my.yaml simulate --set simulate.queries=100000
  runexp run quick fit --force`,
		Args: between(1, -1),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&o.Force, "force", false, "run even what is up to date; with STAGE, only those named")
	cmd.Flags().IntVar(&o.Jobs, "jobs", runtime.GOMAXPROCS(0), "stages at once; measured stages always run alone")
	cmd.Flags().Var(progress, "progress", "display on stderr")
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.Jobs < 1 {
			return usagef("run: --jobs: %d is not at least 1", o.Jobs)
		}
		g, err := f.graph(cmd, args[0])
		if err != nil {
			return err
		}
		o.Only = args[1:]
		if err := knownStages(g, o.Only); err != nil {
			return err
		}
		s, err := runGraph(cmd, g, f.options(o), progress.value)
		if err != nil {
			return err
		}
		summary, err := summarize(s)
		if err != nil {
			return err
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), summary)
		}
		return summary.print(cmd.OutOrStdout())
	}
	return cmd
}

// graph loads an experiment and wires it.
func (f *experimentFlags) graph(cmd *cobra.Command, name string) (*pipeline.Graph, error) {
	e, err := f.load(cmd, name)
	if err != nil {
		return nil, err
	}
	return experiments.Graph(e)
}

// options completes what a run or a plan needs to know.
func (f *experimentFlags) options(o pipeline.Options) pipeline.Options {
	o.Results = f.results
	o.Host = experiments.HostLines()
	o.HostName = hostName()
	o.Machine = filepath.Join(os.TempDir(), "runexp-measuring.lock")
	return o
}

// hostName says which machine this is, for the record alone.
func hostName() string {
	name, _ := os.Hostname()
	h := hw.Host()
	return fmt.Sprintf("%s: %s, %d cores", name, h.Title, h.Cores())
}

func runGraph(cmd *cobra.Command, g *pipeline.Graph, o pipeline.Options, mode string) (*pipeline.Summary, error) {
	p := newProgress(mode, cmd.ErrOrStderr(), len(g.Stages()))
	o.Report = p
	s, err := g.Run(cmd.Context(), o)
	p.Close()
	return s, err
}

// progressFlag is the value of --progress.
func progressFlag() *choice {
	return &choice{value: "auto", allowed: []string{"auto", "plain", "none"}}
}
