package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"runexp/pipeline/artifact"
	"runexp/serving/latency"
	"runexp/stages/node"
	"runexp/stages/record"
)

// serviceFlags say how a spec that names a table of curves is read.
type serviceFlags struct {
	model, platform, engine string
	colocation              bool
	residual                string
}

func (f *serviceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.model, "model", "", "of curve:TABLE: which model")
	cmd.Flags().StringVar(&f.platform, "platform", "", "of curve:TABLE: which CPU platform")
	cmd.Flags().StringVar(&f.engine, "engine", "", "of curve:TABLE: which engine")
	cmd.Flags().BoolVar(&f.colocation, "colocation", false, "of curve:TABLE: a core slows down as others are active")
	cmd.Flags().StringVar(&f.residual, "residual", "", "of curve:TABLE: scatter around the curve, from this latency_residual `table`")
}

// device is what a service describes: a curve, or a law that stands for itself.
type device struct{ model, platform, engine string }

// service reads DIST: a law, or a curve of a table.
func (f serviceFlags) service(flag, spec string, cores int) (*latency.Service, device, error) {
	table, isCurve := strings.CutPrefix(spec, "curve:")
	if !isCurve {
		s, err := latency.ParseService(spec)
		if err != nil {
			return nil, device{}, fmt.Errorf("%s: %w (a curve is curve:TABLE.parquet)", flag, err)
		}
		return s, device{record.None, spec, record.None}, nil
	}
	rows, err := artifact.ReadFile[record.LatencyCurve](table)
	if err != nil {
		return nil, device{}, err
	}
	d, err := f.choose(flag, table, rows)
	if err != nil {
		return nil, d, err
	}
	var residuals []record.LatencyResidual
	if f.residual != "" {
		if residuals, err = artifact.ReadFile[record.LatencyResidual](f.residual); err != nil {
			return nil, d, err
		}
		if !covers(residuals, d) { // a simulation without scatter is not what was asked for
			return nil, d, fmt.Errorf("--residual: %s: no rows of %s", f.residual, d)
		}
	}
	m := node.Machine{CPU: d.platform, Accel: record.None, Cores: cores}
	o := node.Options{Colocation: f.colocation, Noise: f.residual != ""}
	n, err := node.NewCatalogue(rows, residuals).Node(d.model, d.engine, m, o)
	if err != nil {
		return nil, d, fmt.Errorf("%s: %w", table, err)
	}
	return n.Service, d, nil
}

func covers(rows []record.LatencyResidual, d device) bool {
	return slices.ContainsFunc(rows, func(r record.LatencyResidual) bool { return device{r.Model, r.Platform, r.Engine} == d })
}

// choose finds the one curve that the flags name.
func (f serviceFlags) choose(flag, table string, rows []record.LatencyCurve) (device, error) {
	matches := func(want, got string) bool { return want == "" || want == got }
	var found []device
	for _, r := range rows {
		d := device{r.Model, r.Platform, r.Engine}
		if matches(f.model, d.model) && matches(f.platform, d.platform) && matches(f.engine, d.engine) && !slices.Contains(found, d) {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 0:
		return device{}, fmt.Errorf("%s: no curve of model %q on platform %q with engine %q", table, f.model, f.platform, f.engine)
	case 1:
		return found[0], nil
	}
	pick := "--model, --platform and --engine"
	if flag == "--accel-service" {
		pick = "--model and --accel-platform"
	}
	return device{}, fmt.Errorf("%s: %s: %d curves match, such as %v and %v; pick one with %s", flag, table, len(found), found[0], found[1], pick)
}

func (d device) String() string { return d.model + " on " + d.platform + " (" + d.engine + ")" }
