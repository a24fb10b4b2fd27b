package models

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"runexp/internal/kernel"
	"runexp/internal/npz"
	"runexp/models/op"
)

// FromTensors makes a model with given parameters, and the batch of given
// inputs, from an archive's arrays. Names are those of the old release:
//
//	param/NAME_w, param/NAME_b   weights [out, in] and biases [out] of a layer
//	param/TABLE_w                a table [rows, dim]; its rows override cfg's
//	input/dense_in               dense inputs [batch, n]
//	input/TABLE_i, input/TABLE_l indices, flat, and lengths per item
//
// and, where the model has them, the optional input/initial_h [batch, hidden],
// input/seq_lengths [batch] and input/interaction_tril_indices. Variant
// overrides cfg's unless empty. Errors name the array that is missing or does
// not fit. Arrays that the model does not ask for are ignored.
//
// The model shares memory with the arrays; its Close does nothing to them.
func FromTensors(cfg Config, variant string, arrays map[string]npz.Array) (*Model, *Batch, error) {
	g, err := Describe(cfg, Options{Variant: variant})
	if err != nil {
		return nil, nil, err
	}
	x := tensors{arrays}
	if err := x.parameters(g); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", cfg.Name(), err)
	}
	b, err := x.batch(g)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", cfg.Name(), err)
	}
	if err := checkMemory(g.MemoryBytes(b.Size) - 4*g.Params()); err != nil {
		return nil, nil, fmt.Errorf("%s: batch of %d: %w", cfg.Name(), b.Size, err)
	}
	return &Model{graph: g, fused: fuse(g)}, b, nil
}

// tensors takes what a graph needs out of an archive's arrays.
type tensors struct {
	arrays map[string]npz.Array
}

// has reports whether an optional array is there.
func (x tensors) has(name string) bool {
	_, ok := x.arrays[name]
	return ok
}

// anySize stands for a dimension that the array decides.
const anySize = -1

// find returns an array of this shape.
func (x tensors) find(name string, shape ...int) (npz.Array, error) {
	a, ok := x.arrays[name]
	if !ok {
		return a, fmt.Errorf("%s: array is missing", name)
	}
	if !slices.EqualFunc(a.Shape, shape, func(got, want int) bool { return got == want || want == anySize }) {
		want := strings.ReplaceAll(fmt.Sprint(shape), strconv.Itoa(anySize), "any")
		return a, fmt.Errorf("%s: shape %v, want %s", name, a.Shape, want)
	}
	return a, nil
}

// floats returns the values of an array of this shape.
func (x tensors) floats(name string, shape ...int) ([]float32, error) {
	a, err := x.find(name, shape...)
	if err != nil {
		return nil, err
	}
	v, err := a.Floats()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// ints returns the values of an array of this shape, all in least..most.
func (x tensors) ints(name string, least, most int32, shape ...int) ([]int32, error) {
	a, err := x.find(name, shape...)
	if err != nil {
		return nil, err
	}
	v, err := a.Ints()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i, n := range v {
		if n < least || n > most {
			return nil, fmt.Errorf("%s: element %d: %d is not in %d..%d", name, i, n, least, most)
		}
	}
	return v, nil
}

// parameters gives every table and layer its values.
func (x tensors) parameters(g *Graph) error {
	for _, t := range g.tables {
		name := "param/" + t.name + "_w"
		values, err := x.floats(name, anySize, t.op.Dim)
		if err != nil {
			return err
		}
		t.op.Table, t.op.Rows = values, x.arrays[name].Shape[0]
		if t.op.Rows < 1 || t.op.Rows > maxRows {
			return fmt.Errorf("%s: %d rows are not in 1..%d", name, t.op.Rows, maxRows)
		}
	}
	for _, l := range g.layers {
		w, err := x.floats("param/"+l.name+"_w", l.Out, l.In)
		if err != nil {
			return err
		}
		if l.Bias, err = x.floats("param/"+l.name+"_b", l.Out); err != nil {
			return err
		}
		l.Weights = kernel.Pack(w, l.Out, l.In)
	}
	return x.gather(g)
}

// gather gives the dot interaction its own pairs if the archive lists them.
func (x tensors) gather(g *Graph) error {
	const name = "input/interaction_tril_indices"
	for i, o := range g.Ops {
		implied, is := o.(*op.BatchGather)
		if !is || !x.has(name) {
			continue
		}
		positions, err := x.ints(name, 0, math.MaxInt32, implied.Width())
		if err != nil {
			return err
		}
		if g.Ops[i], err = op.NewBatchGather(o.Name(), len(g.tables)+1, positions); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// batch returns the inputs; the first table's lengths say how many items.
func (x tensors) batch(g *Graph) (*Batch, error) {
	b := &Batch{Size: anySize}
	for _, t := range g.tables {
		lengths, err := x.ints("input/"+t.name+"_l", 0, math.MaxInt32, b.Size)
		if err != nil {
			return nil, err
		}
		if b.Size = len(lengths); b.Size == 0 {
			return nil, fmt.Errorf("input/%s_l: the batch has no items", t.name)
		}
		indices, err := x.ints("input/"+t.name+"_i", 0, int32(t.op.Rows-1), anySize)
		if err != nil {
			return nil, err
		}
		total := 0
		for _, n := range lengths {
			total += int(n)
		}
		if total != len(indices) {
			return nil, fmt.Errorf("input/%s_l: lengths add up to %d, but input/%s_i has %d indices", t.name, total, t.name, len(indices))
		}
		b.Indices, b.Lengths = append(b.Indices, indices), append(b.Lengths, lengths)
	}
	return b, x.others(g, b)
}

// others reads the inputs that are not lookups.
func (x tensors) others(g *Graph, b *Batch) (err error) {
	if g.dense >= 0 {
		if b.Dense, err = x.floats("input/dense_in", b.Size, g.blobs[g.dense].cols); err != nil {
			return err
		}
	}
	if g.initial >= 0 && x.has("input/initial_h") {
		if b.InitialState, err = x.floats("input/initial_h", b.Size, g.blobs[g.initial].cols); err != nil {
			return err
		}
	}
	if g.initial >= 0 && x.has("input/seq_lengths") {
		b.SequenceLengths, err = x.ints("input/seq_lengths", 0, math.MaxInt32, b.Size)
	}
	return err
}
