package validate

import (
	"context"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/node"
	"runexp/stages/record"
)

// New returns the stage. It writes validation; with live runs it is measured,
// reads the curves of fit and writes trial_live and trial_twin too: the same
// trials, run and simulated.
func New(c Config) pipeline.Stage {
	s := pipeline.Stage{
		Name:    "validate",
		Version: Version,
		Config:  c,
		Tables:  []artifact.Table{artifact.TableOf[record.Validation]("validation")},
		Run:     func(ctx context.Context, t *pipeline.Task) error { return execute(ctx, t, c) },
	}
	if c.Fleet {
		s.After = append(s.After, "simulate")
	}
	if c.Live != nil {
		s.After, s.Host = append(s.After, "fit"), true
		s.Tables = append(s.Tables, artifact.TableOf[record.Trial]("trial_live"), artifact.TableOf[record.Trial]("trial_twin"))
	}
	return s
}

func execute(ctx context.Context, t *pipeline.Task, c Config) error {
	rows, err := Theory(ctx, c, t.Step)
	if err != nil {
		return err
	}
	if c.Fleet {
		trials, err := pipeline.Read[record.Trial](t, "simulate", "trial")
		if err != nil {
			return err
		}
		rows = append(rows, Fleet(trials)...)
	}
	if c.Live == nil {
		return write(t, rows)
	}
	curves, err := pipeline.Read[record.LatencyCurve](t, "fit", "latency_curve")
	if err != nil {
		return err
	}
	residuals, err := pipeline.Read[record.LatencyResidual](t, "fit", "latency_residual")
	if err != nil {
		return err
	}
	out, err := Live(ctx, c, node.NewCatalogue(curves, residuals), t.Step)
	if err != nil {
		return err
	}
	for _, w := range out.Warnings {
		t.Warn("%s", w)
	}
	if err := pipeline.Write(t, "trial_live", out.Live); err != nil {
		return err
	}
	if err := pipeline.Write(t, "trial_twin", out.Twin); err != nil {
		return err
	}
	return write(t, append(rows, out.Rows...))
}

// write puts out the rows, and says how many fail.
func write(t *pipeline.Task, rows []record.Validation) error {
	failed := 0
	for _, r := range rows {
		if !r.Pass {
			failed++
		}
	}
	if failed > 0 {
		t.Warn("%d of %d comparisons fail: runexp cat validation.parquet --where pass=false", failed, len(rows))
	}
	return pipeline.Write(t, "validation", rows)
}
