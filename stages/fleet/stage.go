package fleet

import (
	"context"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same inputs and Config.
const Version = 1

// New returns the stage. It reads operating_point of optimize and writes fleet,
// fleet_share and fleet_hour.
func New(c Config) pipeline.Stage {
	return pipeline.Stage{
		Name:    "fleet",
		Version: Version,
		After:   []string{"optimize"},
		Config:  c,
		Tables: []artifact.Table{
			artifact.TableOf[record.Fleet]("fleet"),
			artifact.TableOf[record.FleetShare]("fleet_share"),
			artifact.TableOf[record.FleetHour]("fleet_hour"),
		},
		Run: func(ctx context.Context, t *pipeline.Task) error { return run(ctx, t, c) },
	}
}

// run reads the table, plans and writes the tables.
func run(ctx context.Context, t *pipeline.Task, c Config) error {
	points, err := pipeline.Read[record.OperatingPoint](t, "optimize", "operating_point")
	if err != nil {
		return err
	}
	out, err := Plan(ctx, c, points, t.Step)
	if err != nil {
		return err
	}
	for _, w := range out.Warnings {
		t.Warn("%s", w)
	}
	if err := pipeline.Write(t, "fleet", out.Fleet); err != nil {
		return err
	}
	if err := pipeline.Write(t, "fleet_share", out.Shares); err != nil {
		return err
	}
	return pipeline.Write(t, "fleet_hour", out.Hours)
}
