package models

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Batch holds the inputs of one forward pass over Size items.
type Batch struct {
	Size    int
	Dense   []float32 // row-major; empty for models without dense inputs
	Indices [][]int32 // per table: the rows to look up, item after item
	Lengths [][]int32 // per table: how many of them each item has
	// InitialState, dien: the recurrent layers' first state, row-major; nil is
	// zeros.
	InitialState []float32
	// SequenceLengths, dien: after how many steps an item's state stays as it
	// is; nil is never.
	SequenceLengths []int32
}

// NewBatch draws fresh inputs: dense values uniform in [0, 1), and for every
// table as many rows per item as the model looks up, or, for a model with
// ragged lookups, a number uniform in 0..that. It panics if size is less
// than 1.
func (m *Model) NewBatch(size int, rng *rand.Rand, dist IndexDist) *Batch {
	if size < 1 {
		panic(fmt.Sprintf("models: batch of %d", size))
	}
	g := m.graph
	b := &Batch{Size: size}
	if g.dense >= 0 {
		b.Dense = make([]float32, size*g.blobs[g.dense].cols)
		for i := range b.Dense {
			b.Dense[i] = rng.Float32()
		}
	}
	for t := range g.tables {
		lengths, total := g.drawLengths(size, t, rng)
		indices := make([]int32, total)
		rest := indices
		for _, n := range lengths {
			dist.Draw(rng, t, g.tables[t].op.Rows, rest[:n])
			rest = rest[n:]
		}
		b.Indices = append(b.Indices, indices)
		b.Lengths = append(b.Lengths, lengths)
	}
	return b
}

// drawLengths draws the number of lookups of each item, and their sum.
func (g *Graph) drawLengths(size, t int, rng *rand.Rand) ([]int32, int) {
	most := g.tables[t].op.Lookups
	lengths, total := make([]int32, size), 0
	for i := range lengths {
		n := most
		if g.ragged {
			n = rng.IntN(most + 1)
		}
		lengths[i] = int32(n)
		total += n
	}
	return lengths, total
}

// IndexDist draws which rows of a table are looked up.
type IndexDist interface {
	// Draw fills dst, the lookup of one item in table number table, with rows out
	// of 0..rows-1; len(dst) is at most rows.
	Draw(rng *rand.Rand, table, rows int, dst []int32)
}

// Uniform draws every row with the same probability, and different rows for one
// lookup: the least locality that there can be. Package locality has others.
type Uniform struct{}

// Draw draws row by row, again where a row is already there. A small hash set
// finds those; it is at most a quarter full up to 128 lookups (RMC2 has 120).
func (Uniform) Draw(rng *rand.Rand, _, rows int, dst []int32) {
	if len(dst) > rows {
		panic(fmt.Sprintf("models: %d different rows of a table of %d", len(dst), rows))
	}
	if len(dst) <= 8 { // nothing is quicker to search than the list itself
		for i := range dst {
			for dst[i] = rng.Int32N(int32(rows)); slices.Contains(dst[:i], dst[i]); {
				dst[i] = rng.Int32N(int32(rows))
			}
		}
		return
	}
	var small [512]int32
	set := small[:]
	for len(set) < 4*len(dst) {
		set = make([]int32, 2*len(set))
	}
	for i := range dst {
		for {
			row := rng.Int32N(int32(rows))
			if insert(set, row) {
				dst[i] = row
				break
			}
		}
	}
}

// insert adds a row to an open-addressing hash set whose slots hold row + 1,
// and reports whether it is new. The set's length is a power of two.
func insert(set []int32, row int32) bool {
	mask := uint32(len(set) - 1)
	for h := uint32(row) * 0x9E3779B1; ; h++ { // Knuth's multiplicative hash
		switch slot := &set[h&mask]; *slot {
		case 0:
			*slot = row + 1
			return true
		case row + 1:
			return false
		}
	}
}
