package models

import (
	"fmt"
	"slices"
)

// validateDIN checks the attention unit and the number of behaviours.
func validateDIN(c Config) error {
	if err := checkSizes("arch_mlp_bot", c.Bottom, 1, maxLayers, maxWidth); err != nil {
		return err
	}
	if !c.expands() {
		return nil
	}
	return checkRange("user_behavior_tables", c.BehaviorTables, 1, maxTables-3)
}

// expands reports whether the second of four tables stands for all behaviour
// tables. The release reads its config file after doing this for its command
// line, so its runs had a single behaviour table.
func (c Config) expands() bool {
	return c.Type == "din" && c.Variant != Release && len(c.TableRows) == 4
}

// expand lists every behaviour table.
func (c Config) expand() Config {
	if !c.expands() {
		return c
	}
	t := c.TableRows
	behaviors := slices.Repeat(Sizes{t[1]}, c.BehaviorTables)
	c.TableRows = slices.Concat(Sizes{t[0]}, behaviors, t[2:])
	return c
}

// buildDIN: tables are the user's profile, the behaviours, the candidate ad and
// the context. Each behaviour meets the ad in an attention unit of its own; the
// units' outputs are summed (no weight multiplies the behaviour's vector, as in
// the release) and join the rest in the top layers, which end in Relu.
func buildDIN(b *builder) {
	emb := b.lookups("emb:::sls", b.cfg.TableRows)
	n := len(emb)
	profile, behaviors, ad, context := emb[0], emb[1:n-2], emb[n-2], emb[n-1]
	units := make([]int, len(behaviors))
	for u, behavior := range behaviors {
		units[u] = b.attentionUnit(u, behavior, ad)
	}
	attention := b.sum("atten_out", units...)
	features := b.concat("top_fc_in", profile, attention, ad, context)
	b.output(b.mlp("top", "prob_click", features, b.cfg.Top, 0))
}

// attentionUnit weighs one behaviour against the ad: layers of the hidden
// sizes, then one of the embedding's size, on the behaviour, the ad and their
// sum.
func (b *builder) attentionUnit(u, behavior, ad int) int {
	sum := b.sum(fmt.Sprintf("atten:::_sum_%d", u), behavior, ad)
	joined := b.concat(fmt.Sprintf("atten:::_concat_%d", u), behavior, ad, sum)
	widths := slices.Concat(b.cfg.Bottom, Sizes{b.cfg.Dim})
	return b.mlp(fmt.Sprintf("atten:::_fc_%d", u), fmt.Sprintf("atten:::_fc_out_%d", u), joined, widths, 0)
}
