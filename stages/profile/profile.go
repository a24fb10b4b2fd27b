// Package profile runs the real models on this machine and times every
// operator: where the time of a forward pass goes, at each batch size, alone
// and beside other engines.
//
// A worker is one single-threaded inference engine. Co-located workers share
// the read-only weights and run at the same time on as many cores; each gets
// fresh inputs, so that embedding rows come from memory and not from the pass
// before. Times are chained stamps: the operators of one pass add up to the
// pass, less the cost of the stamps themselves, which is measured and taken
// off. With fusion, an operator that stands for several is stamped as one, under
// the kind of its main work.
//
// Start at Config, then measureModel in measure.go; calibrate.go measures the roofline
// of the machine in the same run.
package profile

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"runexp/models"
	"runexp/models/locality"
	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same machine and Config.
const Version = 3

// Platform is the name under which the rows of this machine go.
const Platform = "host"

// Config says what is measured.
type Config struct {
	Models         []models.Config `json:"models"`
	Variant        string          `json:"variant"`         // corrected or release; empty takes the model file's
	TableScale     float64         `json:"table_scale"`     // rows of every table are multiplied by it, 0 < scale <= 1
	BatchSizes     []int           `json:"batch_sizes"`     // items per pass, ascending
	Workers        []int           `json:"workers"`         // numbers of co-located engines, ascending from 1
	Fusion         []models.Fusion `json:"fusion"`          // how operators run: none, full or both
	Indices        locality.Spec   `json:"indices"`         // which rows of the tables are looked up
	Warmup         int             `json:"warmup"`          // passes dropped at the start of each point
	MinRepetitions int             `json:"min_repetitions"` // passes measured per worker and point, at least
	Repetitions    int             `json:"repetitions"`     // and at most
	MaxSeconds     float64         `json:"max_seconds"`     // between the two, a point stops here
	Seed           uint64          `json:"seed"`
}

// Validate names the first key that is out of range.
func (c Config) Validate() error {
	switch {
	case len(c.Models) == 0:
		return fmt.Errorf("models: none given")
	case !(c.TableScale > 0 && c.TableScale <= 1):
		return fmt.Errorf("table_scale: %v is not in (0, 1]", c.TableScale)
	case len(c.BatchSizes) == 0 || c.BatchSizes[0] < 1 || !ascending(c.BatchSizes):
		return fmt.Errorf("batch_sizes: %v are not ascending from at least 1", c.BatchSizes)
	case c.BatchSizes[len(c.BatchSizes)-1] > 1<<20:
		return fmt.Errorf("batch_sizes: %d is more than %d, the largest query", c.BatchSizes[len(c.BatchSizes)-1], 1<<20)
	case len(c.Workers) == 0 || c.Workers[0] != 1 || !ascending(c.Workers):
		return fmt.Errorf("workers: %v are not ascending from 1", c.Workers)
	case len(c.Fusion) == 0:
		return fmt.Errorf("fusion: none given")
	case c.Warmup < 1:
		return fmt.Errorf("warmup: %d is not at least 1", c.Warmup)
	case c.MinRepetitions < 3:
		return fmt.Errorf("min_repetitions: %d is not at least 3", c.MinRepetitions)
	case c.Repetitions < c.MinRepetitions:
		return fmt.Errorf("repetitions: %d is below min_repetitions %d", c.Repetitions, c.MinRepetitions)
	case !(c.MaxSeconds > 0):
		return fmt.Errorf("max_seconds: %v is not positive", c.MaxSeconds)
	}
	for i, f := range c.Fusion {
		if f != models.FusionNone && f != models.FusionFull || slices.Contains(c.Fusion[:i], f) {
			return fmt.Errorf("fusion: %q is not none or full, or there twice", f)
		}
	}
	if err := c.Indices.Validate(); err != nil {
		return fmt.Errorf("index_dist: %w", err)
	}
	seen := map[string]bool{}
	for _, m := range c.Models {
		if seen[m.Name()] {
			return fmt.Errorf("models: two are called %s", m.Name())
		}
		seen[m.Name()] = true
	}
	return nil
}

func ascending(v []int) bool {
	return slices.IsSorted(v) && len(slices.Compact(slices.Clone(v))) == len(v)
}

// New returns the stage. It writes op_timing, op_detail and calibration, and
// its rows depend on the machine that ran it.
func New(c Config) pipeline.Stage {
	return pipeline.Stage{
		Name:    "profile",
		Version: Version,
		Config:  c,
		Host:    true,
		Tables: []artifact.Table{
			artifact.TableOf[record.OpTiming]("op_timing"),
			artifact.TableOf[record.OpDetail]("op_detail"),
			artifact.TableOf[record.Calibration]("calibration"),
		},
		Run: func(ctx context.Context, t *pipeline.Task) error { return run(ctx, t, c) },
	}
}

// checkMemory fails where a model will not fit: sooner than after minutes of
// measuring smaller ones.
func (c Config) checkMemory() error {
	for _, m := range c.Models {
		g, err := models.Describe(m, models.Options{Variant: c.Variant, TableScale: c.TableScale})
		if err != nil {
			return err
		}
		if err := g.CheckMemory(c.workerBytes(g)); err != nil {
			return fmt.Errorf("%s: %w", m.Name(), err)
		}
	}
	return nil
}

// workerBytes is what the workers hold of inputs and of the tensors of a pass, at
// the largest batch.
func (c Config) workerBytes(g *models.Graph) int64 {
	batch, workers := c.BatchSizes[len(c.BatchSizes)-1], c.Workers[len(c.Workers)-1]
	inputs := g.InputBytes(batch) * int64(c.inputs(g, batch))
	return int64(workers) * (inputs + g.MemoryBytes(batch) - g.MemoryBytes(1))
}

func run(ctx context.Context, t *pipeline.Task, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if c.TableScale < 1 {
		t.Warn("embedding tables are scaled to %g of their rows: more of them stays in cache than in a full-size model", c.TableScale)
	}
	if most := c.Workers[len(c.Workers)-1]; most > runtime.GOMAXPROCS(0) {
		t.Warn("%d workers share %d cores: they take turns", most, runtime.GOMAXPROCS(0))
	}
	if err := c.checkMemory(); err != nil {
		return err
	}
	steps := len(c.Models)*len(c.Fusion)*len(c.BatchSizes)*len(c.Workers) + 1
	t.Step(0, steps, "roofline of this machine")
	calibration, err := pipeline.Part(t, "calibration", func() ([]record.Calibration, error) { return calibrate(ctx) })
	if err != nil {
		return err
	}
	done := 1
	step := func(what string) { t.Step(done, steps, what); done++ }
	host := hostRates(calibration)
	rowsOf := func(p point) rows { return p.rows(c, host) }
	kept := func(key string, measure func() (rows, error)) (rows, error) { return pipeline.Part(t, key, measure) }
	var all rows
	for _, m := range c.Models {
		r, err := measureModel(ctx, c, m, rowsOf, kept, step)
		if err != nil {
			return err
		}
		all.join(r)
	}
	t.Step(steps, steps, "done")
	sortTimings(all.Timings)
	sortDetails(all.Details)
	if err := pipeline.Write(t, "calibration", calibration); err != nil {
		return err
	}
	if err := pipeline.Write(t, "op_detail", all.Details); err != nil {
		return err
	}
	return pipeline.Write(t, "op_timing", all.Timings)
}
