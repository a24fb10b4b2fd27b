package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"runexp/experiments"
	"runexp/internal/words"
)

// usageError is a mistake in the command line itself: exit code 2.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// newRoot builds the command tree.
func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "runexp",
		Short: "experiments on serving neural recommendation models under a tail-latency target",
		Long: `runexp answers, for neural recommendation models: where does the time go on a
CPU, when does an accelerator pay, what tail latency does a load see, and which
batch size and offload threshold serve the most queries under a p95 target.`,
		Example: `  runexp run quick                   # all eight models, scaled tables, the whole pipeline
  runexp plan reproduce              # what would run, and why
  runexp cat results/quick/operating_point.parquet
  runexp sim --service exp:2ms --cores 4 --rate 1500
  source <(runexp completion bash)   # complete commands, experiments and stages; also zsh, fish`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no command: runexp -h lists them")
			}
			return usagef("unknown command %q%s", args[0], suggestCommand(cmd, args[0]))
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if !cmd.HasParent() { // its name already stands before every error
			return usagef("%v; see %s -h", err, cmd.CommandPath())
		}
		return usagef("%s: %v; see %s -h", cmd.Name(), err, cmd.CommandPath())
	})
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpTemplate(helpTemplate)
	root.AddCommand(
		newRun(), newPlan(), newWhy(), newConfig(), newLs(), newCat(), newModels(), newHW(),
		newInfer(), newSim(), newSize(), newTrace(), newImport(), newReport(),
		newVerify(), newDiff(), newExport(), newClean(),
	)
	root.Version = version()
	root.Flags().Bool("version", false, "version of this build")
	root.SetVersionTemplate("runexp {{.Version}}\n")
	root.SetHelpCommand(newHelp())
	strictCompletion(root)
	completeArguments(root)
	return root
}

// helpTemplate shows what a command does, then examples, then flags.
const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}
{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}`

const usageTemplate = `{{if .HasExample}}
Examples:
{{.Example}}
{{end}}
Usage:
  {{.UseLine}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND -h

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`

func suggestCommand(root *cobra.Command, word string) string {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return cmp.Or(words.DidYouMean(word, names), "; "+root.CommandPath()+" -h lists them")
}

// between accepts lo to hi positional arguments; hi < 0 means any number.
func between(lo, hi int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < lo:
			return usagef("%s: too few arguments; usage: %s", cmd.Name(), cmd.UseLine())
		case hi >= 0 && len(args) > hi:
			return usagef("%s: unexpected argument %q; usage: %s", cmd.Name(), args[hi], cmd.UseLine())
		}
		return nil
	}
}

// oneLine keeps a message on one line whatever it wraps.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// experimentFlags are the flags of every command that reads an experiment.
type experimentFlags struct {
	results string
	set     []string
	seed    int
}

func (f *experimentFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.results, "results", "results", "folder that results are kept in")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "set a key of the experiment, as `key=value`; the value is YAML; repeatable")
	cmd.Flags().IntVar(&f.seed, "seed", 0, "the same as --set seed=N")
}

// load resolves the experiment under its flags.
func (f *experimentFlags) load(cmd *cobra.Command, name string) (*experiments.Experiment, error) {
	set := f.set
	if cmd.Flags().Changed("seed") {
		set = append(set, fmt.Sprintf("seed=%d", f.seed))
	}
	e, err := experiments.Load(name, experiments.Options{Environ: os.Environ(), Set: set})
	if err != nil {
		return nil, err
	}
	warn(cmd, e.Warnings...)
	return e, nil
}
