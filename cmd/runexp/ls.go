package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"runexp/experiments"
	"runexp/pipeline/artifact"
)

// listed is one experiment of runexp ls.
type listed struct {
	Experiment string           `json:"experiment"`
	Shipped    bool             `json:"shipped"`
	Question   string           `json:"question"` // of a shipped one
	Artifacts  []listedArtifact `json:"artifacts"`
}

// listedArtifact is one file of an experiment's folder.
type listedArtifact struct {
	File     string    `json:"file"`
	Stage    string    `json:"stage"`
	Rows     int       `json:"rows"` // 0: not a table
	Created  time.Time `json:"created"`
	Warnings int       `json:"warnings"`
}

func newLs() *cobra.Command {
	var results string
	cmd := &cobra.Command{
		Use:   "ls [EXP]",
		Short: "experiments and their artifacts",
		Example: `  runexp ls
  runexp ls quick
  runexp ls --format json`,
		Args: between(0, 1),
	}
	cmd.Flags().StringVar(&results, "results", "results", "folder that results are kept in")
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		list, err := list(results)
		if err != nil {
			return err
		}
		if len(args) == 1 {
			if list, err = only(list, args[0]); err != nil {
				return err
			}
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), list)
		}
		return listGrid(list, len(args) == 1).write(cmd.OutOrStdout())
	}
	return cmd
}

// list gathers the shipped experiments and every folder of results.
func list(results string) ([]listed, error) {
	names := experiments.Names()
	entries, err := os.ReadDir(results)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(names, e.Name()) {
			names = append(names, e.Name())
		}
	}
	var out []listed
	for _, name := range names {
		l := listed{Experiment: name, Question: experiments.Question(name), Artifacts: artifactsIn(filepath.Join(results, name))}
		l.Shipped = slices.Contains(experiments.Names(), name)
		if l.Shipped || len(l.Artifacts) > 0 {
			out = append(out, l)
		}
	}
	return out, nil
}

// artifactsIn lists the files of a folder that have a sidecar.
func artifactsIn(folder string) []listedArtifact {
	out := []listedArtifact{}
	filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a folder that cannot be read has nothing to list
		}
		file, ok := strings.CutSuffix(path, artifact.SidecarSuffix)
		if !ok {
			return nil
		}
		m, err := artifact.ReadMeta(file)
		if err != nil || m.Stage == "" {
			return nil // the manifest, or no sidecar of ours
		}
		rel, _ := filepath.Rel(folder, file) // both are absolute or neither
		out = append(out, listedArtifact{rel, m.Stage, m.Rows, m.Created, len(m.Warnings)})
		return nil
	})
	return out
}

func only(list []listed, name string) ([]listed, error) {
	var known []string
	for _, l := range list {
		if l.Experiment == name {
			return []listed{l}, nil
		}
		known = append(known, l.Experiment)
	}
	return nil, knownWord("experiment", name, known)
}

// listGrid is one row per experiment, or one per artifact.
func listGrid(list []listed, artifacts bool) *grid {
	const day = "2006-01-02 15:04"
	if artifacts {
		g := &grid{header: []string{"file", "stage", "rows", "created", "warnings"}}
		for _, a := range list[0].Artifacts {
			rows, warnings := "-", "-"
			if a.Rows > 0 {
				rows = count(a.Rows)
			}
			if a.Warnings > 0 {
				warnings = count(a.Warnings)
			}
			g.add(a.File, a.Stage, rows, a.Created.Format(day), warnings)
		}
		return g
	}
	g := &grid{header: []string{"experiment", "artifacts", "latest", "question"}}
	for _, l := range list {
		latest := "-"
		var at time.Time
		for _, a := range l.Artifacts {
			if a.Created.After(at) {
				at, latest = a.Created, a.Created.Format(day)
			}
		}
		g.add(l.Experiment, count(len(l.Artifacts)), latest, l.Question)
	}
	return g
}
