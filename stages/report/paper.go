package report

import (
	"fmt"
	"strings"

	"runexp/stages/record"
)

// paperAnswer counts the paper's statements that hold here, check by check.
func (in input) paperAnswer() (answer, bool) {
	judged := where(in.Paper, func(r record.PaperCheck) bool {
		return r.Pass != nil && r.Engine != record.Published // that is published data read again
	})
	if len(judged) == 0 {
		return answer{}, false
	}
	holding := func(rows []record.PaperCheck) int {
		return len(where(rows, func(r record.PaperCheck) bool { return *r.Pass }))
	}
	t := table{ID: "paper-summary", Caption: "Statements of the paper, by check", Columns: columns("check", "#statements", "#hold here")}
	for _, check := range distinct(judged, func(r record.PaperCheck) string { return r.Check }) {
		rows := where(judged, func(r record.PaperCheck) bool { return r.Check == check })
		t.add(text(strings.ReplaceAll(check, "_", " ")), whole(int32(len(rows))), whole(int32(holding(rows))))
	}
	return answer{fmt.Sprintf("Of %d statements of the paper that can be judged, %d hold here; docs/paper.md says what explains the others.",
		len(judged), holding(judged)), t}, true
}

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
