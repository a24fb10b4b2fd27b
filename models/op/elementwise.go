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
	n := a.Batch * s.Cols
	out := a.Out[:n]
	if len(a.In) == 1 {
		kernel.CopyRows(out, n, a.In[0], n, 1, n)
		return nil
	}
	kernel.Add(out, a.In[0][:n], a.In[1][:n])
	for _, in := range a.In[2:] {
		kernel.AddTo(out, in[:n])
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
	n := a.Batch * m.Cols
	kernel.Mul(a.Out[:n], a.In[0][:n], a.In[1][:n])
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
	n := a.Batch * r.Cols
	kernel.ReluTo(a.Out[:n], a.In[0][:n])
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
	n := a.Batch * s.Cols
	kernel.SigmoidTo(a.Out[:n], a.In[0][:n])
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
	kernel.SoftmaxRows(a.Out, s.Cols, a.In[0], s.Cols, a.Batch*s.Repeat, s.Cols)
	return nil
}

// activationCost is that of reading, changing and writing each value once.
func activationCost(batch, cols, flops int) Cost {
	values := int64(batch) * int64(cols)
	return Cost{FLOPs: values * int64(flops), Bytes: float * values * 2, Launches: 1}
}
