package op

import "runexp/internal/kernel"

// Unit is the layers of one of DIN's attention units: Hidden maps a behaviour,
// the ad and their sum to one value, Output that value to an embedding, each
// with Relu.
type Unit struct{ Hidden, Output *FC }

// AttentionUnits is the sum of many units, each with a behaviour of its own and
// all with the same ad. With the hidden weights cut into those of the behaviour,
// the ad and the sum,
//
//	w . [u, ad, u+ad] = (w_u + w_s) . u + (w_ad + w_s) . ad
//
// so neither sums nor concatenations are made, and the ad's share in all units
// is one layer. Inputs are the ad, [batch, dim], and the behaviours, [unit,
// batch, dim]; Args.Scratch takes [batch, unit] values.
type AttentionUnits struct {
	ad    Linear
	units kernel.Units
}

// NewAttentionUnits folds the weights of units on embeddings of dim values.
func NewAttentionUnits(dim int, units []Unit) *AttentionUnits {
	ad := make([]float32, 0, len(units)*dim)
	bias := make([]float32, 0, len(units))
	u := kernel.Units{Dim: dim}
	for _, unit := range units {
		hidden, output := unit.Hidden, unit.Output
		for d := range dim {
			sum := hidden.Weights.At(0, 2*dim+d)
			u.In = append(u.In, hidden.Weights.At(0, d)+sum)
			ad = append(ad, hidden.Weights.At(0, dim+d)+sum)
			u.Out = append(u.Out, output.Weights.At(d, 0))
		}
		u.Bias = append(u.Bias, output.Bias...)
		bias = append(bias, hidden.Bias...)
	}
	return &AttentionUnits{
		ad:    Linear{In: dim, Out: len(units), Weights: kernel.Pack(ad, len(units), dim), Bias: bias},
		units: u,
	}
}

func (t *AttentionUnits) Run(a *Args) error {
	ad := Tensor{Data: a.Scratch}
	t.ad.apply(ad, a.In[0], a.Batch, kernel.None)
	dim, units := t.units.Dim, t.ad.Out
	kernel.AttentionUnits(a.Out.Data, a.Out.stride(dim), a.In[1].Data, ad.Data, units, a.Batch, t.units)
	return nil
}
