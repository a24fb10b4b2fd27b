package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// input is everything that is drawn from.
type input struct {
	Config
	Tables
}

// distinct returns the different values of key, in order of first appearance.
func distinct[T any, K comparable](rows []T, key func(T) K) []K {
	seen := map[K]bool{}
	var ks []K
	for _, r := range rows {
		if k := key(r); !seen[k] {
			seen[k] = true
			ks = append(ks, k)
		}
	}
	return ks
}

// where keeps the rows that fit.
func where[T any](rows []T, fits func(T) bool) []T {
	var out []T
	for _, r := range rows {
		if fits(r) {
			out = append(out, r)
		}
	}
	return out
}

// rank is a model's place in panels and tables.
func (in input) rank(model string) int {
	if i := slices.Index(in.Models, model); i >= 0 {
		return i
	}
	return len(in.Models)
}

// byModel returns rows with the models in the configured order, otherwise as
// they came.
func byModel[T any](in input, rows []T, model func(T) string) []T {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b T) int {
		return cmp.Or(cmp.Compare(in.rank(model(a)), in.rank(model(b))), cmp.Compare(model(a), model(b)))
	})
	return rows
}

// machines returns the nodes to draw: the configured ones that the tables
// have, else all of them.
func (in input) machines() []Node {
	found := distinct(in.Point, func(r record.OperatingPoint) Node { return Node{r.CPUPlatform, r.Engine, r.AccelPlatform} })
	for _, n := range distinct(in.Trial, func(r record.Trial) Node { return Node{r.CPUPlatform, r.Engine, r.AccelPlatform} }) {
		if !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	if len(in.Nodes) == 0 {
		return found
	}
	return where(in.Nodes, func(n Node) bool { return slices.Contains(found, n) })
}

// title is a platform's name as people write it.
func (in input) title(platform string) string {
	if t, ok := in.Titles[platform]; ok {
		return t
	}
	return platform
}

// titleOf names a node: "Skylake + GTX 1080 Ti, runexp engine".
func (in input) titleOf(n Node) string {
	return in.machineTitle(n.CPU, n.Accel) + ", " + n.Engine + " engine"
}

// machineTitle names a machine: "Skylake + GTX 1080 Ti".
func (in input) machineTitle(cpu, accel string) string {
	if accel == record.None || accel == record.Mixed {
		return in.title(cpu)
	}
	return in.title(cpu) + " + " + in.title(accel)
}

// slug joins parts into a file name; "none" and empty parts are left out.
func slug(parts ...string) string {
	parts = where(parts, func(p string) bool { return p != "" && p != record.None })
	clean := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}
	return strings.Map(clean, strings.ToLower(strings.Join(parts, "_")))
}

// drawing is one figure and what the page says about it.
type drawing struct {
	name   string
	figure *figure.Figure
	cat    []string // commands that print the rows behind it
	folded bool     // not for the headline node: shown on demand
}

// cat is the command that prints rows of a table.
func (in input) cat(table string, conditions ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "runexp cat results/%s/%s.parquet", in.Experiment, table)
	for _, c := range conditions {
		fmt.Fprintf(&b, " --where '%s'", c)
	}
	return b.String()
}

func nanos(ns int64) time.Duration { return time.Duration(ns) }

// list joins words: "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
