package op

import "runexp/internal/kernel"

// Part is one input of a Concat.
type Part struct {
	Width int // values per item
	// Step picks one step of a time-major input [steps, batch, Width], such as
	// the last hidden state; 0 elsewhere.
	Step int
}

// Concat joins its inputs: side by side, [batch, sum of widths], or, when Stack
// is set, one below the other, which makes the time-major sequence
// [inputs, batch, width] out of inputs of one width.
type Concat struct {
	Label string
	Parts []Part
	Stack bool
}

func (c *Concat) Kind() Kind   { return KindConcat }
func (c *Concat) Name() string { return c.Label }

// Width is the number of output values per item.
func (c *Concat) Width() int {
	n := 0
	for _, p := range c.Parts {
		n += p.Width
	}
	return n
}

// Cost: every value is read and written once. The old framework copies input
// by input.
func (c *Concat) Cost(batch int) Cost {
	return Cost{Bytes: float * 2 * int64(batch) * int64(c.Width()), Launches: len(c.Parts)}
}

func (c *Concat) Run(a *Args) error {
	stride := c.Width()
	at := 0
	for i, p := range c.Parts {
		n := a.Batch * p.Width
		src := a.In[i][p.Step*n : (p.Step+1)*n]
		if c.Stack {
			kernel.CopyRows(a.Out[at*a.Batch:], n, src, n, 1, n)
		} else {
			kernel.CopyRows(a.Out[at:], stride, src, p.Width, a.Batch, p.Width)
		}
		at += p.Width
	}
	return nil
}
