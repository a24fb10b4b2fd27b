package main

import (
	"github.com/spf13/cobra"

	"runexp/experiments"
)

func newConfig() *cobra.Command {
	var f experimentFlags
	var schema, docs bool
	cmd := &cobra.Command{
		Use:   "config EXP | config --schema",
		Short: "the resolved experiment with the origin of each value, or the schema of the file",
		Long: `config prints an experiment after all layers (default, file, environment, --set)
as a file that run would accept, each value followed by where it came from.
config --schema prints the JSON Schema of the experiment file, with the meaning
and the default of every key; an editor can check a file against it.`,
		Example: `  runexp config quick
  runexp config quick --docs
  RUNEXP_OPTIMIZE__TARGETS='[low]' runexp config quick --set seed=7
  runexp config --schema > experiment.schema.json`,
		Args: between(0, 1),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of the experiment file")
	cmd.Flags().BoolVar(&docs, "docs", false, "print what each key means above it")
	format := formatFlag(cmd, "yaml", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if schema != (len(args) == 0) {
			return usagef("config: give an experiment or --schema; usage: %s", cmd.UseLine())
		}
		if schema {
			return writeJSON(cmd.OutOrStdout(), experiments.Schema())
		}
		e, err := f.load(cmd, args[0])
		if err != nil {
			return err
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), e.Settings)
		}
		return e.WriteYAML(cmd.OutOrStdout(), docs)
	}
	return cmd
}
