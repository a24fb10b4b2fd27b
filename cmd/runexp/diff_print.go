package main

import (
	"fmt"
	"io"
	"strings"

	"runexp/internal/compare"
	"runexp/pipeline"
)

// print writes the comparison for reading, at most limit changes of a table.
func (d differences) print(w io.Writer, limit int) error {
	d.printMade(w)
	for _, t := range d.Tables {
		if t.Problem != "" {
			fmt.Fprintf(w, "%s: not compared: %s\n", t.Table, t.Problem)
			continue
		}
		if err := t.print(w, limit); err != nil {
			return err
		}
	}
	for _, only := range []struct {
		side   string
		tables []string
	}{{d.A, d.OnlyA}, {d.B, d.OnlyB}} {
		if len(only.tables) > 0 {
			fmt.Fprintf(w, "only in %s: %s\n", only.side, strings.Join(only.tables, ", "))
		}
	}
	return nil
}

// mostMade is how many differences of one stage are printed.
const mostMade = 6

func (d differences) printMade(w io.Writer) {
	printed := map[string]int{}
	for _, m := range d.Made {
		if printed[m.Stage]++; printed[m.Stage] <= mostMade {
			fmt.Fprintf(w, "%s: %s\n", m.Stage, pipeline.Change(m.change))
		}
	}
	for _, m := range d.Made {
		if more := printed[m.Stage] - mostMade; more > 0 {
			fmt.Fprintf(w, "%s: %d lines more differ\n", m.Stage, more)
			printed[m.Stage] = 0
		}
	}
}

func (t tableDiff) print(w io.Writer, limit int) error {
	fmt.Fprintf(w, "%s: %d rows matched, %d only in A, %d only in B; of %d values %d changed, %d significantly\n",
		t.Table, t.Matched, len(t.OnlyA), len(t.OnlyB), t.Values, len(t.Changes), t.Significant)
	changes := t.Changes
	if limit > 0 && len(changes) > limit {
		changes = changes[:limit]
	}
	if len(changes) == 0 {
		return nil
	}
	keys := make([]compare.Key, len(changes))
	for i, c := range changes {
		keys[i] = c.Key
	}
	g := &grid{header: []string{"  measure", "A", "B", "change", "significant", "row"}}
	for i, key := range compare.Telling(keys) {
		c := changes[i]
		g.add("  "+c.Measure, cell(c.A), cell(c.B), relative(c), c.Significant, key.String())
	}
	return g.write(w)
}

// relative writes a relative change in percent.
func relative(c compare.Change) string {
	if c.Relative == nil {
		return "-"
	}
	return fmt.Sprintf("%+.3g %%", 100**c.Relative)
}
