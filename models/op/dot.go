package op

import (
	"fmt"
	"slices"

	"runexp/internal/kernel"
)

// BatchMatMul multiplies, for every item, a matrix of Vectors rows of Dim
// values by its own transpose: all dot products between the vectors. The
// product is symmetric, so only its lower triangle with the diagonal is
// computed, row after row: (0,0) (1,0) (1,1) (2,0) ...
type BatchMatMul struct {
	Label   string
	Vectors int
	Dim     int
}

func (m *BatchMatMul) Kind() Kind   { return KindBatchMatMul }
func (m *BatchMatMul) Name() string { return m.Label }

// Width is the number of output values per item.
func (m *BatchMatMul) Width() int { return m.Vectors * (m.Vectors + 1) / 2 }

// Cost: one multiply-add per pair of vectors and dimension.
func (m *BatchMatMul) Cost(batch int) Cost {
	items := int64(batch)
	return Cost{
		FLOPs:    2 * items * int64(m.Width()) * int64(m.Dim),
		Bytes:    float * items * (int64(m.Vectors)*int64(m.Dim) + int64(m.Width())),
		Launches: 1,
	}
}

func (m *BatchMatMul) Run(a *Args) error {
	m.apply(a, m.Width(), true)
	return nil
}

// apply computes the pairs, of which there are width, with or without the
// diagonal.
func (m *BatchMatMul) apply(a *Args, width int, diagonal bool) {
	in := a.In[0]
	kernel.DotLower(a.Out.Data, a.Out.stride(width), in.Data, in.stride(m.Vectors*m.Dim), a.Batch, m.Vectors, m.Dim, diagonal)
}

// BatchGather picks the pairs of a BatchMatMul's output that go on into the
// model. Make one with NewBatchGather or LowerTriangle.
type BatchGather struct {
	label string
	in    int // values per item of the input
	width int
	runs  []run
}

// run is a stretch of consecutive values.
type run struct{ from, n int }

// LowerTriangle picks the pairs i > j, and i = j too when diagonal is set.
func LowerTriangle(label string, vectors int, diagonal bool) *BatchGather {
	g := &BatchGather{label: label, in: vectors * (vectors + 1) / 2}
	for i := range vectors {
		for j := range i {
			g.pick(i, j)
		}
		if diagonal {
			g.pick(i, i)
		}
	}
	return g
}

// NewBatchGather picks the pairs at these positions i*vectors+j of the full
// product. It fails on a position outside.
func NewBatchGather(label string, vectors int, positions []int32) (*BatchGather, error) {
	g := &BatchGather{label: label, in: vectors * (vectors + 1) / 2}
	for _, p := range positions {
		i, j := int(p)/vectors, int(p)%vectors
		if p < 0 || i >= vectors {
			return nil, fmt.Errorf("%d is not a position of a %d by %d matrix", p, vectors, vectors)
		}
		g.pick(max(i, j), min(i, j))
	}
	return g, nil
}

// Lower reports whether these are the pairs of LowerTriangle, and of which.
func (g *BatchGather) Lower(vectors int) (diagonal, is bool) {
	for _, diagonal := range []bool{false, true} {
		if slices.Equal(g.runs, LowerTriangle("", vectors, diagonal).runs) {
			return diagonal, true
		}
	}
	return false, false
}

// pick appends the pair i >= j, to the last run if it follows on.
func (g *BatchGather) pick(i, j int) {
	at := i*(i+1)/2 + j
	g.width++
	if last := len(g.runs) - 1; last >= 0 && g.runs[last].from+g.runs[last].n == at {
		g.runs[last].n++
		return
	}
	g.runs = append(g.runs, run{at, 1})
}

func (g *BatchGather) Kind() Kind   { return KindBatchGather }
func (g *BatchGather) Name() string { return g.label }

// Width is the number of output values per item.
func (g *BatchGather) Width() int { return g.width }

// Cost: every value picked is read and written once.
func (g *BatchGather) Cost(batch int) Cost {
	return Cost{Bytes: float * 2 * int64(batch) * int64(g.width), Launches: 1}
}

func (g *BatchGather) Run(a *Args) error {
	in, out := a.In[0].stride(g.in), a.Out.stride(g.width)
	at := 0
	for _, r := range g.runs {
		kernel.CopyRows(a.Out.Data[at:], out, a.In[0].Data[r.from:], in, a.Batch, r.n)
		at += r.n
	}
	return nil
}
