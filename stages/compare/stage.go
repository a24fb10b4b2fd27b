package compare

import (
	"context"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same inputs and Config.
const Version = 2

// New returns the stage. It reads operating_point of optimize and accel_latency
// of accel, and writes paper_check.
func New(c Config) pipeline.Stage {
	return pipeline.Stage{
		Name:    "compare",
		Version: Version,
		After:   []string{"accel", "optimize"},
		Config:  c,
		Tables:  []artifact.Table{artifact.TableOf[record.PaperCheck]("paper_check")},
		Run:     func(_ context.Context, t *pipeline.Task) error { return run(t, c) },
	}
}

func run(t *pipeline.Task, c Config) error {
	points, err := pipeline.Read[record.OperatingPoint](t, "optimize", "operating_point")
	if err != nil {
		return err
	}
	accel, err := pipeline.Read[record.AccelLatency](t, "accel", "accel_latency")
	if err != nil {
		return err
	}
	rows, err := Rows(c, points, accel)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Pass != nil && !*r.Pass {
			t.Warn("%s %s: does not hold (engine %s): %s", r.Model, r.Target, r.Engine, r.Statement)
		}
	}
	return pipeline.Write(t, "paper_check", rows)
}
