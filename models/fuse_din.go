package models

import (
	"fmt"
	"slices"

	"runexp/internal/kernel"
	"runexp/models/op"
)

// attentionUnit is the nodes of one of DIN's attention units.
type attentionUnit struct {
	behavior, ad int // blobs
	layers       op.Unit
	nodes        []*node
}

// attention fuses all attention units with the sum over them, if each has one
// hidden layer of one value, and lets the behaviours be looked up side by side.
func (f *fuser) attention(n *node) {
	if _, is := as[*op.Sum](n); !is {
		return
	}
	units := make([]attentionUnit, len(n.in))
	for i, in := range n.in {
		var is bool
		if units[i], is = f.unit(n, in); !is || units[i].ad != units[0].ad {
			return
		}
	}
	dim := f.g.blobs[n.out[0]].cols
	root := len(f.g.blobs)
	f.g.blobs = append(f.g.blobs, blob{fmt.Sprintf("%s: behaviors", n.Name()), dim * len(units)})
	f.g.places = append(f.g.places, place{root: root})
	layers := make([]op.Unit, len(units))
	sum := n.Main
	n.Main, n.Parts = units[0].layers.Hidden, nil
	for i, u := range units {
		f.g.places[u.behavior] = place{root: root, step: i, stride: dim}
		layers[i] = u.layers
		n.absorb(u.nodes...)
	}
	n.Parts = append(n.Parts, sum)
	n.Runner = op.NewAttentionUnits(dim, layers)
	n.in, n.scratch = []int{units[0].ad, root}, len(units)
}

// unit finds the attention unit whose output n adds up.
func (f *fuser) unit(n *node, output int) (u attentionUnit, is bool) {
	second, ok := f.reluLayer(output, n)
	if !ok {
		return u, false
	}
	first, ok := f.reluLayer(second.in[0], second)
	if !ok {
		return u, false
	}
	joined := f.writer[first.in[0]]
	if _, is := as[*op.Concat](joined); !is || f.only(joined) != first || len(joined.in) != 3 {
		return u, false
	}
	sum := f.writer[joined.in[2]]
	u = attentionUnit{
		behavior: joined.in[0], ad: joined.in[1],
		layers: op.Unit{Hidden: first.Runner.(op.Layer).FC, Output: second.Runner.(op.Layer).FC},
		nodes:  []*node{sum, joined, first, second},
	}
	_, is = as[*op.Sum](sum)
	return u, is && u.layers.Hidden.Out == 1 && f.only(sum) == joined && slices.Equal(sum.in, joined.in[:2]) &&
		f.writer[u.behavior] != nil && slices.Equal(f.reads[u.behavior], []*node{sum, joined})
}

// reluLayer returns the layer with Relu that writes a blob for one reader.
func (f *fuser) reluLayer(output int, reader *node) (n *node, is bool) {
	n = f.writer[output]
	if n == nil || f.only(n) != reader {
		return nil, false
	}
	l, is := n.Runner.(op.Layer)
	return n, is && l.Activation == kernel.Relu
}
