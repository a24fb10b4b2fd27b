package models

import (
	"fmt"
	"math"

	"runexp/models/op"
)

// Graph is a model's operators in execution order, and how they are wired. It
// has shapes but, from Describe, no weights.
type Graph struct {
	Ops []op.Operator

	wires   []wire // one per operator
	blobs   []blob
	dense   int // blob of the dense input, -1 if there is none
	initial int // blob of the recurrent layers' first state, -1 if there is none
	outputs []int

	tables []table
	layers []layer
	ragged bool // lookups of generated inputs vary in length
	mixes  bool // items of a batch have to do with each other

	places []place // of blobs; nil if each has its own memory
}

// blob is a tensor that flows between operators: cols values per item.
type blob struct {
	name string
	cols int
}

// wire says which blobs an operator reads and writes, and which tables it looks
// up: then each has its blob.
type wire struct {
	in, out []int
	tables  []int
	scratch int // values of memory per item while it runs
}

// place is where a blob is: in the blob root, from a column of one step's rows
// on, stride values apart (0: as the operator likes it).
type place struct {
	root, col, step, stride int
}

// place returns where a blob is.
func (g *Graph) place(blob int) place {
	if g.places == nil {
		return place{root: blob}
	}
	return g.places[blob]
}

// table is an embedding table: its parameter is name_w, its inputs are name_i
// (indices) and name_l (lengths).
type table struct {
	name string
	op   *op.SparseLengthsSum
}

// layer is a linear map with parameters name_w and name_b.
type layer struct {
	name string
	*op.Linear
}

// Describe returns the graph of a model without making any weights: what it
// costs, how large it is, and how it is wired.
func Describe(cfg Config, o Options) (*Graph, error) {
	o, err := o.resolve(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name(), err)
	}
	cfg.Variant = o.Variant
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name(), err)
	}
	return describe(cfg.expand().scale(o.TableScale))
}

// describe builds the graph of a valid, expanded configuration.
func describe(cfg Config) (*Graph, error) {
	b := &builder{cfg: cfg, g: &Graph{dense: -1, initial: -1, ragged: !cfg.FixedLookups}}
	topologies[cfg.Type].build(b)
	if b.err == nil && b.g.Params() > maxParams {
		b.err = fmt.Errorf("%d parameters are more than the %d supported", b.g.Params(), int64(maxParams))
	}
	if b.err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name(), b.err)
	}
	return b.g, nil
}

// scale multiplies the rows of every table, keeping enough of them for lookups
// without repetition.
func (c Config) scale(by float64) Config {
	if by == 1 {
		return c
	}
	rows := make(Sizes, len(c.TableRows))
	for i, n := range c.TableRows {
		scaled := int(math.Round(float64(n) * by))
		rows[i] = max(scaled, min(n, c.Lookups), 1)
	}
	c.TableRows = rows
	return c
}

// Params is the number of parameters, tables included.
func (g *Graph) Params() int64 {
	n := g.TableBytes() / 4
	for _, l := range g.layers {
		n += l.Params()
	}
	return n
}

// TableBytes is the size of the embedding tables.
func (g *Graph) TableBytes() int64 {
	n := int64(0)
	for _, t := range g.tables {
		n += t.op.TableBytes()
	}
	return n
}

// MemoryBytes is what a built model and one engine for batches of up to
// maxBatch items take together.
func (g *Graph) MemoryBytes(maxBatch int) int64 {
	return 4*g.Params() + 4*int64(g.plan(maxBatch).total) + g.OutputBytes(maxBatch)
}

// InputBytes is the size of a batch's inputs (dense values, indices and lengths
// at four bytes each): what goes to an accelerator. Ragged lookups count at
// their mean.
func (g *Graph) InputBytes(batch int) int64 {
	n := int64(0)
	if g.dense >= 0 {
		n += int64(batch) * int64(g.blobs[g.dense].cols)
	}
	for _, t := range g.tables {
		n += t.op.Cost(batch).Rows + int64(batch)
	}
	return 4 * n
}

// OutputBytes is the size of a batch's outputs: what comes back.
func (g *Graph) OutputBytes(batch int) int64 {
	n := int64(0)
	for _, o := range g.outputs {
		n += int64(batch) * int64(g.blobs[o].cols)
	}
	return 4 * n
}

// SameLayers reports whether two graphs have the same weights, lookups and
// launches: then what was measured of one describes the other, the size of their
// tables aside.
func (g *Graph) SameLayers(h *Graph) bool {
	a, b := g.Cost(1), h.Cost(1)
	return a.WeightBytes == b.WeightBytes && a.Rows == b.Rows && a.RowBytes == b.RowBytes && a.Launches == b.Launches
}

// Cost is the sum over all operators.
func (g *Graph) Cost(batch int) op.Cost {
	var c op.Cost
	for _, o := range g.Ops {
		c = c.Plus(o.Cost(batch))
	}
	return c
}
