// Package fit turns what was measured, published and modelled into latency
// curves: for every model, platform and engine, how long a request of any
// batch size takes, and how far that may be wrong.
//
// The stance: a knot says where it comes from. What was measured is returned as
// measured; what was not is projected by the roofline, and the ranges of the
// assumptions behind it become the range of the knot. No constant is fitted to
// a published result.
//
// Start at Config and Curves. host.go does what was measured here, project.go
// carries it to another CPU, reference.go does the same for the reference
// engine, device.go chooses among the sources of an accelerator's times, and
// knots.go makes rows of whatever they found.
package fit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"runexp/hw"
	"runexp/models"
	"runexp/pipeline"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same inputs and Config.
const Version = 3

// How a curve is drawn through its knots.
const (
	LogLog     = "loglog"      // straight in log batch, log latency; monotone
	Log4Linear = "log4_linear" // the old release's: straight in log4 batch, latency; flat outside
)

// Config says which curves are made.
type Config struct {
	Models       []models.Config `json:"models"`
	Variant      string          `json:"variant"`      // as profiled
	TableScale   float64         `json:"table_scale"`  // as profiled
	CPUs         []string        `json:"cpus"`         // names of hw; "host" is the profiled machine
	Accelerators []string        `json:"accelerators"` // names of hw
	Engines      []string        `json:"engines"`      // runexp, reference; user needs no naming
	Method       string          `json:"method"`       // LogLog or Log4Linear
	// Extrapolate is how many times its last knot a curve reaches: past it the
	// simulator refuses to answer. At least 1.
	Extrapolate float64 `json:"extrapolate"`
	// RequestNS is what serving software adds to every request on a core,
	// whatever its size: copies of inputs, queues, an interpreter. It is an
	// assumption to be varied, not a measurement. Curves that a user brought
	// and accelerators do not have it.
	RequestNS int64 `json:"request_ns,omitempty"`
}

// Engines and Methods are what Config may name.
func Engines() []string { return []string{record.EngineRunexp, record.EngineReference} }

// Methods lists how a curve can be drawn.
func Methods() []string { return []string{LogLog, Log4Linear} }

// Validate names the first key that is out of range.
func (c Config) Validate() error {
	if len(c.Models) == 0 {
		return fmt.Errorf("models: none given")
	}
	for _, name := range c.CPUs {
		if _, err := hw.CPUByName(name); err != nil {
			return fmt.Errorf("cpus: %w", err)
		}
	}
	for _, name := range c.Accelerators {
		if _, err := hw.AccelByName(name); err != nil {
			return fmt.Errorf("accelerators: %w", err)
		}
	}
	for _, e := range c.Engines {
		if !slices.Contains(Engines(), e) {
			return fmt.Errorf("engines: unknown engine %q; known: %s", e, strings.Join(Engines(), ", "))
		}
	}
	switch {
	case !(c.TableScale > 0 && c.TableScale <= 1):
		return fmt.Errorf("table_scale: %v is not in (0, 1]", c.TableScale)
	case !slices.Contains(Methods(), c.Method):
		return fmt.Errorf("method: unknown method %q; known: %s", c.Method, strings.Join(Methods(), ", "))
	case c.RequestNS < 0:
		return fmt.Errorf("request_ns: %d is negative", c.RequestNS)
	case !(c.Extrapolate >= 1 && c.Extrapolate <= 16):
		return fmt.Errorf("extrapolate: %v is not in [1, 16]", c.Extrapolate)
	}
	return nil
}

// needsProfile reports whether any curve rests on measurements of the host: a
// user's own latencies do not, even those of the host.
func (c Config) needsProfile() bool {
	return slices.Contains(c.Engines, record.EngineRunexp) || len(c.Engines) > 0 && slices.Contains(c.CPUs, hw.HostName)
}

// action is what the rows depend on beside the input tables: the Config and
// the figures of its machines.
type action struct {
	Config
	CPUFigures   []hw.CPU         `json:"cpu_figures"`
	AccelFigures []hw.Accelerator `json:"accel_figures"`
	HostPages    string           `json:"host_pages,omitempty"`
}

// New returns the stage. It reads accel and, where a curve rests on it,
// profile; it writes latency_curve and latency_residual. A name that Validate
// rejects is reported when the stage runs.
func New(c Config) pipeline.Stage {
	a := action{Config: c}
	for _, name := range c.CPUs {
		if m, err := hw.CPUByName(name); err == nil {
			a.CPUFigures = append(a.CPUFigures, m)
		}
	}
	for _, name := range c.Accelerators {
		if m, err := hw.AccelByName(name); err == nil {
			a.AccelFigures = append(a.AccelFigures, m)
		}
	}
	after := []string{"accel"}
	if c.needsProfile() {
		after = append(after, "profile")
		a.HostPages = hw.HostPages()
	}
	return pipeline.Stage{
		Name:    "fit",
		Version: Version,
		After:   after,
		Config:  a,
		Tables: []artifact.Table{
			artifact.TableOf[record.LatencyCurve]("latency_curve"),
			artifact.TableOf[record.LatencyResidual]("latency_residual"),
		},
		Run: func(_ context.Context, t *pipeline.Task) error { return run(t, c) },
	}
}

// run reads the tables, makes the curves and writes them.
func run(t *pipeline.Task, c Config) error {
	var in Inputs
	var err error
	if c.needsProfile() {
		if in.Timings, err = pipeline.Read[record.OpTiming](t, "profile", "op_timing"); err != nil {
			return err
		}
		if in.Calibration, err = pipeline.Read[record.Calibration](t, "profile", "calibration"); err != nil {
			return err
		}
	}
	if in.Accel, err = pipeline.Read[record.AccelLatency](t, "accel", "accel_latency"); err != nil {
		return err
	}
	curves, residuals, err := Curves(c, in, t.Warn)
	if err != nil {
		return err
	}
	if err := pipeline.Write(t, "latency_curve", curves); err != nil {
		return err
	}
	return pipeline.Write(t, "latency_residual", residuals)
}
