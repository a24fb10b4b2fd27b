package pipeline

import (
	"context"
	"fmt"
	"testing"

	"runexp/pipeline/artifact"
)

// BenchmarkNoOp is a run of 20 tables that are all hits: what a user waits for
// when nothing has changed.
func BenchmarkNoOp(b *testing.B) {
	rows := make([]toyRow, 20_000)
	for i := range rows {
		rows[i] = toyRow{int64(i) * 7919 % 10007, "row"}
	}
	var stages []Stage
	for i := range 20 {
		name := fmt.Sprintf("t%d", i)
		s := Stage{Name: fmt.Sprintf("s%d", i), Version: 1, Tables: []artifact.Table{artifact.TableOf[toyRow](name)},
			Run: func(_ context.Context, t *Task) error { return Write(t, name, rows) }}
		if i > 0 {
			s.After = []string{fmt.Sprintf("s%d", i-1)}
		}
		stages = append(stages, s)
	}
	g, err := NewGraph("bench", stages...)
	must(b, err)
	o := Options{Results: b.TempDir()}
	_, err = g.Run(context.Background(), o)
	must(b, err)
	for b.Loop() {
		s, err := g.Run(context.Background(), o)
		must(b, err)
		if s.Stages[19].Status != Hit {
			b.Fatal(s.Stages[19].Status)
		}
	}
}
