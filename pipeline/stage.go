// Package pipeline runs a graph of stages and remembers what it ran. It knows
// files and hashes and nothing about recommendation.
//
// Its stance: a stage is a value. Everything that can change its output is
// printed, line by line, and the hash of those lines is the name under which
// its output is kept; the outputs of earlier stages enter by content. So a
// stage runs again exactly when something it depends on changed, and the
// printed lines say what.
//
// Start reading at Stage, what is run, then Graph.Run, how.
package pipeline

import (
	"context"

	"runexp/pipeline/artifact"
)

// Stage is one step of an experiment: rows in, rows out.
type Stage struct {
	Name    string           // a verb, unique in its graph
	Version int              // bumped whenever the same inputs give other rows; at least 1
	After   []string         // stages whose tables Run reads
	Config  any              // marshals to JSON; part of the action ID
	Host    bool             // the rows depend on the machine: it runs alone, and Options.Host is part of its action ID
	Tables  []artifact.Table // what Run writes, each exactly once

	// Run reads its inputs with Read and puts rows out with Write. Nothing
	// reaches the disk before it returns nil, and it must return soon after
	// ctx is done.
	Run func(ctx context.Context, t *Task) error
}
