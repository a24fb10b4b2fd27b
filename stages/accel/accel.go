// Package accel gathers what is known about the speed of accelerators: what
// others published, what a roofline says, and what the user measured. One
// table, with a source on every row; fit decides which row to believe.
//
// The stance: nothing is mixed here. A published speed-up stays a ratio, a
// modelled time is never corrected by a measured one, and a figure published
// for the standard graph of a model is not passed on for a graph that the user
// changed.
//
// Start at Config and Rows. A user's CSV is read by ReadFile, before the stage
// is made, so that the cache key follows its content; csv.go holds its rules
// and rawlog.go the old release's logs.
package accel

import (
	"context"
	"fmt"

	"runexp/hw"
	"runexp/models"
	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same Config.
const Version = 2

// Config says for which models and devices rows are gathered.
type Config struct {
	Models       []models.Config `json:"models"`
	Variant      string          `json:"variant"`      // corrected or release; empty takes the model file's
	Accelerators []string        `json:"accelerators"` // names of hw
	CPUs         []string        `json:"cpus"`         // of which a user's latencies are taken
	BatchSizes   []int           `json:"batch_sizes"`  // of the roofline rows, ascending
	Files        []File          `json:"files"`        // the user's latency CSVs
}

// Validate names the first key that is out of range.
func (c Config) Validate() error {
	if len(c.Models) == 0 {
		return fmt.Errorf("models: none given")
	}
	for i, b := range c.BatchSizes {
		if b < 1 || i > 0 && b <= c.BatchSizes[i-1] {
			return fmt.Errorf("batch_sizes: %v are not ascending from at least 1", c.BatchSizes)
		}
		if b > maxBatch {
			return fmt.Errorf("batch_sizes: %d is more than %d, the largest query", b, maxBatch)
		}
	}
	for _, name := range c.Accelerators {
		if _, err := hw.AccelByName(name); err != nil {
			return fmt.Errorf("accelerators: %w", err)
		}
	}
	if len(c.Accelerators) > 0 && len(c.BatchSizes) == 0 {
		return fmt.Errorf("batch_sizes: none given")
	}
	for _, f := range c.Files {
		if _, err := f.samples(c); err != nil {
			return err
		}
	}
	return nil
}

// action is what the rows depend on: the Config and the figures of its devices.
type action struct {
	Config
	Machines []hw.Accelerator `json:"machines"`
}

// New returns the stage. It reads nothing and writes accel_latency and
// accel_op. A name that Validate rejects is reported when the stage runs.
func New(c Config) pipeline.Stage {
	a := action{Config: c}
	for _, name := range c.Accelerators {
		if m, err := hw.AccelByName(name); err == nil {
			a.Machines = append(a.Machines, m)
		}
	}
	return pipeline.Stage{
		Name:    "accel",
		Version: Version,
		Config:  a,
		Tables: []artifact.Table{
			artifact.TableOf[record.AccelLatency]("accel_latency"),
			artifact.TableOf[record.AccelOp]("accel_op"),
		},
		Run: func(_ context.Context, t *pipeline.Task) error { return run(t, c) },
	}
}

func run(t *pipeline.Task, c Config) error {
	latencies, ops, err := Rows(c, t.Warn)
	if err != nil {
		return err
	}
	if err := pipeline.Write(t, "accel_latency", latencies); err != nil {
		return err
	}
	return pipeline.Write(t, "accel_op", ops)
}
