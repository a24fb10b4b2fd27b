package validate

import (
	"context"
	"fmt"
	"math"
	"time"

	"runexp/models"
	"runexp/serving/live"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/node"
	"runexp/stages/record"
)

// Platform and engine of what runs here, as profile and fit name them.
const (
	platform = "host"
	engine   = record.EngineRunexp
)

// Output is what the live runs found.
type Output struct {
	Rows     []record.Validation
	Live     []record.Trial // measured
	Twin     []record.Trial // simulated: the same load, seed and policy
	Warnings []string
}

// Live compares the simulator with the real models on this machine. The curves
// must come from the profile of the same machine.
func Live(ctx context.Context, c Config, cat *node.Catalogue, step Progress) (Output, error) {
	var out Output
	l := c.Live
	total := len(l.Models) * len(l.Placements)
	for i, m := range l.Models {
		built, err := models.Build(ctx, m.Config, models.Options{Variant: l.Variant, TableScale: l.TableScale, Seed: c.Seed})
		if err != nil {
			return out, err
		}
		built.Touch()
		for j, name := range l.Placements {
			step(i*len(l.Placements)+j, total, m.Config.Name()+", "+name)
			if err := out.placement(ctx, c, cat, m, name, built); err != nil {
				return out, fmt.Errorf("%s: %w", m.Config.Name(), err)
			}
		}
		if err := built.Close(); err != nil {
			return out, err
		}
	}
	step(total, total, "done")
	return out, nil
}

// bench is one model on one placement: a live pool and its simulated twin.
type bench struct {
	config  Config
	curves  *node.Catalogue
	model   Model
	name    string // of the case
	pool    *live.Pool
	place   live.Placement
	node    sim.Node
	policy  policy.Policy
	load    load.Arrivals
	sizes   load.Sizes
	machine node.Machine
}

func (o *Output) placement(ctx context.Context, c Config, cat *node.Catalogue, m Model, name string, built *models.Model) error {
	b, err := newBench(c, cat, m, name, built)
	if err != nil {
		return err
	}
	capacity, err := node.Capacity(b.node, b.policy, b.sizes)
	if err != nil {
		return err
	}
	for _, u := range c.Live.Utilisation {
		if err := o.trial(ctx, b, u, u*capacity); err != nil {
			return err
		}
	}
	if c.Live.MaxQPS && m.SLANS > 0 {
		return o.maxQPS(ctx, b, capacity)
	}
	return nil
}

func newBench(c Config, cat *node.Catalogue, m Model, name string, built *models.Model) (*bench, error) {
	l := c.Live
	b := &bench{config: c, curves: cat, model: m, place: live.Shared(), policy: policy.Policy{BatchSize: l.BatchSize, OffloadThreshold: l.OffloadThreshold}}
	var err error
	if name == Apart {
		if b.place, err = live.Apart(); err != nil {
			return nil, err
		}
	}
	engines := len(b.place.Engines)
	b.machine = node.Machine{CPU: platform, Accel: l.Accel, Cores: engines}
	if l.Accel != record.None {
		b.machine.Accelerators = 1
	}
	if b.node, err = cat.Node(m.Config.Name(), engine, b.machine, l.Options); err != nil {
		return nil, err
	}
	if b.load, err = node.ParseArrivals(l.Arrivals); err != nil {
		return nil, err
	}
	if b.sizes, err = node.ParseSizes(l.Sizes, l.MaxQuerySize); err != nil {
		return nil, err
	}
	b.pool = live.NewPool(built, engines, min(l.BatchSize, b.sizes.Max()), c.Seed)
	b.name = fmt.Sprintf("%s, %s, %d engines, batch %d", m.Config.Name(), name, engines, l.BatchSize)
	return b, nil
}

// queries is how many arrive in a probe, warm-up included. They take four
// fifths of its time: the rest is for the last ones, and for chance.
func (b *bench) queries(rate float64) int {
	return max(50, int(0.8*b.config.Live.Seconds*rate))
}

func (b *bench) live(ctx context.Context, rate float64, queries int) (live.Result, error) {
	return b.pool.Run(ctx, live.Config{
		Place: b.place, Policy: b.policy, Arrivals: b.load, Sizes: b.sizes, RateQPS: rate,
		Queries: queries - queries/10, Warmup: queries / 10, Seed: b.config.Seed,
		Limit:        time.Duration(b.config.Live.Seconds * float64(time.Second)),
		Accelerators: b.node.Accelerators, AccelService: b.node.AccelService,
	})
}

func (b *bench) simulate(ctx context.Context, n sim.Node, rate float64, queries int) (sim.Result, error) {
	return sim.Run(ctx, sim.Config{
		Nodes: []sim.Node{n}, Policy: b.policy, Arrivals: b.load, Sizes: b.sizes, RateQPS: rate,
		Queries: queries - queries/10, Warmup: queries / 10, Seed: b.config.Seed,
	})
}

// trial compares one rate, with the curve of the profile and with the curve as
// it is now, before and after the run.
func (o *Output) trial(ctx context.Context, b *bench, share, rate float64) error {
	name, queries := fmt.Sprintf("%s at %.0f %%", b.name, 100*share), b.queries(rate)
	var got live.Result
	now, err := b.around(func() (err error) {
		got, err = b.live(ctx, rate, queries)
		return err
	})
	if err != nil {
		return err
	}
	want, err := b.simulate(ctx, b.node, rate, queries)
	if err != nil {
		return err
	}
	wantNow, err := b.simulate(ctx, now, rate, queries)
	if err != nil {
		return err
	}
	o.doubts(name, got)
	if got.Overloaded {
		o.Rows = append(o.Rows, record.Validation{CheckName: "live", CaseName: name, Metric: "p95_ns", Expected: float64(want.P95),
			Observed: math.Inf(1), RelError: math.Inf(1), Tolerance: tailTolerance, Note: "the live run did not end in time"})
		return nil
	}
	o.Rows = append(o.Rows, b.rows(name, got, want, wantNow, now.Service)...)
	o.Live = append(o.Live, b.row(rate, got.Result))
	o.Twin = append(o.Twin, b.row(rate, want))
	return nil
}

// doubts are warnings about the live run itself.
func (o *Output) doubts(name string, got live.Result) {
	if !got.Pinned {
		o.Warnings = append(o.Warnings, name+": threads were not pinned to cores")
	}
	if got.Preempted > 0 {
		o.Warnings = append(o.Warnings, fmt.Sprintf("%s: engines were taken off their cores %d times: something else ran on this machine", name, got.Preempted))
	}
	if got.Late > 0 {
		o.Warnings = append(o.Warnings, fmt.Sprintf("%s: %d queries were sent over %v late, the worst by %v",
			name, got.Late, live.LateAfter, got.Latest.Round(time.Microsecond)))
	}
}

// row is a trial in the table that simulate has too.
func (b *bench) row(rate float64, r sim.Result) record.Trial {
	t := record.Trial{
		Experiment: b.config.Live.Experiment, Model: b.model.Config.Name(), CPUPlatform: platform, Engine: engine,
		AccelPlatform: b.machine.Accel, Servers: 1, Cores: int32(b.machine.Cores), Accelerators: int32(b.machine.Accelerators),
		Router: sim.Random, Arrivals: b.load.Name(), SizeDist: b.sizes.Name(),
		BatchSize: int32(b.policy.BatchSize), OffloadThreshold: int32(b.policy.OffloadThreshold), Admission: record.AdmitAll, RateQPS: rate, Seed: int64(b.config.Seed),
	}
	node.Measure(&t, r)
	return t
}
