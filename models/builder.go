package models

import (
	"fmt"

	"runexp/models/op"
)

// builder grows a graph operator by operator. Its methods take and return blob
// numbers. The first error stays; what is built after it is thrown away.
//
// Names of blobs and parameters are those of the old release, so that golden
// tensors and users' archives can be matched by name.
type builder struct {
	cfg Config
	g   *Graph
	err error
}

// blob adds a tensor.
func (b *builder) blob(name string, cols int) int {
	b.g.blobs = append(b.g.blobs, blob{name, cols})
	return len(b.g.blobs) - 1
}

// add appends an operator whose output has cols values per item.
func (b *builder) add(o op.Operator, cols int, in ...int) int {
	if len(b.g.Ops) >= maxOps {
		b.err = fmt.Errorf("more than %d operators", maxOps)
		return 0
	}
	out := b.blob(o.Name(), cols)
	b.g.Ops = append(b.g.Ops, o)
	b.g.wires = append(b.g.wires, wire{in: in, out: []int{out}})
	return out
}

// cols returns the width of a blob.
func (b *builder) cols(blob int) int { return b.g.blobs[blob].cols }

// denseInput adds the dense input.
func (b *builder) denseInput(cols int) int {
	b.g.dense = b.blob("dense_in", cols)
	return b.g.dense
}

// output marks the model's outputs.
func (b *builder) output(blobs ...int) { b.g.outputs = append(b.g.outputs, blobs...) }

// lookups adds one SparseLengthsSum per table, named prefix0, prefix1, ...
func (b *builder) lookups(prefix string, rows Sizes) []int {
	blobs := make([]int, len(rows))
	for i, n := range rows {
		name := fmt.Sprintf("%s%d", prefix, i)
		s := &op.SparseLengthsSum{Label: name + "_z", Rows: n, Dim: b.cfg.Dim, Lookups: b.cfg.Lookups, Ragged: !b.cfg.FixedLookups}
		blobs[i] = b.add(s, b.cfg.Dim)
		if b.err == nil {
			b.g.wires[len(b.g.wires)-1].tables = []int{len(b.g.tables)}
		}
		b.g.tables = append(b.g.tables, table{name, s})
	}
	return blobs
}

// layer registers the parameters of a linear map.
func (b *builder) layer(name string, l *op.Linear) {
	b.g.layers = append(b.g.layers, layer{name, l})
}

// fc adds a fully connected layer with parameters name_w and name_b. The input
// holds repeat rows per item.
func (b *builder) fc(name, output string, in, width, repeat int) int {
	f := &op.FC{Label: output, Repeat: repeat, Linear: op.Linear{In: b.cols(in) / repeat, Out: width}}
	b.layer(name, &f.Linear)
	return b.add(f, width*repeat, in)
}

// mlp adds fully connected layers, each followed by Relu, or by Sigmoid for
// layer number sigmoid (counted from 1; 0 for none). Layers are named
// prefix:::fc1 onwards, the last activation output.
func (b *builder) mlp(prefix, output string, in int, widths Sizes, sigmoid int) int {
	for i, width := range widths {
		name := fmt.Sprintf("%s:::fc%d", prefix, i+1)
		y := b.fc(name, name+"_y", in, width, 1)
		z := name + "_z"
		if i == len(widths)-1 {
			z = output
		}
		if i+1 == sigmoid {
			in = b.add(&op.Sigmoid{Label: z, Cols: width}, width, y)
		} else {
			in = b.add(&op.Relu{Label: z, Cols: width}, width, y)
		}
	}
	return in
}

// concat joins blobs side by side.
func (b *builder) concat(name string, in ...int) int {
	c := &op.Concat{Label: name}
	for _, blob := range in {
		c.Parts = append(c.Parts, op.Part{Width: b.cols(blob)})
	}
	return b.add(c, c.Width(), in...)
}

// sum adds blobs of one width.
func (b *builder) sum(name string, in ...int) int {
	cols := b.cols(in[0])
	return b.add(&op.Sum{Label: name, Cols: cols, Inputs: len(in)}, cols, in...)
}
