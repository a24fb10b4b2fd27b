package op

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
	for i := range c.Parts {
		c.copyPart(a, i, a.In[i])
	}
	return nil
}

// copyPart copies part i of the output.
func (c *Concat) copyPart(a *Args, i int, in Tensor) {
	p := c.Parts[i]
	col, step, stride := c.Place(i)
	stride = a.Out.stride(stride)
	dst := Tensor{a.Out.Data[step*a.Batch*stride+col:], stride}
	copyRows(dst, in.rows(p.Step*a.Batch, p.Width), a.Batch, p.Width)
}

// Place says where part i begins: at a column of one step's rows, which are
// stride values apart.
func (c *Concat) Place(i int) (col, step, stride int) {
	if c.Stack {
		return 0, i, c.Parts[i].Width
	}
	for _, p := range c.Parts[:i] {
		col += p.Width
	}
	return col, 0, c.Width()
}
