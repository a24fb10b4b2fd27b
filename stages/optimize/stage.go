package optimize

import (
	"context"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same inputs and Config.
const Version = 6

// New returns the stage. It reads latency_curve and latency_residual of fit and
// writes operating_point, max_qps, probe, duel, pareto and mix_point.
func New(c Config) pipeline.Stage {
	return pipeline.Stage{
		Name:    "optimize",
		Version: Version,
		After:   []string{"fit"},
		Config:  c,
		Tables: []artifact.Table{
			artifact.TableOf[record.OperatingPoint]("operating_point"),
			artifact.TableOf[record.MaxQPS]("max_qps"),
			artifact.TableOf[record.Probe]("probe"),
			artifact.TableOf[record.Duel]("duel"),
			artifact.TableOf[record.Pareto]("pareto"),
			artifact.TableOf[record.MixPoint]("mix_point"),
		},
		Run: func(ctx context.Context, t *pipeline.Task) error { return run(ctx, t, c) },
	}
}

// run reads the tables, does the work and writes the tables.
func run(ctx context.Context, t *pipeline.Task, c Config) error {
	curves, err := pipeline.Read[record.LatencyCurve](t, "fit", "latency_curve")
	if err != nil {
		return err
	}
	residuals, err := pipeline.Read[record.LatencyResidual](t, "fit", "latency_residual")
	if err != nil {
		return err
	}
	out, err := pointsKept(ctx, c, curves, residuals, t.Step, func(cell string, search func() (Output, error)) (Output, error) {
		return pipeline.Part(t, cell, search)
	})
	if err != nil {
		return err
	}
	for _, w := range out.Warnings {
		t.Warn("%s", w)
	}
	if err := pipeline.Write(t, "operating_point", out.Points); err != nil {
		return err
	}
	if err := pipeline.Write(t, "max_qps", out.Map); err != nil {
		return err
	}
	if err := pipeline.Write(t, "probe", out.Probes); err != nil {
		return err
	}
	if err := pipeline.Write(t, "duel", out.Duels); err != nil {
		return err
	}
	if err := pipeline.Write(t, "pareto", out.Front); err != nil {
		return err
	}
	return pipeline.Write(t, "mix_point", out.Mixes)
}
