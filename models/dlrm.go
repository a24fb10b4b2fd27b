package models

import (
	"fmt"

	"runexp/models/op"
)

// validateDLRM checks the bottom layers and the interaction.
func validateDLRM(c Config) error {
	if err := checkSizes("arch_mlp_bot", c.Bottom, 2, maxLayers, maxWidth); err != nil {
		return err
	}
	if err := checkOneOf("arch_interaction_op", c.Interaction, "cat", "dot"); err != nil {
		return err
	}
	if c.Interaction == "dot" && c.Bottom.last() != c.Dim {
		return fmt.Errorf("arch_mlp_bot: ends in %d, but a dot interaction needs the %d of arch_sparse_feature_size", c.Bottom.last(), c.Dim)
	}
	return nil
}

// buildDLRM: dense features go through the bottom layers and meet the
// embeddings in the interaction; the top layers end in a sigmoid.
func buildDLRM(b *builder) {
	dense := b.denseInput(b.cfg.Bottom[0])
	embeddings := b.lookups("emb:::sls", b.cfg.TableRows)
	bottom := b.mlp("bot", "dense_out", dense, b.cfg.Bottom[1:], 0)
	features := append([]int{bottom}, embeddings...)
	var interaction int
	if b.cfg.Interaction == "dot" {
		interaction = b.dotInteraction(features)
	} else {
		interaction = b.concat("interaction", features...)
	}
	b.output(b.mlp("top", "prob_click", interaction, b.cfg.Top, len(b.cfg.Top)))
}

// dotInteraction joins the first feature with the dot products of all pairs of
// features.
func (b *builder) dotInteraction(features []int) int {
	stacked := b.concat("interaction_cat_axis0", features...)
	m := &op.BatchMatMul{Label: "interaction_matmul", Vectors: len(features), Dim: b.cfg.Dim}
	products := b.add(m, m.Width(), stacked)
	g := op.LowerTriangle("interaction_flatten", len(features), b.cfg.InteractionSelf)
	pairs := b.add(g, g.Width(), products)
	return b.concat("interaction", features[0], pairs)
}
