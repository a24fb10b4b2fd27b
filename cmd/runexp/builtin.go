package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version says what this program was built from: the version of the module, or
// else the commit, and the Go release.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown version, " + runtime.Version()
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	text := info.Main.Version
	if text == "" || text == "(devel)" {
		text = commit(info.Settings)
	}
	return text + ", " + info.GoVersion
}

// commit is the commit that a build is of.
func commit(settings []debug.BuildSetting) string {
	of := map[string]string{}
	for _, s := range settings {
		of[s.Key] = s.Value
	}
	text := "(devel)"
	if of["vcs.revision"] != "" {
		text = of["vcs.revision"]
	}
	if of["vcs.modified"] == "true" {
		text += "+dirty"
	}
	return text
}

// newHelp is cobra's help, but an unknown command is a mistake.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "help about a command",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("help: unknown command %q%s", strings.Join(args, " "), suggestCommand(cmd.Root(), strings.Join(args, " ")))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// strictCompletion has the completion command refuse a shell that it does not
// know, where cobra prints help and succeeds.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return usagef("completion: unknown command %q%s", args[0], suggestCommand(cmd, args[0]))
		}
	}
}
