package models

import "runexp/models/op"

// validateNCF: each branch takes two tables; any layer sizes will do.
func validateNCF(Config) error { return nil }

// buildNCF: the first two tables meet in the matrix factorisation branch, the
// other two in the layers of the MLP branch; the final layer joins both. It
// ends in Relu.
//
// Release: the factorisation branch adds its two vectors; corrected, it
// multiplies them, as He et al. (WWW 2017) define it.
func buildNCF(b *builder) {
	mf := b.lookups("emb:::mf_sls", b.cfg.TableRows[:2])
	deep := b.lookups("emb:::mlp_sls", b.cfg.TableRows[2:])
	var factors int
	if b.cfg.Variant == Release {
		factors = b.sum("mf", mf...)
	} else {
		factors = b.add(&op.Mul{Label: "mf", Cols: b.cfg.Dim}, b.cfg.Dim, mf...)
	}
	last := len(b.cfg.Top) - 1
	branch := b.mlp("mlpfc", "mlpfc_out", b.concat("mlp", deep...), b.cfg.Top[:last], 0)
	joined := b.concat("feat_int", factors, branch)
	b.output(b.mlp("final", "prob_click", joined, b.cfg.Top[last:], 0))
}
