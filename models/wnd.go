package models

// validateWnD checks the width of the dense input.
func validateWnD(c Config) error {
	return checkSizes("arch_mlp_bot", c.Bottom, 1, 1, maxWidth)
}

// buildWnD: dense features are passed through to meet the embeddings; the top
// layers end in a sigmoid.
func buildWnD(b *builder) {
	b.output(b.mlp("top", "prob_click", b.wideInput(), b.cfg.Top, len(b.cfg.Top)))
}

// wideInput joins the dense features and all embeddings.
func (b *builder) wideInput() int {
	dense := b.denseInput(b.cfg.Bottom[0])
	embeddings := b.lookups("emb:::sls", b.cfg.TableRows)
	return b.concat("interaction", append([]int{dense}, embeddings...)...)
}
