package op

import "runexp/internal/kernel"

// Sum adds its inputs, all [batch, Cols]; with one input it copies.
type Sum struct {
	Label  string
	Cols   int
	Inputs int
}

func (s *Sum) Kind() Kind   { return KindSum }
func (s *Sum) Name() string { return s.Label }

// Cost: Inputs-1 additions per value; as many launches, at least one.
func (s *Sum) Cost(batch int) Cost {
	values := int64(batch) * int64(s.Cols)
	return Cost{
		FLOPs:    values * int64(s.Inputs-1),
		Bytes:    float * values * int64(s.Inputs+1),
		Launches: max(1, s.Inputs-1),
	}
}

func (s *Sum) Run(a *Args) error {
	if len(a.In) == 1 {
		copyRows(a.Out, a.In[0], a.Batch, s.Cols)
		return nil
	}
	binary(kernel.Add, a.Out, a.In[0], a.In[1], a.Batch, s.Cols)
	for _, in := range a.In[2:] {
		binary(kernel.Add, a.Out, a.Out, in, a.Batch, s.Cols)
	}
	return nil
}

// Mul multiplies its two inputs, both [batch, Cols], value by value.
type Mul struct {
	Label string
	Cols  int
}

func (m *Mul) Kind() Kind   { return KindMul }
func (m *Mul) Name() string { return m.Label }

// Cost: one multiplication per value.
func (m *Mul) Cost(batch int) Cost {
	values := int64(batch) * int64(m.Cols)
	return Cost{FLOPs: values, Bytes: float * values * 3, Launches: 1}
}

func (m *Mul) Run(a *Args) error {
	binary(kernel.Mul, a.Out, a.In[0], a.In[1], a.Batch, m.Cols)
	return nil
}

// Relu is max(x, 0) on [batch, Cols].
type Relu struct {
	Label string
	Cols  int
}

func (r *Relu) Kind() Kind   { return KindRelu }
func (r *Relu) Name() string { return r.Label }

// Cost: one operation per value.
func (r *Relu) Cost(batch int) Cost { return activationCost(batch, r.Cols, 1) }

func (r *Relu) Run(a *Args) error {
	unary(kernel.ReluTo, a.Out, a.In[0], a.Batch, r.Cols)
	return nil
}

// Sigmoid is 1/(1+exp(-x)) on [batch, Cols].
type Sigmoid struct {
	Label string
	Cols  int
}

func (s *Sigmoid) Kind() Kind   { return KindSigmoid }
func (s *Sigmoid) Name() string { return s.Label }

// Cost: negate, exp, add, divide per value.
func (s *Sigmoid) Cost(batch int) Cost { return activationCost(batch, s.Cols, 4) }

func (s *Sigmoid) Run(a *Args) error {
	unary(kernel.SigmoidTo, a.Out, a.In[0], a.Batch, s.Cols)
	return nil
}

// Softmax normalises Repeat rows of Cols values per item.
type Softmax struct {
	Label  string
	Cols   int
	Repeat int
}

func (s *Softmax) Kind() Kind   { return KindSoftmax }
func (s *Softmax) Name() string { return s.Label }

// Cost: compare, subtract, exp, add, divide per value.
func (s *Softmax) Cost(batch int) Cost { return activationCost(batch, s.Repeat*s.Cols, 5) }

func (s *Softmax) Run(a *Args) error {
	s.apply(a.Out, a.In[0], a.Batch*s.Repeat)
	return nil
}

func (s *Softmax) apply(dst, src Tensor, rows int) {
	kernel.SoftmaxRows(dst.Data, dst.stride(s.Cols), src.Data, src.stride(s.Cols), rows, s.Cols)
}

// activationCost is that of reading, changing and writing each value once.
func activationCost(batch, cols, flops int) Cost {
	values := int64(batch) * int64(cols)
	return Cost{FLOPs: values * int64(flops), Bytes: float * values * 2, Launches: 1}
}
