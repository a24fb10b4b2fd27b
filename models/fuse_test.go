package models

import (
	"fmt"
	"strings"
	"testing"

	"runexp/models/op"
)

// TestFuse prints what every model is compiled into: the operators that run, and
// for how many of the graph's each stands.
func TestFuse(t *testing.T) {
	for name, want := range map[string]string{
		"rm1":   "SparseLengthsSum:8 FC:2 FC:2 FC:3 FC:2 FC:2",
		"rm2":   "SparseLengthsSum:32 FC:2 FC:2 FC:3 FC:2 FC:2",
		"rm3":   "SparseLengthsSum:10 FC:2 FC:2 FC:2 FC:3 FC:2 FC:2",
		"ncf":   "SparseLengthsSum:4 Mul:1 FC:3 FC:2 FC:2 FC:2 FC:3",
		"wnd":   "SparseLengthsSum:27 Concat:1 FC:2 FC:2 FC:2 FC:2",
		"mtwnd": "SparseLengthsSum:43 Concat:1 FC:2 FC:2 FC:2 FC:2",
		"din":   "SparseLengthsSum:253 FC:1501 FC:3 FC:2 FC:2",
		"dien":  "SparseLengthsSum:43 FC:2 RecurrentNetwork:1 FC:3 FC:1 RecurrentNetwork:1 Concat:1 FC:2 FC:2 FC:2",
	} {
		var got []string
		for _, o := range small(t, name, Options{}).fused.Ops {
			got = append(got, fmt.Sprintf("%s:%d", o.Kind(), op.Count(o)))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", name, s, want)
		}
	}
}

// TestFuseCost: fusing changes neither what there is to do nor how often an
// operator counts, and names stay unique.
func TestFuseCost(t *testing.T) {
	for _, name := range Names() {
		for _, variant := range []string{Corrected, Release} {
			m := small(t, name, Options{Variant: variant})
			if got, want := m.fused.Cost(7), m.graph.Cost(7); got != want {
				t.Errorf("%s %s: %+v, want %+v", name, variant, got, want)
			}
			seen, count := map[string]bool{}, 0
			for _, o := range m.fused.Ops {
				count += op.Count(o)
				if seen[o.Name()] {
					t.Errorf("%s %s: two operators are called %s", name, variant, o.Name())
				}
				seen[o.Name()] = true
			}
			if count != len(m.graph.Ops) {
				t.Errorf("%s %s: %d operators, want %d", name, variant, count, len(m.graph.Ops))
			}
		}
	}
}
