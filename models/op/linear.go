package op

import "runexp/internal/kernel"

// Linear is the map y = x W^T + b that FC and RecurrentNetwork apply.
type Linear struct {
	In, Out int
	// Weights is W, [Out, In]; nil in a graph that is only described.
	Weights *kernel.Matrix
	Bias    []float32 // b, [Out]
}

// Params is the number of values of W and b.
func (l *Linear) Params() int64 {
	return int64(l.Out) * (int64(l.In) + 1)
}

// apply maps rows of src onto rows of dst.
func (l *Linear) apply(dst, src Tensor, rows int, act kernel.Activation) {
	kernel.FC(dst.Data, dst.stride(l.Out), src.Data, src.stride(l.In), rows, l.Weights, l.Bias, act)
}

// flops counts one multiply-add per weight and row.
func (l *Linear) flops(rows int64) int64 {
	return 2 * rows * int64(l.In) * int64(l.Out)
}

// FC is a fully connected layer. Each item brings Repeat rows of In values (the
// steps of a sequence; 1 elsewhere) and gets as many rows of Out values.
type FC struct {
	Label  string
	Repeat int
	Linear
}

func (f *FC) Kind() Kind   { return KindFC }
func (f *FC) Name() string { return f.Label }

// Cost: 2 In Out operations per row; weights are read once per call. The old
// framework launches two kernels, the product and the bias.
func (f *FC) Cost(batch int) Cost {
	rows := int64(batch) * int64(f.Repeat)
	weights := float * f.Params()
	return Cost{
		FLOPs:       f.flops(rows),
		Bytes:       weights + float*rows*int64(f.In+f.Out),
		WeightBytes: weights,
		Launches:    2,
	}
}

func (f *FC) Run(a *Args) error {
	f.apply(a.Out, a.In[0], a.Batch*f.Repeat, kernel.None)
	return nil
}

// RecurrentNetwork is a vanilla tanh cell run over a sequence,
//
//	h_t = tanh(x_t + W h_{t-1} + b)
//
// where x_t is the input already projected to the hidden size (an FC before
// this operator does that for all steps at once). Tensors are time-major:
// inputs are x [Steps, batch, hidden] and h_0 [batch, hidden], the output is
// every h_t, [Steps, batch, hidden]. From step Args.Lengths[b] on, if lengths
// are given, item b keeps its state.
type RecurrentNetwork struct {
	Label string
	Steps int
	Linear
}

func (r *RecurrentNetwork) Kind() Kind   { return KindRecurrentNetwork }
func (r *RecurrentNetwork) Name() string { return r.Label }

// Cost: per step the product, one addition and one tanh per hidden unit.
// Weights count once: they stay in cache from step to step. The old framework
// launches product, bias, sum and tanh for every step.
func (r *RecurrentNetwork) Cost(batch int) Cost {
	rows, hidden := int64(batch)*int64(r.Steps), int64(r.Out)
	weights := float * r.Params()
	return Cost{
		FLOPs:       r.flops(rows) + 2*rows*hidden,
		Bytes:       weights + float*rows*hidden*3, // x_t and h_{t-1} in, h_t out
		WeightBytes: weights,
		Launches:    4 * r.Steps,
	}
}

func (r *RecurrentNetwork) Run(a *Args) error {
	previous := a.In[1]
	for t := range r.Steps {
		x, h := a.In[0].rows(t*a.Batch, r.Out), a.Out.rows(t*a.Batch, r.Out)
		n := r.Out
		kernel.RecurrentStep(h.Data, h.stride(n), x.Data, x.stride(n), previous.Data, previous.stride(n), a.Batch, r.Weights, r.Bias)
		for b, length := range a.Lengths {
			if t >= int(length) {
				copyRows(h.rows(b, r.Out), previous.rows(b, r.Out), 1, r.Out)
			}
		}
		previous = h
	}
	return nil
}
