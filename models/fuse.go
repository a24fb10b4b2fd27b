package models

import (
	"slices"

	"runexp/internal/kernel"
	"runexp/models/op"
)

// fuser compiles a graph into one of fewer operators: a few rules, each of which
// looks for operators wired in one way and puts a fused one in their place.
// Blobs keep their numbers. What no rule knows stays as it is.
type fuser struct {
	g     *Graph // as it will be, but for the operators and wires
	nodes []*node
	// Who writes a blob, and who reads it; outputs have a reader outside, nil.
	writer map[int]*node
	reads  map[int][]*node
}

// node is an operator of the graph as it will be.
type node struct {
	*op.Fused
	wire
	gone bool
}

// fuse compiles a graph that has its weights.
func fuse(g *Graph) *Graph {
	fused := *g
	f := &fuser{g: &fused}
	for i, o := range g.Ops {
		f.nodes = append(f.nodes, &node{Fused: op.Alone(o), wire: g.wires[i]})
	}
	fused.blobs = slices.Clone(g.blobs)
	fused.places = make([]place, len(g.blobs))
	for i := range fused.places {
		fused.places[i] = place{root: i}
	}
	for _, rule := range []func(*node){f.layer, f.pairs, f.attend, f.attention, f.lookups, f.concat} {
		f.index()
		for _, n := range f.nodes {
			if !n.gone {
				rule(n)
			}
		}
	}
	f.index()
	fused.Ops, fused.wires = nil, nil
	for _, n := range f.nodes {
		fused.Ops, fused.wires = append(fused.Ops, n.Fused), append(fused.wires, n.wire)
	}
	return &fused
}

// index drops the nodes that are gone and finds writers and readers.
func (f *fuser) index() {
	f.nodes = slices.DeleteFunc(f.nodes, func(n *node) bool { return n.gone })
	f.writer, f.reads = map[int]*node{}, map[int][]*node{}
	for _, n := range f.nodes {
		for _, b := range n.out {
			f.writer[b] = n
		}
		for _, b := range n.in {
			f.reads[b] = append(f.reads[b], n)
		}
	}
	for _, b := range f.g.outputs {
		f.reads[b] = append(f.reads[b], nil)
	}
}

// only returns the one reader of a node's output, or nil.
func (f *fuser) only(n *node) *node {
	if r := f.reads[n.out[0]]; len(r) == 1 {
		return r[0]
	}
	return nil
}

// as returns the operator of a node that stands for nothing else, if it is a T.
func as[T op.Operator](n *node) (o T, is bool) {
	if n == nil || len(n.Parts) > 1 {
		return o, false
	}
	o, is = n.Main.(T)
	return o, is
}

// absorb makes n stand for others, too.
func (n *node) absorb(others ...*node) {
	for _, o := range others {
		n.Parts = append(n.Parts, o.Parts...)
		o.gone = true
	}
}

// layer fuses an FC with the activation after it.
func (f *fuser) layer(n *node) {
	fc, is := as[*op.FC](n)
	if !is {
		return
	}
	next := f.only(n)
	l := op.Layer{FC: fc}
	if _, is := as[*op.Relu](next); is {
		l.Activation = kernel.Relu
	} else if _, is := as[*op.Sigmoid](next); is {
		l.Activation = kernel.Sigmoid
	} else {
		return
	}
	n.Runner, n.out = l, next.out
	n.absorb(next)
}

// pairs fuses all dot products with the choice of a triangle.
func (f *fuser) pairs(n *node) {
	products, is := as[*op.BatchMatMul](n)
	if !is {
		return
	}
	next := f.only(n)
	gather, is := as[*op.BatchGather](next)
	if !is {
		return
	}
	if _, is := gather.Lower(products.Vectors); is {
		n.Runner, n.out = op.Pairs{BatchMatMul: products, Gather: gather}, next.out
		n.absorb(next)
	}
}

// attend fuses h + softmax(FC(h)).
func (f *fuser) attend(n *node) {
	fc, is := as[*op.FC](n)
	if !is {
		return
	}
	scaled := f.only(n)
	softmax, is := as[*op.Softmax](scaled)
	if !is {
		return
	}
	sum := f.only(scaled)
	if _, is := as[*op.Sum](sum); is && slices.Equal(sum.in, []int{n.in[0], scaled.out[0]}) {
		n.Runner, n.out = op.Attend{FC: fc, Softmax: softmax}, sum.out
		n.absorb(scaled, sum)
	}
}

// lookups joins lookups that follow each other.
func (f *fuser) lookups(n *node) {
	if _, is := as[*op.SparseLengthsSum](n); !is {
		return
	}
	var all op.Lookups
	for _, next := range f.nodes[slices.Index(f.nodes, n):] {
		s, is := as[*op.SparseLengthsSum](next)
		if !is {
			break
		}
		all = append(all, s)
		if next != n {
			n.out, n.tables = slices.Concat(n.out, next.out), slices.Concat(n.tables, next.tables)
			n.absorb(next)
		}
	}
	n.Runner = all
}

// concat lets the parts of a Concat be computed in place, and leaves it those
// that cannot: inputs of the model, and what is in another place already.
func (f *fuser) concat(n *node) {
	c, is := as[*op.Concat](n)
	out := n.out[0]
	if !is || slices.Contains(f.g.outputs, out) {
		return
	}
	copies := op.Copies{Concat: c}
	var left []int
	for i, in := range n.in {
		if c.Parts[i].Width == f.g.blobs[in].cols && f.movable(in) {
			p := place{root: out}
			p.col, p.step, p.stride = c.Place(i)
			f.g.places[in] = p
		} else {
			copies.Parts, left = append(copies.Parts, i), append(left, in)
		}
	}
	n.Runner, n.in = copies, left
	if len(left) == 0 && len(f.reads[out]) > 0 {
		f.reads[out][0].absorb(n)
	}
}

// movable reports whether a blob may become a place in another: an operator
// writes it, and it is neither an output, nor moved already, nor has others in
// it.
func (f *fuser) movable(blob int) bool {
	if f.writer[blob] == nil || slices.Contains(f.g.outputs, blob) {
		return false
	}
	for b, p := range f.g.places {
		if p.root == blob && b != blob || b == blob && p.root != blob {
			return false
		}
	}
	return true
}
