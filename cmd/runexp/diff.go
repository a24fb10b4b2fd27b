package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"runexp/internal/compare"
	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// differences is the answer of runexp diff.
type differences struct {
	A      string           `json:"a"`
	B      string           `json:"b"`
	Made   []madeDifference `json:"made"` // how two runs were made differently
	Tables []tableDiff      `json:"tables"`
	OnlyA  []string         `json:"only_a"` // tables
	OnlyB  []string         `json:"only_b"`
}

// madeDifference is one line of an action ID that differs, inputs left out.
type madeDifference struct {
	Stage string `json:"stage"`
	change
}

// tableDiff is how one table compares; Problem says why it does not.
type tableDiff struct {
	Table string `json:"table"`
	compare.Result
	Problem string `json:"problem,omitempty"`

	measures []string // columns that are compared
}

// diffFlags select what is compared and printed.
type diffFlags struct {
	results  string
	key      string
	where    []string
	measures []string
	limit    int
}

func newDiff() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "two runs or two tables: what changed, by how much, and whether that is significant",
		Long: `diff matches the rows of two tables of one schema by their key and lists the
measures that changed, largest relative change first. A and B are two Parquet files,
or two runs: names of experiments under RESULTS or folders of results, of this or of
another machine; then every table that both have is compared, and what the runs were
made from is too.

Repetitions of one measurement are compared by their medians. A change is significant
if the intervals of both sides do not meet, or if the repetitions of both sides, seven
or more, differ at a level of 0.001 (Mann-Whitney). Repetitions of one run do not know
what varies from run to run. Where a side has neither, significance is unknown.`,
		Example: `  runexp diff quick results.old/quick
  runexp diff a/trial.parquet b/trial.parquet --measure p95_ns --where model=rm1
  runexp diff quick other/quick --limit 0 --format json`,
		Args: between(2, 2),
	}
	cmd.Flags().StringVar(&f.results, "results", "results", "folder that results are kept in")
	cmd.Flags().StringVar(&f.key, "key", "", "key `columns` of a table of your own, as a,b")
	cmd.Flags().StringArrayVar(&f.where, "where", nil, "only rows whose column has this value, as `col=value`; repeatable, all must hold")
	cmd.Flags().StringArrayVar(&f.measures, "measure", nil, "only this `column`; repeatable")
	cmd.Flags().IntVar(&f.limit, "limit", 10, "print at most so many changes per table; 0 means all; JSON always has all")
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.limit < 0 {
			return usagef("diff: --limit: %d is negative", f.limit)
		}
		d, err := f.diff(args[0], args[1])
		if err != nil {
			return err
		}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), d)
		}
		return d.print(cmd.OutOrStdout(), f.limit)
	}
	return cmd
}

// diff compares two files or two runs.
func (f diffFlags) diff(a, b string) (differences, error) {
	d := differences{A: a, B: b, Made: []madeDifference{}, Tables: []tableDiff{}, OnlyA: []string{}, OnlyB: []string{}}
	if isFile(a) || isFile(b) {
		t, err := f.tables(a, b)
		if err != nil {
			return d, err
		}
		d.Tables = append(d.Tables, t)
		return d, f.knownMeasures(d.Tables)
	}
	if _, err := parseWhere("diff", f.where); err != nil { // one mistake, not one in every table
		return d, err
	}
	folderA, runA, err := finished(f.results, a)
	if err != nil {
		return d, err
	}
	folderB, runB, err := finished(f.results, b)
	if err != nil {
		return d, err
	}
	d.Made = madeDifferences(runA, runB)
	tablesA, tablesB := tablesOf(runA), tablesOf(runB)
	for _, name := range tablesA {
		if !slices.Contains(tablesB, name) {
			d.OnlyA = append(d.OnlyA, name)
			continue
		}
		t, err := f.tables(filepath.Join(folderA, name+".parquet"), filepath.Join(folderB, name+".parquet"))
		if err != nil { // the other tables may still be compared
			t.Problem = oneLine(err)
		}
		d.Tables = append(d.Tables, t)
	}
	for _, name := range tablesB {
		if !slices.Contains(tablesA, name) {
			d.OnlyB = append(d.OnlyB, name)
		}
	}
	return d, f.knownMeasures(d.Tables)
}

// knownMeasures reports a measure asked for that no table has: leaving it out
// would read as no change.
func (f diffFlags) knownMeasures(tables []tableDiff) error {
	var known []string
	for _, t := range tables {
		known = append(known, t.measures...)
	}
	if len(known) == 0 { // no table compares, which is said of each
		return nil
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, m := range f.measures {
		if err := knownWord("measure", m, known); err != nil {
			return usagef("diff: --measure: %v", err)
		}
	}
	return nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// tables compares two tables.
func (f diffFlags) tables(a, b string) (tableDiff, error) {
	d := tableDiff{Table: tableName(a)}
	shape, known := record.Shapes()[d.Table]
	if f.key != "" {
		shape, known = record.Shape{Key: strings.Split(f.key, ",")}, true
	}
	if !known {
		return d, fmt.Errorf("%s: no table of an experiment is called %s: name its key with --key", a, d.Table)
	}
	where, err := parseWhere("diff", f.where)
	if err != nil {
		return d, err
	}
	rowsA, err := artifact.ReadAny(a, nil, where, 0)
	if err != nil {
		return d, err
	}
	d.measures = measuresOf(shape, rowsA.Columns) // known although the tables may not compare
	rowsB, err := artifact.ReadAny(b, nil, where, 0)
	if err != nil {
		return d, err
	}
	if d.Result, err = compare.Tables(shape, rowsA, rowsB); err != nil {
		return d, fmt.Errorf("%s and %s: %w", a, b, err)
	}
	f.narrow(&d.Result)
	return d, nil
}

// measuresOf are the columns that neither tell rows apart nor bound an interval.
func measuresOf(shape record.Shape, columns []artifact.Column) (names []string) {
	bound := map[string]bool{}
	for _, b := range shape.Interval {
		bound[b.Lo], bound[b.Hi] = true, true
	}
	for _, c := range columns {
		if !bound[c.Name] && !slices.Contains(shape.Key, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// tableName is what a table is called by its sidecar, or else by its file.
func tableName(path string) string {
	name := filepath.Base(path)
	if m, err := artifact.ReadMeta(path); err == nil && m.Name != "" {
		name = m.Name
	}
	return strings.TrimSuffix(name, ".parquet")
}

// narrow keeps the measures asked for.
func (f diffFlags) narrow(r *compare.Result) {
	if len(f.measures) == 0 {
		return
	}
	r.Changes = slices.DeleteFunc(r.Changes, func(c compare.Change) bool { return !slices.Contains(f.measures, c.Measure) })
	r.Significant = 0
	for _, c := range r.Changes {
		if c.Significant == compare.Significant {
			r.Significant++
		}
	}
}

// madeDifferences compares what the stages of two runs were made from.
func madeDifferences(a, b *pipeline.Manifest) []madeDifference {
	list := []madeDifference{}
	for _, r := range a.Stages {
		i := slices.IndexFunc(b.Stages, func(o pipeline.Record) bool { return o.Stage == r.Stage })
		if i < 0 {
			continue
		}
		for _, c := range pipeline.Changes(r.Lines, b.Stages[i].Lines) {
			if !strings.HasPrefix(c.Old+c.New, "input ") { // what they come from is listed itself
				list = append(list, madeDifference{r.Stage, change(c)})
			}
		}
	}
	return list
}
