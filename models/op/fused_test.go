package op

import (
	"math"
	"slices"
	"testing"

	"runexp/internal/kernel"
	"runexp/internal/stream"
)

// in a wider tensor: a tensor of these rows with columns of another around.
func spread(x []float32, cols int) Tensor {
	t := Tensor{Stride: cols + 3}
	for row := range slices.Chunk(x, cols) {
		t.Data = append(append(t.Data, row...), 7, 7, 7)
	}
	return t
}

// gathered is the rows of a tensor.
func gathered(t Tensor, rows, cols int) []float32 {
	var x []float32
	for r := range rows {
		x = append(x, t.rows(r, cols).Data[:cols]...)
	}
	return x
}

// TestStrides: an operator gives the same numbers whether its operands are
// columns of wider tensors or not, and leaves the other columns alone.
func TestStrides(t *testing.T) {
	rng := stream.New(1, "strides")
	l, _ := linear(rng, 6, 6)
	const cols = 6
	gather := LowerTriangle("", 3, false)
	for _, c := range []struct {
		reason  string
		o       Runner
		inputs  int
		outCols int
	}{
		{"FC", &FC{Repeat: 1, Linear: l}, 1, 6},
		{"FC and Relu", Layer{&FC{Repeat: 1, Linear: l}, kernel.Relu}, 1, 6},
		{"FC and Sigmoid", Layer{&FC{Repeat: 1, Linear: l}, kernel.Sigmoid}, 1, 6},
		{"RecurrentNetwork", &RecurrentNetwork{Steps: 1, Linear: l}, 2, 6},
		{"sum of one", &Sum{"", cols, 1}, 1, 6},
		{"sum of three", &Sum{"", cols, 3}, 3, 6},
		{"Mul", &Mul{"", cols}, 2, 6},
		{"Relu", &Relu{"", cols}, 1, 6},
		{"Sigmoid", &Sigmoid{"", cols}, 1, 6},
		{"Softmax", &Softmax{"", cols, 1}, 1, 6},
		{"Concat", &Concat{Parts: []Part{{Width: 6}, {Width: 6}}}, 2, 12},
		{"BatchMatMul", &BatchMatMul{Vectors: 3, Dim: 2}, 1, 6},
		{"BatchGather", gather, 1, 3},
		{"Pairs", Pairs{&BatchMatMul{Vectors: 3, Dim: 2}, gather}, 1, 3},
		{"Attend", Attend{&FC{Repeat: 1, Linear: l}, &Softmax{"", cols, 1}}, 1, 6},
	} {
		dense, wide := Args{Batch: batch}, Args{Batch: batch}
		for range c.inputs {
			x := values(rng, batch*cols)
			dense.In, wide.In = append(dense.In, Tensor{Data: x}), append(wide.In, spread(x, cols))
		}
		dense.Out = Tensor{Data: make([]float32, batch*c.outCols)}
		wide.Out = spread(make([]float32, batch*c.outCols), c.outCols)
		for _, a := range []*Args{&dense, &wide} {
			if err := c.o.Run(a); err != nil {
				t.Fatal(err)
			}
		}
		if got := gathered(wide.Out, batch, c.outCols); !slices.Equal(got, dense.Out.Data) {
			t.Errorf("%s: %v, want %v", c.reason, got, dense.Out.Data)
		}
		for i, v := range wide.Out.Data {
			if i%wide.Out.Stride >= c.outCols && v != 7 {
				t.Errorf("%s: wrote beside its columns", c.reason)
			}
		}
	}
}

// TestAttend: more rows than go through at once.
func TestAttend(t *testing.T) {
	rng := stream.New(1, "attend")
	l, state := linear(rng, 5, 5)
	const rows = 2*attendRows + 3
	x := values(rng, rows*5)
	var want []float64
	for row := range slices.Chunk(wide(x), 5) {
		y, sum := state(row), 0.0
		for _, v := range y {
			sum += math.Exp(v)
		}
		for d, v := range y {
			want = append(want, row[d]+math.Exp(v)/sum)
		}
	}
	a := Attend{&FC{Repeat: rows, Linear: l}, &Softmax{Cols: 5, Repeat: rows}}
	args := Args{Batch: 1, In: dense(x), Out: Tensor{Data: make([]float32, rows*5)}}
	if err := a.Run(&args); err != nil {
		t.Fatal(err)
	}
	near(t, "Attend", args.Out.Data, want)
}

// TestAttentionUnits computes two units layer by layer.
func TestAttentionUnits(t *testing.T) {
	rng := stream.New(1, "units")
	const dim, n = 4, 2
	ad, x := values(rng, batch*dim), values(rng, n*batch*dim)
	want := make([]float64, batch*dim)
	var units []Unit
	for u := range n {
		hidden, first := linear(rng, 3*dim, 1)
		output, second := linear(rng, 1, dim)
		units = append(units, Unit{&FC{Repeat: 1, Linear: hidden}, &FC{Repeat: 1, Linear: output}})
		for b := range batch {
			v, a := wide(x[(u*batch+b)*dim:][:dim]), wide(ad[b*dim:][:dim])
			joined := slices.Concat(v, a, a)
			for d := range dim {
				joined[2*dim+d] += v[d]
			}
			s := first(joined)
			s[0] = max(0, s[0])
			for d, y := range second(s) {
				want[b*dim+d] += max(0, y)
			}
		}
	}
	args := Args{Batch: batch, In: dense(ad, x), Out: Tensor{Data: make([]float32, batch*dim)}, Scratch: make([]float32, batch*n)}
	if err := NewAttentionUnits(dim, units).Run(&args); err != nil {
		t.Fatal(err)
	}
	near(t, "AttentionUnits", args.Out.Data, want)
}

// TestLookups: the error names the table.
func TestLookups(t *testing.T) {
	l := Lookups{{Label: "a", Rows: 2, Dim: 1}, {Label: "b", Rows: 2, Dim: 1}}
	table := []float32{1, 2}
	args := Args{Batch: 1, Lookups: []kernel.Lookup{
		{Dst: make([]float32, 1), Stride: 1, Table: table, Dim: 1, Indices: []int32{0, 1}, Lengths: []int32{2}},
		{Dst: make([]float32, 1), Stride: 1, Table: table, Dim: 1, Indices: []int32{1}, Lengths: []int32{1}},
	}}
	if err := l.Run(&args); err != nil || args.Lookups[0].Dst[0] != 3 || args.Lookups[1].Dst[0] != 2 {
		t.Errorf("%v, %v: %v", args.Lookups[0].Dst, args.Lookups[1].Dst, err)
	}
	args.Lookups[1].Indices[0] = 2
	if err := l.Run(&args); err == nil || err.Error() != "b: index 0: 2 is outside a table of 2 rows" {
		t.Error(err)
	}
}

// TestFused costs and counts as its parts do.
func TestFused(t *testing.T) {
	fc, relu := &FC{Label: "y", Repeat: 1, Linear: Linear{In: 3, Out: 2}}, &Relu{"z", 2}
	f := &Fused{Main: fc, Parts: []Operator{fc, relu}}
	if got, want := f.Cost(10), fc.Cost(10).Plus(relu.Cost(10)); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if f.Kind() != KindFC || f.Name() != "y" || Count(f) != 2 || Count(Alone(relu)) != 1 || Count(relu) != 1 {
		t.Errorf("%s %s stands for %d", f.Kind(), f.Name(), Count(f))
	}
}
