package models

import (
	"fmt"

	"runexp/internal/kernel"
	"runexp/models/op"
)

// operand is memory that an operator reads or writes and that is elsewhere for
// each slice of a batch.
type operand struct {
	data   *[]float32
	memory []float32 // what it is in, or nil for inputs and outputs
	place
}

// lookup is the indices that an operator takes of a table.
type lookup struct {
	*kernel.Lookup
	table int
}

// placeArgs binds the operands of an operator to memory.
func (e *Engine) placeArgs(a *op.Args, w wire, l layout, i int) {
	a.Scratch = e.scratch[l.scratch[i]:][:w.scratch*e.slice]
	a.In = make([]op.Tensor, len(w.in))
	for k, in := range w.in {
		a.In[k].Stride = e.place(&a.In[k].Data, in, l)
	}
	if len(w.tables) == 0 {
		a.Out.Stride = e.place(&a.Out.Data, w.out[0], l)
		return
	}
	a.Lookups = make([]kernel.Lookup, len(w.tables))
	for k, t := range w.tables {
		x, s := &a.Lookups[k], e.graph.tables[t].op
		x.Table, x.Dim = s.Table, s.Dim
		if x.Stride = e.place(&x.Dst, w.out[k], l); x.Stride == 0 {
			x.Stride = x.Dim
		}
		e.lookups = append(e.lookups, lookup{x, t})
	}
}

// place binds data to the memory of a blob, or notes that it moves, and returns
// the stride.
func (e *Engine) place(data *[]float32, blob int, l layout) int {
	p := e.graph.place(blob)
	var memory []float32
	if at := l.offset[p.root]; at >= 0 {
		n := e.graph.blobs[p.root].cols * e.slice
		memory = e.scratch[at:][:n:n]
		*data = memory[p.col:]
	}
	if memory == nil || p.step > 0 {
		e.moving = append(e.moving, operand{data, memory, p})
	}
	return p.stride
}

// bind points the operators at the batch's items from..from+n.
func (e *Engine) bind(b *Batch, from, n int) {
	for i := range e.args {
		e.args[i].Batch, e.args[i].Lengths = n, nil
		if b.SequenceLengths != nil {
			e.args[i].Lengths = b.SequenceLengths[from : from+n]
		}
	}
	for i := range e.moving {
		if x := &e.moving[i]; x.memory != nil {
			*x.data = x.memory[x.step*n*x.stride+x.col:]
		} else {
			*x.data = e.outside(b, x.root)[from*e.graph.blobs[x.root].cols:]
		}
	}
	for i := range e.lookups {
		e.bindLookup(&e.lookups[i], b, from, n)
	}
}

// outside returns the memory of an input or output.
func (e *Engine) outside(b *Batch, blob int) []float32 {
	switch {
	case blob == e.graph.dense:
		return b.Dense
	case blob == e.graph.initial && b.InitialState != nil:
		return b.InitialState
	case blob == e.graph.initial:
		return e.zeros
	}
	for i, o := range e.graph.outputs {
		if o == blob {
			return e.results[i]
		}
	}
	return nil // an operator's output that nobody reads has memory: not reached
}

// bindLookup takes the indices of n items, as their lengths have it, and for the
// last ones all that are left: the operator finds out if that does not fit.
func (e *Engine) bindLookup(x *lookup, b *Batch, from, n int) {
	rest := b.Indices[x.table][e.taken[x.table]:]
	x.Lengths = b.Lengths[x.table][from : from+n]
	x.Indices = rest
	if from+n == b.Size {
		return
	}
	total := 0
	for _, k := range x.Lengths {
		total += int(k)
	}
	x.Indices = rest[:min(max(total, 0), len(rest))]
	e.taken[x.table] += len(x.Indices)
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
