package report

import (
	"strings"

	"runexp/stages/record"
)

// paperTable sets ours beside the published numbers; its statements come
// first, those that do not hold before those that do.
func (in input) paperTable() table {
	t := table{ID: "paper", Caption: "Against the paper: ours and published", Columns: columns(
		"check", "model", "target", "machine", "engine", "#ours (interval)", "#published", "#ours / published", "holds", "statement")}
	for _, verdict := range []string{"no", "yes", ""} {
		for _, r := range in.Paper {
			if verdictOf(r) != verdict {
				continue
			}
			ours := optional(r.Ours, significant)
			if r.Ours != nil {
				ours.Text += within(r.OursLo, r.OursHi, significant)
			}
			t.add(text(strings.ReplaceAll(r.Check, "_", " ")), text(r.Model), text(r.Target), text(in.title(r.CPUPlatform)+accelTitle(in, r.AccelPlatform)), text(r.Engine),
				ours, optional(r.Published, significant), optional(r.Ratio, significant), text(verdict), text(r.Statement))
		}
	}
	return t
}

func verdictOf(r record.PaperCheck) string {
	switch {
	case r.Pass == nil:
		return ""
	case *r.Pass:
		return "yes"
	}
	return "no"
}

func accelTitle(in input, accel string) string {
	if accel == record.None {
		return ""
	}
	return " + " + in.title(accel)
}
