package main

import (
	"strings"

	"github.com/spf13/cobra"

	"runexp/experiments"
	"runexp/hw"
)

// completeArguments tells the shell what the words of each command may be:
// experiments and their stages, platforms, files of the right kind.
func completeArguments(root *cobra.Command) {
	for _, c := range root.Commands() {
		switch {
		case strings.Contains(c.Use, " EXP") || c.Name() == "ls":
			c.ValidArgsFunction = completeExperiment(strings.Contains(c.Use, "STAGE"))
		case c.Name() == "hw":
			c.ValidArgs = append(hw.CPUNames(), hw.AccelNames()...)
		case strings.Contains(c.Use, "TABLE"):
			c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return []string{"parquet"}, cobra.ShellCompDirectiveFilterFileExt
			}
		}
	}
}

// completeExperiment offers shipped experiments, files beside them, and then the
// stages of the one named.
func completeExperiment(stages bool) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return experiments.Names(), cobra.ShellCompDirectiveDefault
		}
		if !stages {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		e, err := experiments.Load(args[0], experiments.Options{})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return e.Stages, cobra.ShellCompDirectiveNoFileComp
	}
}
