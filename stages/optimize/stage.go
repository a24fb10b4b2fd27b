package optimize

import (
	"context"
	"sync"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same inputs and Config.
const Version = 2

// New returns the stage. It reads latency_curve and latency_residual of fit and
// writes operating_point, max_qps and probe.
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
		return part(t, cell, search)
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
	return pipeline.Write(t, "probe", out.Probes)
}

// warning is a warning as a row.
type warning struct {
	Text string `parquet:"text,dict"`
}

// part keeps what the search of a cell found, table by table: if one of them is
// not there any more the cell is searched again.
func part(t *pipeline.Task, cell string, search func() (Output, error)) (out Output, err error) {
	once := sync.OnceValues(search)
	if out.Points, err = partOf(t, cell+": points", once, func(o Output) []record.OperatingPoint { return o.Points }); err != nil {
		return Output{}, err
	}
	if out.Map, err = partOf(t, cell+": map", once, func(o Output) []record.MaxQPS { return o.Map }); err != nil {
		return Output{}, err
	}
	if out.Probes, err = partOf(t, cell+": probes", once, func(o Output) []record.Probe { return o.Probes }); err != nil {
		return Output{}, err
	}
	warnings, err := partOf(t, cell+": warnings", once, func(o Output) (rows []warning) {
		for _, text := range o.Warnings {
			rows = append(rows, warning{text})
		}
		return rows
	})
	for _, w := range warnings {
		out.Warnings = append(out.Warnings, w.Text)
	}
	return out, err
}

// partOf keeps one of the tables.
func partOf[T any](t *pipeline.Task, key string, search func() (Output, error), table func(Output) []T) ([]T, error) {
	return pipeline.Part(t, key, func() ([]T, error) {
		o, err := search()
		return table(o), err
	})
}
