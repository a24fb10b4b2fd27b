package node

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"runexp/serving/latency"
	"runexp/serving/sim"
	"runexp/stages/record"
)

// Catalogue holds the curves and residuals of a table, by what they describe.
type Catalogue struct {
	curves    map[key][]record.LatencyCurve
	residuals map[key][]record.LatencyResidual
}

// key is what one surface or residual describes.
type key struct{ model, platform, engine string }

func (k key) String() string { return fmt.Sprintf("%s on %s (%s)", k.model, k.platform, k.engine) }

// Options say how much of reality a node has. The zero value has neither.
type Options struct {
	Colocation bool `json:"colocation"` // cores slow down as others become active
	Noise      bool `json:"noise"`      // service times vary around the curve
}

// NewCatalogue sorts rows by what they describe.
func NewCatalogue(curves []record.LatencyCurve, residuals []record.LatencyResidual) *Catalogue {
	c := &Catalogue{map[key][]record.LatencyCurve{}, map[key][]record.LatencyResidual{}}
	for _, r := range curves {
		k := key{r.Model, r.Platform, r.Engine}
		c.curves[k] = append(c.curves[k], r)
	}
	for _, r := range residuals {
		k := key{r.Model, r.Platform, r.Engine}
		c.residuals[k] = append(c.residuals[k], r)
	}
	return c
}

// Node assembles one server that runs a model with a CPU engine. It fails where
// the table has no curve for the model, platform and engine.
func (c *Catalogue) Node(model, engine string, m Machine, o Options) (sim.Node, error) {
	n := sim.Node{Cores: m.Cores, Accelerators: m.Accelerators}
	var err error
	if n.Service, err = c.service(key{model, m.CPU, engine}, m.Cores, o); err != nil {
		return n, err
	}
	if m.Accelerators > 0 {
		// An accelerator serves one query at a time: nobody slows it down.
		n.AccelService, err = c.service(key{model, m.Accel, record.EngineAccel}, 1, o)
	}
	return n, err
}

// Has reports whether the table has what Node needs.
func (c *Catalogue) Has(model, engine string, m Machine) bool {
	_, cpu := c.curves[key{model, m.CPU, engine}]
	_, accel := c.curves[key{model, m.Accel, record.EngineAccel}]
	return cpu && (accel || m.Accelerators == 0)
}

// Batches lists the batch sizes that the table has for a model, platform and
// engine, ascending.
func (c *Catalogue) Batches(model, platform, engine string) []int {
	var list []int
	for _, r := range c.curves[key{model, platform, engine}] {
		list = append(list, int(r.BatchSize))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Scaled returns the catalogue with one curve multiplied by a ratio that may
// depend on the batch size.
func (c *Catalogue) Scaled(model, platform, engine string, ratio func(batch int) float64) *Catalogue {
	k := key{model, platform, engine}
	scaled := &Catalogue{maps.Clone(c.curves), c.residuals}
	scaled.curves[k] = slices.Clone(c.curves[k])
	for i := range scaled.curves[k] {
		r := &scaled.curves[k][i]
		f := ratio(int(r.BatchSize))
		r.LatencyNS, r.LoNS, r.HiNS = scale(r.LatencyNS, f), scale(r.LoNS, f), scale(r.HiNS, f)
	}
	return scaled
}

func scale(ns int64, f float64) int64 { return int64(math.Round(float64(ns) * f)) }

func (c *Catalogue) service(k key, cores int, o Options) (*latency.Service, error) {
	byWorkers, err := curves(k, c.curves[k])
	if err != nil {
		return nil, err
	}
	if !o.Colocation {
		alone := slices.Min(keysOf(byWorkers))
		byWorkers = map[int]*latency.Curve{1: byWorkers[alone]}
	}
	surface, err := latency.NewSurface(k.String(), byWorkers)
	if err != nil {
		return nil, err
	}
	s, err := latency.FromSurface(surface, cores)
	if err != nil || !o.Noise || len(c.residuals[k]) == 0 {
		return s, err
	}
	noise, err := residual(k, c.residuals[k])
	if err != nil {
		return nil, err
	}
	return s.WithNoise(noise), nil
}

func keysOf[V any](m map[int]V) []int {
	var ks []int
	for k := range m {
		ks = append(ks, k)
	}
	return ks
}

// curves returns one curve per number of active cores. A curve answers up to
// its last row, which says itself when it is extrapolated.
func curves(k key, rows []record.LatencyCurve) (map[int]*latency.Curve, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("latency_curve: no rows for %s", k)
	}
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b record.LatencyCurve) int {
		return cmp.Or(cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.BatchSize, b.BatchSize))
	})
	knots := map[int][]latency.Knot{}
	for _, r := range rows {
		knots[int(r.Workers)] = append(knots[int(r.Workers)], latency.Knot{
			Batch:   int(r.BatchSize),
			Latency: time.Duration(r.LatencyNS),
			Lo:      time.Duration(r.LoNS),
			Hi:      time.Duration(r.HiNS),
		})
	}
	out := map[int]*latency.Curve{}
	for workers, ks := range knots {
		name := fmt.Sprintf("%s, %d active", k, workers)
		c, err := latency.NewCurve(name, ks, ks[len(ks)-1].Batch)
		if err != nil {
			return nil, err
		}
		out[workers] = c
	}
	return out, nil
}

func residual(k key, rows []record.LatencyResidual) (*latency.Residual, error) {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b record.LatencyResidual) int {
		return cmp.Or(cmp.Compare(a.BatchSize, b.BatchSize), cmp.Compare(a.Quantile, b.Quantile))
	})
	var knots []latency.RatioKnot
	for _, r := range rows {
		knots = append(knots, latency.RatioKnot{Batch: int(r.BatchSize), Quantile: r.Quantile, Ratio: r.Ratio})
	}
	return latency.NewResidual(k.String(), knots)
}
