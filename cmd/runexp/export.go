package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"runexp/internal/arrowio"
	"runexp/internal/atomicfile"
	"runexp/pipeline"
	"runexp/pipeline/artifact"
)

// exported is a file that was written.
type exported struct {
	file string
	rows int
}

func newExport() *cobra.Command {
	var results, to string
	cmd := &cobra.Command{
		Use:   "export EXP --to DIR",
		Short: "tables of an experiment as CSV, Arrow files or JSON",
		Long: `export writes every table of an experiment as DIR/TABLE.csv, .arrow (the file
format, also called Feather 2) or .json, and beside it the table's sidecar, which
says where it came from. Every table is checked against its hash before it is
written. EXP is the name of an experiment under RESULTS, or a folder of results.`,
		Example: `  runexp export quick --to /tmp/quick
  runexp export quick --to /tmp/quick --format arrow
  runexp export results/published/reproduce --to out --format json`,
		Args: between(1, 1),
	}
	cmd.Flags().StringVar(&results, "results", "results", "folder that results are kept in")
	cmd.Flags().StringVar(&to, "to", "", "`folder` to write to")
	format := &choice{value: "csv", allowed: []string{"csv", "arrow", "json"}}
	cmd.Flags().Var(format, "format", "form of the files")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if to == "" {
			return usagef("export: --to: a folder is required")
		}
		folder, m, err := finished(results, args[0])
		if err != nil {
			return err
		}
		g := &grid{header: []string{"file", "rows"}}
		for _, name := range tablesOf(m) {
			e, err := export(filepath.Join(folder, name+".parquet"), filepath.Join(to, name+"."+format.value), format.value)
			if err != nil {
				return err
			}
			g.add(e.file, count(e.rows))
		}
		return g.write(cmd.OutOrStdout())
	}
	return cmd
}

// finished finds the results of an experiment by its name or folder.
func finished(results, name string) (folder string, m *pipeline.Manifest, err error) {
	candidates := []string{filepath.Join(results, name), name}
	if base, is := experimentFile(name); is {
		candidates = append(candidates, filepath.Join(results, base))
	}
	for _, folder := range candidates {
		m, err := pipeline.ReadManifest(folder)
		if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return folder, m, err
		}
	}
	return "", nil, fmt.Errorf("%s: no results in %s; runexp run comes first", name, results)
}

// experimentFile is the experiment of a YAML file. A folder that does not exist
// has none: results under the last part of its path are of another run.
func experimentFile(name string) (base string, is bool) {
	ext := filepath.Ext(name)
	if ext != ".yaml" && ext != ".yml" {
		return "", false
	}
	return strings.TrimSuffix(filepath.Base(name), ext), filepath.Base(name) == name || isFile(name)
}

func tablesOf(m *pipeline.Manifest) (names []string) {
	for _, r := range m.Stages {
		for _, f := range r.Files {
			if f.Table != "" {
				names = append(names, f.Table)
			}
		}
	}
	return names
}

// export writes one table and its sidecar.
func export(from, to, format string) (exported, error) {
	rows, err := artifact.ReadAny(from, nil, nil, 0)
	if err != nil {
		return exported{}, err
	}
	sidecar, err := os.ReadFile(from + artifact.SidecarSuffix)
	if err != nil {
		return exported{}, err
	}
	err = atomicfile.Write(to, func(w io.Writer) error {
		if format == "arrow" {
			return arrowio.WriteFile(w, rows)
		}
		b := bufio.NewWriter(w)
		if err := writeRows(b, rows, format); err != nil {
			return err
		}
		return b.Flush()
	})
	if err != nil {
		return exported{}, err
	}
	beside := filepath.Join(filepath.Dir(to), filepath.Base(from)+artifact.SidecarSuffix)
	return exported{to, len(rows.Values)}, atomicfile.WriteBytes(beside, sidecar)
}
