package simulate

import (
	"context"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same inputs and Config.
const Version = 5

// New returns the stage. It reads latency_curve and latency_residual of fit and
// writes trial.
func New(c Config) pipeline.Stage {
	return pipeline.Stage{
		Name:    "simulate",
		Version: Version,
		After:   []string{"fit"},
		Config:  c,
		Tables:  []artifact.Table{artifact.TableOf[record.Trial]("trial")},
		Run:     func(ctx context.Context, t *pipeline.Task) error { return run(ctx, t, c) },
	}
}

// run reads the tables, does the work and writes the table.
func run(ctx context.Context, t *pipeline.Task, c Config) error {
	curves, err := pipeline.Read[record.LatencyCurve](t, "fit", "latency_curve")
	if err != nil {
		return err
	}
	residuals, err := pipeline.Read[record.LatencyResidual](t, "fit", "latency_residual")
	if err != nil {
		return err
	}
	out, err := trialsKept(ctx, c, curves, residuals, t.Step, func(batch string, run func() ([]record.Trial, error)) ([]record.Trial, error) {
		return pipeline.Part(t, batch, run)
	})
	if err != nil {
		return err
	}
	for _, w := range out.Warnings {
		t.Warn("%s", w)
	}
	return pipeline.Write(t, "trial", out.Trials)
}
