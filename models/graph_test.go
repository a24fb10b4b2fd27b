package models

import (
	"slices"
	"strings"
	"testing"

	"runexp/models/op"
)

// described returns the full-size graph of one of the eight models.
func described(t *testing.T, name string, o Options) *Graph {
	t.Helper()
	c, err := ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Describe(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// layers is the number of parameters of fully connected layers of these widths.
func layers(widths ...int64) int64 {
	n := int64(0)
	for i := 1; i < len(widths); i++ {
		n += (widths[i-1] + 1) * widths[i]
	}
	return n
}

// multiplyAdds is the number of their weights.
func multiplyAdds(widths ...int64) int64 {
	n := int64(0)
	for i := 1; i < len(widths); i++ {
		n += widths[i-1] * widths[i]
	}
	return n
}

// TestSizes compares parameters, operations of the layers and gathered rows of
// every model with the published layer sizes, worked out by hand.
func TestSizes(t *testing.T) {
	const m, k = 1_000_000, 1000
	rnn := func(in int64) int64 { return layers(in, 64) + layers(64, 64) }
	for _, c := range []struct {
		name       string
		rows, dim  int64 // of all tables
		layers     int64 // parameters
		products   int64 // multiply-adds of FC and RecurrentNetwork per item
		gathered   int64 // rows per item
		operators  int
		inputBytes int64 // per item
	}{
		{"rm1", 8 * 4 * m, 32, layers(128, 64, 32) + layers(288, 256, 64, 1), multiplyAdds(128, 64, 32) + multiplyAdds(288, 256, 64, 1), 8 * 80, 8 + 4 + 1 + 6, 4 * (128 + 8*81)},
		{"rm2", 32 * 500 * k, 64, layers(256, 128, 64) + layers(2112, 128, 64, 1), multiplyAdds(256, 128, 64) + multiplyAdds(2112, 128, 64, 1), 32 * 120, 32 + 4 + 1 + 6, 4 * (256 + 32*121)},
		{"rm3", 10 * 2 * m, 32, layers(2560, 1024, 256, 32) + layers(352, 512, 256, 1), multiplyAdds(2560, 1024, 256, 32) + multiplyAdds(352, 512, 256, 1), 10 * 20, 10 + 6 + 1 + 6, 4 * (2560 + 10*21)},
		{"ncf", 2*140*k + 2*28*k, 64, layers(128, 256, 256, 128, 64) + layers(128, 64), multiplyAdds(128, 256, 256, 128, 64) + multiplyAdds(128, 64), 4, 4 + 1 + 1 + 8 + 1 + 2, 4 * 4 * 2},
		{"wnd", 27 * m, 32, layers(1376, 1024, 512, 256, 1), multiplyAdds(1376, 1024, 512, 256, 1), 27, 27 + 1 + 8, 4 * (512 + 27*2)},
		{"mtwnd", 41*500*k + 2*5*m, 32, layers(1888, 1024, 512) + layers(512, 256, 128), multiplyAdds(1888, 1024, 512) + multiplyAdds(512, 256, 128), 43, 43 + 1 + 4 + 4, 4 * (512 + 43*2)},
		{"din", 1*m + 250*100*k + 10*m + 10*m, 32, 250*layers(96, 1, 32) + layers(128, 200, 80, 2), 250*multiplyAdds(96, 1, 32) + multiplyAdds(128, 200, 80, 2), 253 * 3, 253 + 250*6 + 2 + 6, 4 * 253 * 4},
		{"dien", 41*500*k + 2*5*m, 32, rnn(32) + layers(64, 64) + rnn(64) + layers(160, 200, 80, 2), 40*(multiplyAdds(32, 64)+4*multiplyAdds(64, 64)) + multiplyAdds(160, 200, 80, 2), 43, 43 + 1 + 7 + 1 + 6, 4 * 43 * 2},
	} {
		g := described(t, c.name, Options{})
		if want := c.rows*c.dim + c.layers; g.Params() != want {
			t.Errorf("%s: %d parameters, want %d", c.name, g.Params(), want)
		}
		if want := 4 * c.rows * c.dim; g.TableBytes() != want {
			t.Errorf("%s: %d bytes of tables, want %d", c.name, g.TableBytes(), want)
		}
		if len(g.Ops) != c.operators {
			t.Errorf("%s: %d operators, want %d", c.name, len(g.Ops), c.operators)
		}
		if got := g.InputBytes(7); got != 7*c.inputBytes {
			t.Errorf("%s: %d bytes of inputs for 7 items, want 7 times %d", c.name, got, c.inputBytes)
		}
		var linear, weights int64
		for _, o := range g.Ops {
			switch cost := o.Cost(1); o.Kind() {
			case op.KindRecurrentNetwork: // 40 steps of 64 units: an addition and a tanh each
				linear += cost.FLOPs - 40*64*2
				weights += cost.WeightBytes
			case op.KindFC:
				linear += cost.FLOPs
				weights += cost.WeightBytes
			}
		}
		if linear != 2*c.products {
			t.Errorf("%s: %d operations in layers, want twice %d", c.name, linear, c.products)
		}
		if weights != 4*c.layers || g.Cost(1).WeightBytes != weights {
			t.Errorf("%s: %d bytes of weights, want %d", c.name, weights, 4*c.layers)
		}
		if got := g.Cost(1); got.Rows != c.gathered || got.RowBytes != 4*c.dim || got.TableBytes != g.TableBytes() {
			t.Errorf("%s: gathers %d rows of %d bytes, want %d of %d", c.name, got.Rows, got.RowBytes, c.gathered, 4*c.dim)
		}
	}
}

// TestCostLaws: operations and gathered rows are proportional to the batch;
// bytes are, too, beyond the weights, which every batch reads once.
func TestCostLaws(t *testing.T) {
	for _, name := range Names() {
		for i, o := range described(t, name, Options{}).Ops {
			one, many := o.Cost(1), o.Cost(64)
			if many.FLOPs != 64*one.FLOPs || many.Rows != 64*one.Rows || many.WeightBytes != one.WeightBytes || many.Launches != one.Launches ||
				many.Bytes-many.WeightBytes != 64*(one.Bytes-one.WeightBytes) {
				t.Errorf("%s: operator %d, %s %s: %+v for one item, %+v for 64", name, i, o.Kind(), o.Name(), one, many)
			}
		}
	}
}

// TestVariantsCost: the variants differ in cost only where they must: DIN's
// release lost its behaviours, NCF's adds where it should multiply, DIEN's does
// not add its attention.
func TestVariantsCost(t *testing.T) {
	for _, name := range Names() {
		a, b := described(t, name, Options{}), described(t, name, Options{Variant: Release})
		if a.SameLayers(b) != (name != "din") {
			t.Errorf("%s: same layers: %v", name, a.SameLayers(b))
		}
		corrected, release := a.Cost(1), b.Cost(1)
		switch name {
		case "din":
			if release.Rows != 4*3 {
				t.Errorf("din: the release gathers %d rows", release.Rows)
			}
			continue
		case "dien":
			release.FLOPs += 40 * 64
			release.Bytes += 4 * 40 * 64
		}
		if corrected != release {
			t.Errorf("%s: corrected %+v, release %+v", name, corrected, release)
		}
	}
}

// TestTableScale: scaled tables keep enough rows for lookups without
// repetition, and nothing else changes.
func TestTableScale(t *testing.T) {
	full, tenth := described(t, "rm1", Options{}), described(t, "rm1", Options{TableScale: 0.1})
	if tenth.TableBytes() != full.TableBytes()/10 || tenth.Cost(8).Bytes != full.Cost(8).Bytes {
		t.Errorf("a tenth of the rows: %d bytes of %d", tenth.TableBytes(), full.TableBytes())
	}
	if tiny := described(t, "rm1", Options{TableScale: 1e-9}); tiny.tables[0].op.Rows != 80 {
		t.Errorf("%d rows left for 80 lookups", tiny.tables[0].op.Rows)
	}
	c, err := ByName("rm1")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float64{-1, 1.5} {
		if _, err := Describe(c, Options{TableScale: bad}); err == nil || !strings.HasPrefix(err.Error(), "rm1: table_scale: ") {
			t.Errorf("table_scale %g: %v", bad, err)
		}
	}
}

// TestDescribeZero: a Config that nobody filled in is an error, not a panic.
func TestDescribeZero(t *testing.T) {
	if _, err := Describe(Config{}, Options{}); err == nil || !strings.Contains(err.Error(), "model_type: missing") {
		t.Errorf("got %v", err)
	}
}

// TestPlan: no two blobs that are alive at the same time share memory, nor do
// they with what an operator needs while it runs, and the scratch memory is
// never larger than all of that together.
func TestPlan(t *testing.T) {
	for _, name := range Names() {
		m := small(t, name, Options{})
		for _, g := range []*Graph{m.graph, m.fused} {
			for _, maxBatch := range []int{1, 3, 64} {
				checkPlan(t, name, g, maxBatch)
			}
		}
	}
}

func checkPlan(t *testing.T, name string, g *Graph, maxBatch int) {
	t.Helper()
	l, sum := g.plan(maxBatch), 0
	first, last := g.uses()
	owner := make([]string, l.total)
	own := func(what string, at, cols int) {
		sum += cols*maxBatch + 15
		for i := range owner[at : at+cols*maxBatch] {
			if owner[at+i] != "" {
				t.Fatalf("%s: %s overwrites %s", name, what, owner[at+i])
			}
			owner[at+i] = what
		}
	}
	for i, w := range g.wires {
		for _, b := range first[i] {
			own(g.blobs[b].name, l.offset[b], g.blobs[b].cols)
		}
		for _, b := range slices.Concat(w.in, w.out) {
			p := g.place(b)
			if at := l.offset[p.root]; at >= 0 && owner[at] != g.blobs[p.root].name {
				t.Fatalf("%s: %s is %q while %s uses it", name, g.blobs[p.root].name, owner[at], g.Ops[i].Name())
			}
		}
		if w.scratch > 0 {
			own("scratch", l.scratch[i], w.scratch)
			clear(owner[l.scratch[i]:][:w.scratch*maxBatch])
		}
		for _, b := range last[i] {
			clear(owner[l.offset[b]:][:g.blobs[b].cols*maxBatch])
		}
	}
	if l.total > sum {
		t.Errorf("%s: %d values of scratch memory for %d values of blobs", name, l.total, sum)
	}
}
