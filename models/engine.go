package models

import (
	"fmt"

	"runexp/models/op"
)

// Engine runs a model on one goroutine: the single-threaded worker of one core.
// It owns its scratch memory and shares the model's parameters.
type Engine struct {
	graph    *Graph
	maxBatch int
	args     []op.Args // one per operator, bound to scratch memory
	outputs  []Output
	scratch  []float32
	zeros    []float32 // the recurrent layers' first state unless the batch has one
	external []external
}

// external is an operand that comes with each batch.
type external struct {
	op, arg, blob int
}

// Output is one result tensor, row-major: Cols values for each item.
type Output struct {
	Name string
	Cols int
	Data []float32
}

// NewEngine returns a worker for batches of 1 to maxBatch items. It panics if
// maxBatch is less than 1.
func (m *Model) NewEngine(maxBatch int) *Engine {
	if maxBatch < 1 {
		panic(fmt.Sprintf("models: engine for batches of %d", maxBatch))
	}
	g := m.graph
	l := g.plan(maxBatch)
	e := &Engine{graph: g, maxBatch: maxBatch, args: make([]op.Args, len(g.Ops)), scratch: make([]float32, l.total)}
	if g.initial >= 0 {
		e.zeros = make([]float32, maxBatch*g.blobs[g.initial].cols)
	}
	at := func(blob int) []float32 {
		return e.scratch[l.offset[blob]:][:l.size[blob]:l.size[blob]]
	}
	for i, w := range g.wires {
		e.args[i].Out = at(w.out)
		e.args[i].In = make([][]float32, len(w.in))
		for k, in := range w.in {
			if l.offset[in] < 0 {
				e.external = append(e.external, external{i, k, in})
			} else {
				e.args[i].In[k] = at(in)
			}
		}
	}
	for _, o := range g.outputs {
		e.outputs = append(e.outputs, Output{Name: g.blobs[o].name, Cols: g.blobs[o].cols, Data: at(o)})
	}
	return e
}

// Run does one forward pass. After, unless nil, is called as each operator
// ends, with its place in Graph.Ops. The outputs are valid until the next Run.
// Run fails on a batch that does not fit the model or the engine; it allocates
// nothing.
func (e *Engine) Run(b *Batch, after func(opIndex int)) ([]Output, error) {
	if err := e.bind(b); err != nil {
		return nil, err
	}
	for i, o := range e.graph.Ops {
		a := &e.args[i]
		a.Batch = b.Size
		if t := e.graph.wires[i].table; t >= 0 {
			a.Indices, a.Lengths = b.Indices[t], b.Lengths[t]
		}
		if err := o.Run(a); err != nil {
			return nil, err
		}
		if after != nil {
			after(i)
		}
	}
	for i := range e.outputs {
		o := &e.outputs[i]
		o.Data = o.Data[:b.Size*o.Cols]
	}
	return e.outputs, nil
}

// bind checks the batch and points the operators at its tensors.
func (e *Engine) bind(b *Batch) error {
	if err := e.check(b); err != nil {
		return fmt.Errorf("batch: %w", err)
	}
	for _, x := range e.external {
		in := b.Dense
		if x.blob == e.graph.initial {
			if in = b.InitialState; in == nil {
				in = e.zeros
			}
		}
		e.args[x.op].In[x.arg] = in
	}
	for _, i := range e.graph.recurrent {
		e.args[i].Lengths = b.SequenceLengths
	}
	return nil
}

// check reports a batch of another model, or one too large.
func (e *Engine) check(b *Batch) error {
	g := e.graph
	if b.Size < 1 || b.Size > e.maxBatch {
		return fmt.Errorf("%d items, not 1 to %d", b.Size, e.maxBatch)
	}
	if len(b.Indices) != len(g.tables) || len(b.Lengths) != len(g.tables) {
		return fmt.Errorf("lookups in %d tables, not %d", len(b.Indices), len(g.tables))
	}
	for t, lengths := range b.Lengths {
		if len(lengths) != b.Size {
			return fmt.Errorf("table %d: %d lengths for %d items", t, len(lengths), b.Size)
		}
	}
	if g.dense >= 0 && len(b.Dense) != b.Size*g.blobs[g.dense].cols {
		return fmt.Errorf("%d dense values, not %d per item", len(b.Dense), g.blobs[g.dense].cols)
	}
	if b.InitialState != nil && (g.initial < 0 || len(b.InitialState) != b.Size*g.blobs[g.initial].cols) {
		return fmt.Errorf("%d values of initial state do not fit the model", len(b.InitialState))
	}
	if b.SequenceLengths != nil && len(b.SequenceLengths) != b.Size {
		return fmt.Errorf("%d sequence lengths for %d items", len(b.SequenceLengths), b.Size)
	}
	return nil
}
