package models

import (
	"fmt"

	"runexp/internal/kernel"
	"runexp/models/op"
)

// Fusion says how an engine runs a graph.
type Fusion string

const (
	// FusionNone runs the operators one by one over the whole batch, as the
	// old framework did: for breakdowns of time by kind of operator.
	FusionNone Fusion = "none"
	// FusionFull runs the graph compiled into fewer operators, a slice of the
	// batch at a time: what serves.
	FusionFull Fusion = "full"
)

// sliceBytes is how much memory a slice's tensors may take. Operators are the
// faster the more of them stay in the second-level cache, of 2 MiB on the machine
// that this was tried on; lookups, the fewer slices they are cut into. DIN and
// DIEN, with the largest tensors per item, are both within 5 % of their best.
const sliceBytes = 3 << 20

// Engine runs a model on one goroutine: the single-threaded worker of one core.
// It owns its scratch memory and shares the model's parameters.
type Engine struct {
	graph    *Graph // as it runs
	maxBatch int
	slice    int // items at a time
	scratch  []float32
	zeros    []float32 // the recurrent layers' first state unless the batch has one
	args     []op.Args // one per operator
	moving   []operand
	lookups  []lookup
	results  [][]float32 // memory of the outputs
	outputs  []Output
	taken    []int // per table: indices used so far
}

// Output is one result tensor, row-major: Cols values for each item.
type Output struct {
	Name string
	Cols int
	Data []float32
}

// NewEngine returns a worker for batches of 1 to maxBatch items, with fusion full.
// It panics if maxBatch is less than 1.
func (m *Model) NewEngine(maxBatch int) *Engine { return m.NewEngineAs(maxBatch, FusionFull) }

// NewEngineAs is NewEngine for either Fusion. It panics on any other.
func (m *Model) NewEngineAs(maxBatch int, f Fusion) *Engine {
	if maxBatch < 1 {
		panic(fmt.Sprintf("models: engine for batches of %d", maxBatch))
	}
	switch f {
	case FusionNone:
		return newEngine(m.graph, maxBatch, maxBatch)
	case FusionFull:
		slice := maxBatch
		if !m.fused.mixes {
			const sample = 64 // items, so that rounding to cache lines is no matter
			perItem := 4 * m.fused.plan(sample).total / sample
			slice = max(1, min(maxBatch, sliceBytes/max(1, perItem)))
		}
		return newEngine(m.fused, maxBatch, slice)
	}
	panic(fmt.Sprintf("models: fusion %q", f))
}

func newEngine(g *Graph, maxBatch, slice int) *Engine {
	l := g.plan(slice)
	e := &Engine{
		graph: g, maxBatch: maxBatch, slice: slice,
		scratch: make([]float32, l.total), args: make([]op.Args, len(g.Ops)), taken: make([]int, len(g.tables)),
	}
	if g.initial >= 0 {
		e.zeros = make([]float32, maxBatch*g.blobs[g.initial].cols)
	}
	for _, o := range g.outputs {
		e.results = append(e.results, make([]float32, maxBatch*g.blobs[o].cols))
		e.outputs = append(e.outputs, Output{Name: g.blobs[o].name, Cols: g.blobs[o].cols})
	}
	for i, w := range g.wires {
		e.placeArgs(&e.args[i], w, l, i)
	}
	return e
}

// Ops returns the operators that the engine runs, in execution order: those of
// the model's graph, or fused ones.
func (e *Engine) Ops() []op.Operator { return e.graph.Ops }

// Run does one forward pass. After, unless nil, is called as each operator
// ends, with its place in Ops: more than once for each if the batch runs in
// slices. The outputs are valid until the next Run. Run fails on a batch that
// does not fit the model or the engine; it allocates nothing.
func (e *Engine) Run(b *Batch, after func(opIndex int)) ([]Output, error) {
	if err := e.check(b); err != nil {
		return nil, fmt.Errorf("batch: %w", err)
	}
	clear(e.taken)
	from := 0
	for left := (b.Size + e.slice - 1) / e.slice; left > 0; left-- {
		n := (b.Size - from) / left
		e.bind(b, from, n)
		if err := e.pass(after); err != nil {
			return nil, explain(e.graph, b, err)
		}
		from += n
	}
	for i := range e.outputs {
		o := &e.outputs[i]
		o.Data = e.results[i][:b.Size*o.Cols]
	}
	return e.outputs, nil
}

// pass runs every operator on the slice that is bound.
func (e *Engine) pass(after func(opIndex int)) error {
	for i, o := range e.graph.Ops {
		if err := o.Run(&e.args[i]); err != nil {
			return err
		}
		if after != nil {
			after(i)
		}
	}
	return nil
}

// explain states an error of a slice in terms of the batch.
func explain(g *Graph, b *Batch, err error) error {
	for t, table := range g.tables {
		x := kernel.Lookup{Table: table.op.Table, Dim: table.op.Dim, Indices: b.Indices[t], Lengths: b.Lengths[t]}
		if err := x.Check(); err != nil {
			return fmt.Errorf("%s: %w", table.op.Label, err)
		}
	}
	return err
}
