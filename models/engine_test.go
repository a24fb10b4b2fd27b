package models

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"runexp/internal/stream"
)

// small builds one of the eight models with small tables.
func small(t *testing.T, name string, o Options) *Model {
	t.Helper()
	c, err := ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	o.TableScale = 1e-4
	m, err := Build(context.Background(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// run does one pass on an engine of its own and copies the outputs.
func run(t *testing.T, m *Model, b *Batch) []Output {
	t.Helper()
	outputs, err := m.NewEngine(b.Size).Run(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return outputs
}

// TestAllocations: a pass in steady state allocates nothing.
func TestAllocations(t *testing.T) {
	for _, name := range Names() {
		m := small(t, name, Options{})
		e := m.NewEngineAs(16, FusionNone)
		b := m.NewBatch(16, stream.New(1, name), Uniform{})
		operators := 0
		after := func(int) { operators++ }
		if n := testing.AllocsPerRun(5, func() {
			if _, err := e.Run(b, after); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %g allocations a pass", name, n)
		}
		if operators != 6*len(m.Graph().Ops) { // AllocsPerRun warms up once
			t.Errorf("%s: told of %d operators in 6 passes over %d", name, operators, len(m.Graph().Ops))
		}
		e = newEngine(m.fused, 16, 5)
		if n := testing.AllocsPerRun(5, func() {
			if _, err := e.Run(b, after); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %g allocations a fused pass in slices", name, n)
		}
	}
}

// TestBatchInvariance: an item's result does not depend on its neighbours, nor
// on the size of the engine.
func TestBatchInvariance(t *testing.T) {
	for _, name := range Names() {
		m := small(t, name, Options{})
		e := newEngine(m.fused, 64, 2)
		all := m.NewBatch(5, stream.New(2, name), Uniform{})
		want, err := e.Run(all, nil)
		if err != nil {
			t.Fatal(err)
		}
		want = slices.Clone(want)
		for i := range want {
			want[i].Data = slices.Clone(want[i].Data)
		}
		for n := 1; n <= all.Size; n++ {
			got, err := e.Run(all.head(n), nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range got {
				if err := RelativeError(o.Data, want[i].Data[:n*o.Cols]); err > 1e-6 {
					t.Errorf("%s: %s of the first %d items differs by %g", name, o.Name, n, err)
				}
			}
		}
	}
}

// TestWorkers: engines that share a model may run at the same time.
func TestWorkers(t *testing.T) {
	m := small(t, "dien", Options{})
	b := m.NewBatch(8, stream.New(3, "workers"), Uniform{})
	want := run(t, m, b)
	var wait sync.WaitGroup
	for range 4 {
		e := m.NewEngine(8)
		wait.Go(func() {
			for range 5 {
				got, err := e.Run(b, nil)
				if err != nil || !slices.Equal(got[0].Data, want[0].Data) {
					t.Errorf("a worker got other results (%v)", err)
				}
			}
		})
	}
	wait.Wait()
}

// TestBuildSeed: the seed decides the parameters, and nothing else does.
func TestBuildSeed(t *testing.T) {
	first, same, other := small(t, "rm3", Options{Seed: 1}), small(t, "rm3", Options{Seed: 1}), small(t, "rm3", Options{Seed: 2})
	b := first.NewBatch(4, stream.New(4, "seed"), Uniform{})
	want := run(t, first, b)[0].Data
	if got := run(t, same, b)[0].Data; !slices.Equal(got, want) {
		t.Error("the same seed gave other results")
	}
	if got := run(t, other, b)[0].Data; slices.Equal(got, want) {
		t.Error("another seed gave the same results")
	}
	if a, b := first.graph.tables[0].op.Table, first.graph.tables[1].op.Table; slices.Equal(a, b) {
		t.Error("two tables hold the same values")
	}
}

// TestVariants: where the variants differ they give different results from the
// same parameters, elsewhere the same ones.
func TestVariants(t *testing.T) {
	for _, name := range Names() {
		if name == "din" {
			continue // the release's has other tables
		}
		corrected, release := small(t, name, Options{Seed: 4}), small(t, name, Options{Variant: Release, Seed: 4})
		b := corrected.NewBatch(4, stream.New(5, name), Uniform{})
		same := slices.Equal(run(t, corrected, b)[0].Data, run(t, release, b)[0].Data)
		if want := name != "ncf" && name != "dien"; same != want {
			t.Errorf("%s: variants agree: %v, want %v", name, same, want)
		}
	}
}

// TestRefusedBatches: an engine fails on a batch that does not fit.
func TestRefusedBatches(t *testing.T) {
	m := small(t, "rm1", Options{})
	for _, c := range []struct {
		reason string
		change func(*Batch)
		want   string
	}{
		{"too large a batch", func(b *Batch) { *b = *m.NewBatch(5, stream.New(6, "b"), Uniform{}) }, "batch: 5 items, not 1 to 4"},
		{"an empty batch", func(b *Batch) { b.Size = 0 }, "batch: 0 items"},
		{"a table too few", func(b *Batch) { b.Indices = b.Indices[1:] }, "batch: lookups in 7 tables, not 8"},
		{"a length too few", func(b *Batch) { b.Lengths[2] = b.Lengths[2][1:] }, "batch: table 2: 3 lengths for 4 items"},
		{"dense values missing", func(b *Batch) { b.Dense = nil }, "batch: 0 dense values, not 128 per item"},
		{"state for a model without", func(b *Batch) { b.InitialState = make([]float32, 4) }, "batch: 4 values of initial state"},
		{"sequence lengths too few", func(b *Batch) { b.SequenceLengths = []int32{1} }, "batch: 1 sequence lengths for 4 items"},
		{"an index outside", func(b *Batch) { b.Indices[3][7] = 1 << 30 }, "emb:::sls3_z: index 7: 1073741824 is outside"},
		{"an index too many", func(b *Batch) { b.Lengths[0][0]-- }, "emb:::sls0_z: lengths: sum 319 for 320"},
		{"a negative length", func(b *Batch) { b.Lengths[1][2] = -1 }, "emb:::sls1_z: length 2: negative: -1"},
		{"an index missing", func(b *Batch) { b.Indices[0] = b.Indices[0][1:] }, "emb:::sls0_z: lengths: sum 320 for 319"},
	} {
		b := m.NewBatch(4, stream.New(6, "a"), Uniform{})
		c.change(b)
		for what, e := range map[string]*Engine{"none": m.NewEngineAs(4, FusionNone), "full": m.NewEngine(4), "slices": newEngine(m.fused, 4, 1)} {
			if _, err := e.Run(b, nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%s, %s: got %v, want %q", c.reason, what, err, c.want)
			}
		}
	}
}

// TestBuildFails: too small tables and a cancelled build are errors.
func TestBuildFails(t *testing.T) {
	c, err := ByName("rm1")
	if err != nil {
		t.Fatal(err)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(stopped, c, Options{TableScale: 1e-4}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	c.TableRows = Sizes{100, 79}
	if _, err := Build(context.Background(), c, Options{}); err == nil || !strings.HasPrefix(err.Error(), "rm1: arch_embedding_size: table 1 has 79 rows") {
		t.Errorf("79 rows for 80 lookups: %v", err)
	}
	c.TableRows = Sizes{maxRows, maxRows, maxRows, maxRows}
	if _, err := Build(context.Background(), c, Options{}); err == nil || !strings.Contains(err.Error(), "1099.51 GB needed") || !strings.Contains(err.Error(), "table_scale") {
		t.Errorf("a terabyte: %v", err)
	}
}

// TestClose is what gives memory back; it may be called twice.
func TestClose(t *testing.T) {
	c, err := ByName("ncf")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Build(context.Background(), c, Options{TableScale: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if !reflect.DeepEqual(m.memory, []float32(nil)) || m.graph.tables[0].op.Table != nil {
		t.Error("tables are still there")
	}
}
