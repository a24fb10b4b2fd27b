package op

import (
	"fmt"

	"runexp/internal/kernel"
)

// Runner is the part of an Operator that computes.
type Runner interface {
	Run(a *Args) error
}

// Fused stands for several operators that run as one. It costs what they do,
// and goes by the kind and name of the one that most of its work is.
type Fused struct {
	Runner
	Main  Operator
	Parts []Operator // those it stands for, Main among them
}

// Alone returns the operator as a Fused that stands for nothing else.
func Alone(o Operator) *Fused {
	return &Fused{Runner: o, Main: o, Parts: []Operator{o}}
}

func (f *Fused) Kind() Kind   { return f.Main.Kind() }
func (f *Fused) Name() string { return f.Main.Name() }

// Cost is the sum over the parts: what fusing saves shows as speed, not as less
// work.
func (f *Fused) Cost(batch int) Cost {
	var c Cost
	for _, o := range f.Parts {
		c = c.Plus(o.Cost(batch))
	}
	return c
}

// Count returns how many operators of the unfused graph o stands for.
func Count(o Operator) int {
	if f, is := o.(*Fused); is {
		return len(f.Parts)
	}
	return 1
}

// Layer is an FC and the activation after it.
type Layer struct {
	*FC
	Activation kernel.Activation
}

func (l Layer) Run(a *Args) error {
	l.apply(a.Out, a.In[0], a.Batch*l.Repeat, l.Activation)
	return nil
}

// Lookups is several SparseLengthsSum one after the other, each fetching the
// first rows of the next ones.
type Lookups []*SparseLengthsSum

func (l Lookups) Run(a *Args) error {
	if i, err := kernel.SparseLengthsSums(a.Lookups); err != nil {
		return fmt.Errorf("%s: %w", l[i].Label, err)
	}
	return nil
}

// Copies is a Concat of which some parts are computed in place: it copies the
// others, which are its inputs.
type Copies struct {
	*Concat
	Parts []int
}

func (c Copies) Run(a *Args) error {
	for k, i := range c.Parts {
		c.copyPart(a, i, a.In[k])
	}
	return nil
}

// Pairs is a BatchMatMul and the BatchGather of its lower triangle, strict or
// with the diagonal.
type Pairs struct {
	*BatchMatMul
	Gather *BatchGather
}

func (p Pairs) Run(a *Args) error {
	diagonal, _ := p.Gather.Lower(p.Vectors)
	p.apply(a, p.Gather.width, diagonal)
	return nil
}

// Attend adds to each row of a sequence the softmax of its FC: h + softmax(FC(h)).
type Attend struct {
	*FC
	Softmax *Softmax
}

// attendRows is how many rows go through all three steps before the next ones
// do, so that they stay in the first-level cache.
const attendRows = 64

func (t Attend) Run(a *Args) error {
	for from, rows := 0, a.Batch*t.Repeat; from < rows; from += attendRows {
		n := min(attendRows, rows-from)
		out, in := a.Out.rows(from, t.Out), a.In[0].rows(from, t.In)
		t.apply(out, in, n, kernel.None)
		t.Softmax.apply(out, out, n)
		binary(kernel.Add, out, out, in, n, t.Out)
	}
	return nil
}
