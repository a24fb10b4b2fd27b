package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Graph is an experiment: stages in an order in which they can run.
type Graph struct {
	name    string
	stages  []Stage
	configs map[string]json.RawMessage // canonical, by stage
}

// NewGraph checks the stages and puts them in order. Name is the experiment's,
// and the folder its artifacts go to.
func NewGraph(name string, stages ...Stage) (*Graph, error) {
	if name == "" || strings.HasPrefix(name, ".") || name != filepath.Base(name) {
		return nil, fmt.Errorf("experiment %q: the name must serve as the name of a folder", name)
	}
	g := &Graph{name: name, configs: map[string]json.RawMessage{}}
	for _, s := range stages {
		if err := g.check(s, stages); err != nil {
			return nil, fmt.Errorf("experiment %s: stage %s: %w", name, s.Name, err)
		}
	}
	var err error
	if g.stages, err = order(stages); err != nil {
		return nil, fmt.Errorf("experiment %s: %w", name, err)
	}
	return g, nil
}

// check checks one stage against the others and keeps its configuration.
func (g *Graph) check(s Stage, all []Stage) error {
	if _, twice := g.configs[s.Name]; twice || s.Name == "" {
		return errors.New("the name must be given, once")
	}
	if s.Version < 1 {
		return fmt.Errorf("version %d: must be at least 1", s.Version)
	}
	if s.Run == nil {
		return errors.New("nothing to run")
	}
	for i, a := range s.After {
		if a == s.Name || !slices.ContainsFunc(all, func(o Stage) bool { return o.Name == a }) {
			return fmt.Errorf("after %s: no such stage before it", a)
		}
		if slices.Contains(s.After[:i], a) {
			return fmt.Errorf("after %s: named twice", a)
		}
	}
	for _, t := range s.Tables {
		if n := countTables(all, t.Name); n != 1 || t.Name == "" || t.Schema == "" {
			return fmt.Errorf("table %q: must be declared with TableOf, by one stage, once", t.Name)
		}
	}
	config, err := canonical(s.Config)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	g.configs[s.Name] = config
	return nil
}

func countTables(stages []Stage, name string) (n int) {
	for _, s := range stages {
		for _, t := range s.Tables {
			if t.Name == name {
				n++
			}
		}
	}
	return n
}

// order sorts stages so that each comes after those it needs, otherwise as
// they were given.
func order(stages []Stage) ([]Stage, error) {
	var sorted []Stage
	placed := map[string]bool{}
	for len(sorted) < len(stages) {
		i := slices.IndexFunc(stages, func(s Stage) bool {
			return !placed[s.Name] && !slices.ContainsFunc(s.After, func(a string) bool { return !placed[a] })
		})
		if i < 0 {
			return nil, fmt.Errorf("stages wait for each other: %s", strings.Join(unplaced(stages, placed), ", "))
		}
		placed[stages[i].Name] = true
		sorted = append(sorted, stages[i])
	}
	return sorted, nil
}

func unplaced(stages []Stage, placed map[string]bool) (names []string) {
	for _, s := range stages {
		if !placed[s.Name] {
			names = append(names, s.Name)
		}
	}
	return names
}

// Name returns the experiment's name.
func (g *Graph) Name() string { return g.name }

// Stages returns the stages in an order in which they can run.
func (g *Graph) Stages() []Stage { return slices.Clone(g.stages) }

// Stage returns the stage called name.
func (g *Graph) Stage(name string) (Stage, error) {
	for _, s := range g.stages {
		if s.Name == name {
			return s, nil
		}
	}
	return Stage{}, fmt.Errorf("experiment %s: no stage %s (it has %s)", g.name, name,
		strings.Join(unplaced(g.stages, nil), ", "))
}

// String prints the graph, one stage a line.
func (g *Graph) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", g.name)
	for _, s := range g.stages {
		fmt.Fprintf(&b, "  %s v%d", s.Name, s.Version)
		if s.Host {
			b.WriteString(", measured")
		}
		if len(s.After) > 0 {
			fmt.Fprintf(&b, ", after %s", strings.Join(s.After, ", "))
		}
		for i, t := range s.Tables {
			fmt.Fprintf(&b, "%s %s", map[bool]string{true: ":", false: ","}[i == 0], t.Name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// needed returns the stages to run: all, or those named in only and what they
// need, in order.
func (g *Graph) needed(only []string) ([]Stage, error) {
	if len(only) == 0 {
		return g.stages, nil
	}
	want := map[string]bool{}
	for _, name := range only {
		if _, err := g.Stage(name); err != nil {
			return nil, err
		}
		want[name] = true
	}
	var stages []Stage
	for _, s := range slices.Backward(g.stages) { // those who need come before what they need
		if !want[s.Name] {
			continue
		}
		stages = append(stages, s)
		for _, a := range s.After {
			want[a] = true
		}
	}
	slices.Reverse(stages)
	return stages, nil
}
