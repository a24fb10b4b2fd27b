package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"runexp/pipeline"
)

// explained is the answer of runexp why EXP STAGE.
type explained struct {
	plannedStage
	ActionID string   `json:"action_id"`
	Lines    []string `json:"lines"`
}

func newWhy() *cobra.Command {
	var f experimentFlags
	cmd := &cobra.Command{
		Use:   "why EXP STAGE | why FILE",
		Short: "what decides whether a stage runs, or where a table or figure came from",
		Long: `why EXP STAGE prints the lines that the stage's action ID is the hash of, and
which of them changed since it last ran. why FILE walks a table or figure back to
code version, configuration, host, inputs and warnings.`,
		Example: `  runexp why quick simulate
  runexp why quick fit --set fit.engines=[runexp]
  runexp why results/quick/trial.parquet`,
		Args: between(1, 2),
	}
	f.add(cmd)
	format := formatFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			l, err := pipeline.WhyFile(args[0], f.results)
			if err != nil {
				return err
			}
			if format.value == "json" {
				return writeJSON(cmd.OutOrStdout(), l)
			}
			lineagePrinter{cmd.OutOrStdout(), map[string]bool{}}.print(l, "")
			return nil
		}
		g, err := f.graph(cmd, args[0])
		if err != nil {
			return err
		}
		if err := knownStages(g, args[1:]); err != nil {
			return err
		}
		e, err := g.Why(args[1], f.options(pipeline.Options{Jobs: 1}))
		if err != nil {
			return err
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), explained{planned(e.Step), e.ActionID, e.Lines})
		}
		printExplanation(cmd.OutOrStdout(), e)
		return nil
	}
	return cmd
}

func printExplanation(w io.Writer, e pipeline.Explanation) {
	fmt.Fprintf(w, "%s: %s: %s\n", e.Stage, e.Status, e.Reason)
	for _, c := range e.Changed {
		if c.Old != "" {
			fmt.Fprintf(w, "- %s\n", c.Old)
		}
		if c.New != "" {
			fmt.Fprintf(w, "+ %s\n", c.New)
		}
	}
	id := e.ActionID
	if id == "" {
		id = "not known before its inputs are"
	}
	fmt.Fprintf(w, "action %s is the hash of\n", id)
	for _, line := range e.Lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// lineagePrinter prints an artifact and, further in, what it was made from. An
// action is printed in full once: its tables share all but their content.
type lineagePrinter struct {
	w    io.Writer
	seen map[string]bool // action IDs printed
}

func (p lineagePrinter) print(l *pipeline.Lineage, indent string) {
	put := func(label, text string) {
		if text != "" {
			fmt.Fprintf(p.w, "%s  %-9s %s\n", indent, label, text)
		}
	}
	fmt.Fprintf(p.w, "%s%s\n", indent, l.Name)
	put("content", l.OutputID)
	for _, text := range l.Problems {
		put("problem", text)
	}
	if p.seen[l.ActionID] {
		put("action", l.ActionID+" (above)")
		return
	}
	p.seen[l.ActionID] = true
	put("action", l.ActionID)
	put("stage", fmt.Sprintf("%s v%d", l.Stage, l.Version))
	put("code", l.Code)
	put("created", l.Created.Format("2006-01-02 15:04:05 MST"))
	put("host", l.Host)
	put("measured", map[bool]string{true: "yes: its rows depend on the host"}[l.Measured])
	put("config", clip(compact(l.Config)))
	for _, text := range l.Warnings {
		put("warning", text)
	}
	for i, from := range l.From {
		put("input", fmt.Sprintf("%d of %d", i+1, len(l.From)))
		p.print(from, indent+strings.Repeat(" ", 4))
	}
}

// longest is how much of a configuration is printed for people.
const longest = 400

func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return fmt.Sprintf("%s... (%d characters, whole in --format json)", strings.ToValidUTF8(text[:longest], ""), len(text))
}

// compact writes JSON on one line.
func compact(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return string(raw)
	}
	return string(text)
}
