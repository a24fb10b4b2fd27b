package compare

import (
	"runexp/stages/record"
)

// choices lists the batch size and threshold of the best tuned policy for every
// model, machine and target. The paper gives none of them as numbers.
func (x points) choices() []record.PaperCheck {
	var rows []record.PaperCheck
	for _, s := range x.scopes() {
		p := x.best(s, true, rate)
		if p == nil {
			continue
		}
		rows = append(rows, beside(s.row(Batch), span{value: float64(p.BatchSize)}, 0))
		if s.accel != record.None && p.OffloadThreshold > 0 {
			rows = append(rows, beside(s.row(Threshold), span{value: float64(p.OffloadThreshold)}, 0))
		}
	}
	return rows
}

// transfers say what serving costs with a policy that was tuned on other sizes:
// the share of max_qps that it keeps. The same search is on both sides.
func (x points) transfers() []record.PaperCheck {
	var rows []record.PaperCheck
	for i, r := range x.rows {
		if r.TunedOn == r.SizeDist {
			continue
		}
		for j, home := range x.rows {
			if home.TunedOn == home.SizeDist && home.Policy == r.Policy && scopeOf(home) == scopeOf(r) && home.Objective == r.Objective && home.SizeDist == r.SizeDist {
				row := beside(scopeOf(r).row(TunedElse), over(&x.rows[i], &x.rows[j]), 0)
				if r.MaxQPS <= 0 { // nothing is kept
					row.Ours = new(float64)
				}
				row.Statement = r.Policy + " tuned on " + r.TunedOn + ", serving " + r.SizeDist
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// platforms set every other CPU beside the paper's, both tuned, without an
// accelerator.
func (x points) platforms() []record.PaperCheck {
	var rows []record.PaperCheck
	for _, s := range x.scopes() {
		if s.cpu == x.c.CPU || s.accel != record.None {
			continue
		}
		home := s
		home.cpu = x.c.CPU
		if p, q := x.best(s, true, rate), x.best(home, true, rate); p != nil && q != nil {
			rows = append(rows, beside(s.row(OtherPlatform), over(p, q), 0))
		}
	}
	return rows
}

func (x points) scopes() []scope { return distinct(x.rows, scopeOf) }

func scopeOf(r record.OperatingPoint) scope {
	return scope{r.Model, r.Target, r.CPUPlatform, r.Engine, r.AccelPlatform}
}
