package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"runexp/pipeline"
)

// verified is one row of runexp verify.
type verified struct {
	Stage       string   `json:"stage"`
	Status      string   `json:"status"` // same, differs, or exempt: measured, so only its files were checked
	Files       int      `json:"files"`
	TookNS      int64    `json:"took_ns"`
	Differences []string `json:"differences"`
}

func newVerify() *cobra.Command {
	var f experimentFlags
	progress := progressFlag()
	cmd := &cobra.Command{
		Use:   "verify EXP [STAGE...]",
		Short: "run the deterministic stages again and fail if a byte differs",
		Long: `verify runs the deterministic stages of a finished experiment again, on the
inputs that they had, and compares what they put out byte by byte with the results.
It writes nothing. Measured stages are not run again, because other times are no
fault; their files are compared with the hashes in the manifest.`,
		Example: `  runexp verify quick
  runexp verify quick fit simulate
  runexp verify reproduce --format json`,
		Args: between(1, -1),
	}
	f.add(cmd)
	cmd.Flags().Var(progress, "progress", "display on stderr")
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		g, err := f.graph(cmd, args[0])
		if err != nil {
			return err
		}
		o := f.options(pipeline.Options{Only: args[1:]})
		if err := knownStages(g, o.Only); err != nil {
			return err
		}
		p := newProgress(progress.value, cmd.ErrOrStderr(), deterministic(g, o.Only))
		o.Report = p
		found, err := g.Verify(cmd.Context(), o)
		p.Close()
		if err != nil {
			return err
		}
		list := make([]verified, len(found))
		for i, v := range found {
			list[i] = verified{v.Stage, v.Status, v.Files, int64(v.Took), append([]string{}, v.Differences...)}
		}
		if format.value == "json" {
			err = writeJSON(cmd.OutOrStdout(), list)
		} else {
			err = verifiedGrid(list).write(cmd.OutOrStdout())
		}
		if err != nil {
			return err
		}
		return disagreement(g.Name(), list)
	}
	return cmd
}

// deterministic counts the stages that are run again.
func deterministic(g *pipeline.Graph, only []string) (n int) {
	for _, s := range g.Stages() {
		if !s.Host && (len(only) == 0 || strings.Contains(" "+strings.Join(only, " ")+" ", " "+s.Name+" ")) {
			n++
		}
	}
	return n
}

func verifiedGrid(list []verified) *grid {
	g := &grid{header: []string{"stage", "status", "files", "took", "differences"}}
	for _, v := range list {
		took := "-"
		if v.TookNS > 0 {
			took = duration(v.TookNS)
		}
		g.add(v.Stage, v.Status, count(v.Files), took, strings.Join(v.Differences, "; "))
	}
	return g
}

// disagreement is the error that names what differs, or nil.
func disagreement(experiment string, list []verified) error {
	var all []string
	for _, v := range list {
		for _, d := range v.Differences {
			all = append(all, v.Stage+": "+d)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("verify: %s: %s", experiment, all[0])
	}
	return fmt.Errorf("verify: %s: %s, and %d differences more", experiment, all[0], len(all)-1)
}
