package report

import (
	"fmt"

	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Tables are the rows that the report draws from; a table is nil where the
// experiment does not have it.
type Tables struct {
	OpDetail     []record.OpDetail
	AccelLatency []record.AccelLatency
	AccelOp      []record.AccelOp
	Curve        []record.LatencyCurve
	Trial        []record.Trial
	Point        []record.OperatingPoint
	Grid         []record.MaxQPS
	Mix          []record.MixPoint
	Validation   []record.Validation
	Fleet        []record.Fleet
	FleetHour    []record.FleetHour
	Paper        []record.PaperCheck
	// Sources says where each table came from, in the order of the stages.
	Sources []Source
	// Warnings of all stages upstream, each as "stage: text".
	Warnings []string
}

// Source is the provenance of one table.
type Source struct {
	Stage   string
	Version int
	artifact.Meta
}

// readTables reads every table that the report knows and the experiment has,
// and the provenance of all of them.
func readTables(t *pipeline.Task, stages []Stage) (Tables, error) {
	in := Tables{Warnings: t.Warnings()}
	for _, s := range stages {
		for _, name := range s.Tables {
			m, err := t.Meta(s.Name, name)
			if err != nil {
				return in, err
			}
			in.Sources = append(in.Sources, Source{Stage: s.Name, Version: s.Version, Meta: m})
			if err := in.read(t, s.Name, name); err != nil {
				return in, fmt.Errorf("report: %w", err)
			}
		}
	}
	return in, nil
}

func (in *Tables) read(t *pipeline.Task, stage, table string) (err error) {
	switch table {
	case "op_detail":
		in.OpDetail, err = pipeline.Read[record.OpDetail](t, stage, table)
	case "accel_latency":
		in.AccelLatency, err = pipeline.Read[record.AccelLatency](t, stage, table)
	case "accel_op":
		in.AccelOp, err = pipeline.Read[record.AccelOp](t, stage, table)
	case "latency_curve":
		in.Curve, err = pipeline.Read[record.LatencyCurve](t, stage, table)
	case "trial":
		in.Trial, err = pipeline.Read[record.Trial](t, stage, table)
	case "operating_point":
		in.Point, err = pipeline.Read[record.OperatingPoint](t, stage, table)
	case "max_qps":
		in.Grid, err = pipeline.Read[record.MaxQPS](t, stage, table)
	case "mix_point":
		in.Mix, err = pipeline.Read[record.MixPoint](t, stage, table)
	case "fleet":
		in.Fleet, err = pipeline.Read[record.Fleet](t, stage, table)
	case "fleet_hour":
		in.FleetHour, err = pipeline.Read[record.FleetHour](t, stage, table)
	case "paper_check":
		in.Paper, err = pipeline.Read[record.PaperCheck](t, stage, table)
	case "validation":
		in.Validation, err = pipeline.Read[record.Validation](t, stage, table)
	}
	return err
}
