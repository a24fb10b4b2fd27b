package models

import (
	"math"
	"slices"
	"testing"

	"runexp/internal/stream"
)

// TestNewBatch: inputs have the sizes that the model wants, and the same stream
// gives the same inputs.
func TestNewBatch(t *testing.T) {
	for _, name := range Names() {
		m := &Model{graph: described(t, name, Options{})}
		b := m.NewBatch(3, stream.New(1, name), Uniform{})
		if err := m.NewEngineAs(3, FusionNone).check(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, v := range b.Dense {
			if v < 0 || v >= 1 {
				t.Errorf("%s: dense value %g", name, v)
			}
		}
		again := m.NewBatch(3, stream.New(1, name), Uniform{})
		if !slices.Equal(b.Dense, again.Dense) || !slices.EqualFunc(b.Indices, again.Indices, slices.Equal) {
			t.Errorf("%s: the same stream gave other inputs", name)
		}
	}
}

// TestUniform: rows are different within a lookup, inside the table, and each
// as likely as the next.
func TestUniform(t *testing.T) {
	rng := stream.New(1, "uniform")
	for _, c := range []struct{ rows, lookups int }{{1, 1}, {80, 80}, {100, 10}, {1000, 999}, {math.MaxInt32, 300}} {
		dst := make([]int32, c.lookups)
		for range 20 {
			Uniform{}.Draw(rng, 0, c.rows, dst)
			sorted := slices.Sorted(slices.Values(dst))
			if len(slices.Compact(sorted)) != c.lookups || sorted[0] < 0 || int(sorted[len(sorted)-1]) >= c.rows {
				t.Errorf("%d of %d rows: %v", c.lookups, c.rows, dst)
			}
		}
	}
	const rows, draws = 50, 20000
	counts, dst := make([]float64, rows), make([]int32, 5)
	for range draws {
		Uniform{}.Draw(rng, 0, rows, dst)
		for _, row := range dst {
			counts[row]++
		}
	}
	// Each row is in a lookup with probability 5/50.
	mean, deviation := draws*0.1, math.Sqrt(draws*0.1*0.9)
	for row, n := range counts {
		if math.Abs(n-mean) > 4.5*deviation {
			t.Errorf("row %d was drawn %g times, want %g", row, n, mean)
		}
	}
}

// TestRagged: lengths are uniform in 0..L, and the indices are as many as they
// say.
func TestRagged(t *testing.T) {
	c, _, err := Load("testdata/configs/good_ragged.json")
	if err != nil {
		t.Fatal(err)
	}
	g, err := Describe(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const items = 5000
	b := (&Model{graph: g}).NewBatch(items, stream.New(1, "ragged"), Uniform{})
	for table, lengths := range b.Lengths {
		counts, total := make([]int, c.Lookups+1), 0
		for _, n := range lengths {
			counts[n]++
			total += int(n)
		}
		if total != len(b.Indices[table]) {
			t.Errorf("table %d: lengths add up to %d for %d indices", table, total, len(b.Indices[table]))
		}
		if want := g.tables[table].op.Cost(items).Rows; math.Abs(float64(total)-float64(want)) > 0.03*float64(want) {
			t.Errorf("table %d: %d rows gathered, the cost says %d", table, total, want)
		}
		for n, count := range counts {
			if count < items/len(counts)*3/4 {
				t.Errorf("table %d: length %d drawn %d times", table, n, count)
			}
		}
	}
}
