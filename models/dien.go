package models

import "runexp/models/op"

// validateDIEN checks the recurrent layers.
func validateDIEN(c Config) error {
	return checkRange("hidden_size", c.Hidden, 1, maxWidth)
}

// buildDIEN: tables are the user's profile, the behaviours (a sequence of T
// steps, in table order), the candidate ad and the context. The sequence goes
// through a recurrent layer, attention over its hidden units, and a second
// recurrent layer, whose last state joins the rest in the top layers, which end
// in Relu. Sequences are time-major.
//
// Release: behaviours are joined side by side, [batch, T D], and that memory is
// then taken as [T, batch, D], so that items and steps mix in any batch beyond
// one item; and the attention's result is computed but not used.
func buildDIEN(b *builder) {
	emb := b.lookups("emb:::sls", b.cfg.TableRows)
	n := len(emb)
	profile, behaviors, ad, context := emb[0], emb[1:n-2], emb[n-2], emb[n-1]
	steps, hidden := len(behaviors), b.cfg.Hidden
	b.g.initial = b.blob("initial_h", hidden)

	sequence := b.sequence(behaviors)
	states := b.recurrent("rnn_0", sequence, steps)
	scores := b.fc("DIEN_blob_0", "DIEN_blob_0", states, hidden, steps)
	softmax := &op.Softmax{Label: "DIEN/Softmax", Cols: hidden, Repeat: steps}
	attention := b.add(softmax, steps*hidden, scores)
	evolved := b.evolve(states, attention)
	states = b.recurrent("rnn_1", evolved, steps)

	join := &op.Concat{Label: "gru:::concat", Parts: []op.Part{{Width: hidden, Step: steps - 1}}}
	for range 3 {
		join.Parts = append(join.Parts, op.Part{Width: b.cfg.Dim})
	}
	features := b.add(join, join.Width(), states, profile, ad, context)
	b.output(b.mlp("top", "prob_click", features, b.cfg.Top, 0))
}

// sequence joins the behaviours into one tensor of T D values per item.
func (b *builder) sequence(behaviors []int) int {
	c := &op.Concat{Label: "gru:::_rnn_inputs", Stack: b.cfg.Variant != Release}
	b.g.mixes = !c.Stack
	for range behaviors {
		c.Parts = append(c.Parts, op.Part{Width: b.cfg.Dim})
	}
	return b.add(c, c.Width(), behaviors...)
}

// evolve adds the attention to the hidden states.
func (b *builder) evolve(states, attention int) int {
	if b.cfg.Variant == Release {
		return b.sum("DIEN/Sum", states)
	}
	return b.sum("DIEN/Sum", states, attention)
}

// recurrent projects a sequence to the hidden size, all steps at once, and runs
// a vanilla tanh cell over it.
func (b *builder) recurrent(name string, sequence, steps int) int {
	hidden := b.cfg.Hidden
	projected := b.fc(name+"/i2h", name+"/i2h", sequence, hidden, steps)
	r := &op.RecurrentNetwork{Label: name + "/hidden_t_all", Steps: steps, Linear: op.Linear{In: hidden, Out: hidden}}
	b.layer(name+"/gates_t", &r.Linear)
	return b.add(r, steps*hidden, projected, b.g.initial)
}
