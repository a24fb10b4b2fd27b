package models

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"runexp/internal/kernel"
	"runexp/internal/stream"
)

// Model is a graph with its parameters. Engines share them: a Model is
// read-only once built.
type Model struct {
	graph  *Graph
	fused  *Graph    // the same, compiled into fewer operators
	memory []float32 // all tables, outside the Go heap; nil if they came from elsewhere
}

// Graph returns the model's graph, with weights.
func (m *Model) Graph() *Graph { return m.graph }

// Build makes a model with random parameters, reproducible from the seed:
// layers W ~ N(0, 2/(in+out)) and b ~ N(0, 1/out), tables U(-1/sqrt(rows),
// 1/sqrt(rows)), as the old release initialises them.
//
// A full-size model takes up to six gigabytes: Build fails, saying how much is
// needed, if that is not available. Close the model before building the next.
func Build(ctx context.Context, cfg Config, o Options) (*Model, error) {
	g, err := Describe(cfg, o)
	if err != nil {
		return nil, err
	}
	m := &Model{graph: g}
	if err := m.fill(ctx, cfg, o.Seed); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name(), errors.Join(err, m.Close()))
	}
	m.fused = fuse(g)
	return m, nil
}

// fill makes the parameters.
func (m *Model) fill(ctx context.Context, cfg Config, seed uint64) error {
	if err := cfg.checkLookups(); err != nil {
		return err
	}
	if err := m.graph.CheckMemory(0); err != nil {
		return err
	}
	memory, err := kernel.Alloc(int(m.graph.TableBytes() / 4))
	if err != nil {
		return fmt.Errorf("%w (a smaller table_scale needs less)", err)
	}
	m.memory = memory
	if err := m.fillTables(ctx, seed); err != nil {
		return err
	}
	for _, l := range m.graph.layers {
		rng := stream.New(seed, l.name)
		w := normal(rng, l.Out*l.In, 2/float64(l.In+l.Out))
		l.Weights = kernel.Pack(w, l.Out, l.In)
		l.Bias = normal(rng, l.Out, 1/float64(l.Out))
	}
	return nil
}

// fillTables cuts the memory into tables and fills them, several at a time:
// DIN has 250 that are too small to keep all cores busy one by one.
func (m *Model) fillTables(ctx context.Context, seed uint64) error {
	tables, memory := m.graph.tables, m.memory
	for _, t := range tables {
		n := t.op.Rows * t.op.Dim
		t.op.Table, memory = memory[:n:n], memory[n:]
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(tables)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				t := tables[i]
				bound := float32(1 / math.Sqrt(float64(t.op.Rows)))
				kernel.FillUniform(t.op.Table, stream.New(seed, t.name).Uint64(), -bound, bound)
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

// normal draws n values of mean 0.
func normal(rng *rand.Rand, n int, variance float64) []float32 {
	deviation := math.Sqrt(variance)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(deviation * rng.NormFloat64())
	}
	return x
}

// Touch reads every table once. On a virtual machine whose memory was idle, the
// first read of a page after Build can take its host a thousand times as long as
// those that follow: whoever measures does that beforehand.
func (m *Model) Touch() {
	for _, t := range m.graph.tables {
		kernel.StreamSum(t.op.Table)
	}
}

// Close gives the tables' memory back. The model and its engines must not be
// used afterwards.
func (m *Model) Close() error {
	memory := m.memory
	m.memory = nil
	for _, t := range m.graph.tables {
		t.op.Table = nil
	}
	if memory == nil {
		return nil
	}
	return kernel.Free(memory)
}
