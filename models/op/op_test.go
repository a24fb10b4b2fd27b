package op

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"runexp/internal/kernel"
	"runexp/internal/stream"
)

// values draws n numbers around zero.
func values(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// dense makes operands whose rows are adjacent.
func dense(data ...[]float32) []Tensor {
	in := make([]Tensor, len(data))
	for i := range in {
		in[i].Data = data[i]
	}
	return in
}

// linear makes a map, and a function that states it in float64.
func linear(rng *rand.Rand, in, out int) (Linear, func(x []float64) []float64) {
	w, bias := values(rng, in*out), values(rng, out)
	l := Linear{In: in, Out: out, Weights: kernel.Pack(w, out, in), Bias: bias}
	return l, func(x []float64) []float64 {
		y := make([]float64, out)
		for j := range y {
			y[j] = float64(bias[j])
			for k := range x {
				y[j] += float64(w[j*in+k]) * x[k]
			}
		}
		return y
	}
}

// wide converts to float64.
func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// near compares a result with what is wanted.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= 1e-5*(1+math.Abs(w))) {
			t.Errorf("%s: value %d: %g, want %g", what, i, got[i], w)
			return
		}
	}
}

// output runs an operator into memory with a guard behind it, which must stay.
func output(t *testing.T, o Operator, cols int, a Args) []float32 {
	t.Helper()
	const guard = 12345
	out := slices.Repeat([]float32{guard}, a.Batch*cols+5)
	a.Out = Tensor{Data: out}
	for i := range a.Lookups {
		a.Lookups[i].Dst, a.Lookups[i].Stride = out, cols
	}
	if err := o.Run(&a); err != nil {
		t.Fatalf("%s: %v", o.Name(), err)
	}
	for _, v := range out[a.Batch*cols:] {
		if v != guard {
			t.Errorf("%s wrote past its output", o.Name())
		}
	}
	return out[:a.Batch*cols]
}

const batch = 3

// TestFC: each row of each item by itself.
func TestFC(t *testing.T) {
	rng := stream.New(1, "fc")
	for _, repeat := range []int{1, 4} {
		l, state := linear(rng, 7, 5)
		x := values(rng, batch*repeat*7)
		var want []float64
		for row := range slices.Chunk(wide(x), 7) {
			want = append(want, state(row)...)
		}
		f := &FC{Label: "y", Repeat: repeat, Linear: l}
		near(t, "FC", output(t, f, 5*repeat, Args{Batch: batch, In: dense(x)}), want)
	}
}

// TestRecurrentNetwork: time-major, from a given state, with items that stop
// early keeping theirs.
func TestRecurrentNetwork(t *testing.T) {
	rng := stream.New(1, "rnn")
	const steps, hidden = 4, 6
	l, state := linear(rng, hidden, hidden)
	x, h0 := values(rng, steps*batch*hidden), values(rng, batch*hidden)
	for _, lengths := range [][]int32{nil, {4, 9, 100}, {0, 2, 4}} {
		want := make([]float64, steps*batch*hidden)
		for b := range batch {
			h := wide(h0[b*hidden : (b+1)*hidden])
			for s := range steps {
				at := (s*batch + b) * hidden
				if lengths == nil || s < int(lengths[b]) {
					h = state(h)
					for j := range h {
						h[j] = math.Tanh(h[j] + float64(x[at+j]))
					}
				}
				copy(want[at:], h)
			}
		}
		r := &RecurrentNetwork{Label: "h", Steps: steps, Linear: l}
		near(t, "RecurrentNetwork", output(t, r, steps*hidden, Args{Batch: batch, In: dense(x, h0), Lengths: lengths}), want)
	}
}

// TestSparseLengthsSum sums the rows named, and reports indices outside.
func TestSparseLengthsSum(t *testing.T) {
	s := &SparseLengthsSum{Label: "z", Rows: 3, Dim: 2, Lookups: 2}
	lookup := func(indices, lengths []int32) []kernel.Lookup {
		table := []float32{1, 2, 10, 20, 100, 200}
		return []kernel.Lookup{{Dst: make([]float32, 2), Stride: 2, Table: table, Dim: 2, Indices: indices, Lengths: lengths}}
	}
	got := output(t, s, 2, Args{Batch: batch, Lookups: lookup([]int32{2, 0, 1}, []int32{2, 0, 1})})
	near(t, "SparseLengthsSum", got, []float64{101, 202, 0, 0, 10, 20})
	err := s.Run(&Args{Batch: 1, Lookups: lookup([]int32{3}, []int32{1})})
	if err == nil || err.Error() != "z: index 0: 3 is outside a table of 3 rows" {
		t.Errorf("index 3 of 3 rows: %v", err)
	}
}

// TestElementwise states each operator on scalars.
func TestElementwise(t *testing.T) {
	rng := stream.New(1, "elementwise")
	const cols = 9
	a, b, c := values(rng, batch*cols), values(rng, batch*cols), values(rng, batch*cols)
	each := func(f func(a, b, c float64) float64) []float64 {
		y := make([]float64, len(a))
		for i := range y {
			y[i] = f(float64(a[i]), float64(b[i]), float64(c[i]))
		}
		return y
	}
	for _, x := range []struct {
		o    Operator
		in   [][]float32
		want []float64
	}{
		{&Sum{"sum of one", cols, 1}, [][]float32{a}, wide(a)},
		{&Sum{"sum of two", cols, 2}, [][]float32{a, b}, each(func(a, b, _ float64) float64 { return a + b })},
		{&Sum{"sum of three", cols, 3}, [][]float32{a, b, c}, each(func(a, b, c float64) float64 { return a + b + c })},
		{&Mul{"product", cols}, [][]float32{a, b}, each(func(a, b, _ float64) float64 { return a * b })},
		{&Relu{"relu", cols}, [][]float32{a}, each(func(a, _, _ float64) float64 { return max(a, 0) })},
		{&Sigmoid{"sigmoid", cols}, [][]float32{a}, each(func(a, _, _ float64) float64 { return 1 / (1 + math.Exp(-a)) })},
	} {
		near(t, x.o.Name(), output(t, x.o, cols, Args{Batch: batch, In: dense(x.in...)}), x.want)
	}
}

// TestSoftmax: each row by itself adds up to one, in the right proportions.
func TestSoftmax(t *testing.T) {
	x := values(stream.New(1, "softmax"), batch*2*4)
	var want []float64
	for row := range slices.Chunk(wide(x), 4) {
		sum := 0.0
		for _, v := range row {
			sum += math.Exp(v)
		}
		for _, v := range row {
			want = append(want, math.Exp(v)/sum)
		}
	}
	near(t, "Softmax", output(t, &Softmax{Label: "s", Cols: 4, Repeat: 2}, 8, Args{Batch: batch, In: dense(x)}), want)
}

// TestConcat: side by side, one below the other, and one step of a sequence.
func TestConcat(t *testing.T) {
	two := Args{Batch: 2, In: dense([]float32{1, 2}, []float32{3, 4, 5, 6})}
	for _, c := range []struct {
		reason string
		concat Concat
		args   Args
		want   []float64
	}{
		{"side by side", Concat{Parts: []Part{{Width: 1}, {Width: 2}}}, two, []float64{1, 3, 4, 2, 5, 6}},
		{"one below the other", Concat{Parts: []Part{{Width: 2}, {Width: 2}}, Stack: true},
			Args{Batch: 2, In: dense([]float32{1, 2, 3, 4}, []float32{5, 6, 7, 8})}, []float64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"the last step", Concat{Parts: []Part{{Width: 1}, {Width: 1, Step: 1}}}, two, []float64{1, 5, 2, 6}},
	} {
		near(t, c.reason, output(t, &c.concat, c.concat.Width(), c.args), c.want)
	}
}

// TestDot: the pairs of three vectors per item, with and without the diagonal,
// and in an order of one's own.
func TestDot(t *testing.T) {
	x := []float32{1, 0, 0, 1, 2, 3, 1, 1, 1, 1, 1, 2} // two items
	m := &BatchMatMul{Label: "m", Vectors: 3, Dim: 2}
	z := output(t, m, m.Width(), Args{Batch: 2, In: dense(x)})
	near(t, "BatchMatMul", z, []float64{1, 0, 1, 2, 3, 13, 2, 2, 2, 3, 3, 5})
	own, err := NewBatchGather("own", 3, []int32{5, 3, 0})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		gather *BatchGather
		want   []float64
	}{
		{LowerTriangle("strict", 3, false), []float64{0, 2, 3, 2, 3, 3}},
		{LowerTriangle("all", 3, true), []float64{1, 0, 1, 2, 3, 13, 2, 2, 2, 3, 3, 5}},
		{own, []float64{3, 0, 1, 3, 2, 2}},
	} {
		near(t, c.gather.Name(), output(t, c.gather, c.gather.Width(), Args{Batch: 2, In: dense(z)}), c.want)
	}
	for _, bad := range []int32{-1, 9} {
		if _, err := NewBatchGather("bad", 3, []int32{bad}); err == nil {
			t.Errorf("position %d of 9 was taken", bad)
		}
	}
}

// TestCosts works out every formula by hand for a batch of ten.
func TestCosts(t *testing.T) {
	for _, c := range []struct {
		o    Operator
		kind Kind
		want Cost
	}{
		{&FC{Repeat: 1, Linear: Linear{In: 3, Out: 2}}, "FC",
			Cost{FLOPs: 2 * 10 * 6, Bytes: 4 * (8 + 30 + 20), WeightBytes: 4 * 8, Launches: 2}},
		{&FC{Repeat: 5, Linear: Linear{In: 3, Out: 2}}, "FC",
			Cost{FLOPs: 2 * 50 * 6, Bytes: 4 * (8 + 150 + 100), WeightBytes: 4 * 8, Launches: 2}},
		{&RecurrentNetwork{Steps: 5, Linear: Linear{In: 2, Out: 2}}, "RecurrentNetwork",
			Cost{FLOPs: 50 * (2*4 + 2*2), Bytes: 4 * (6 + 3*100), WeightBytes: 4 * 6, Launches: 20}},
		{&SparseLengthsSum{Rows: 100, Dim: 8, Lookups: 4}, "SparseLengthsSum",
			Cost{FLOPs: 40 * 8, Bytes: 40*32 + 40*4 + 10*4 + 10*32, Rows: 40, RowBytes: 32, TableBytes: 3200, Launches: 1}},
		{&SparseLengthsSum{Rows: 100, Dim: 8, Lookups: 4, Ragged: true}, "SparseLengthsSum",
			Cost{FLOPs: 20 * 8, Bytes: 20*32 + 20*4 + 10*4 + 10*32, Rows: 20, RowBytes: 32, TableBytes: 3200, Launches: 1}},
		{&Concat{Parts: []Part{{Width: 3}, {Width: 4}}}, "Concat", Cost{Bytes: 4 * 2 * 70, Launches: 2}},
		{&Sum{Cols: 3, Inputs: 1}, "Sum", Cost{Bytes: 4 * 60, Launches: 1}},
		{&Sum{Cols: 3, Inputs: 4}, "Sum", Cost{FLOPs: 90, Bytes: 4 * 150, Launches: 3}},
		{&Mul{Cols: 3}, "Mul", Cost{FLOPs: 30, Bytes: 4 * 90, Launches: 1}},
		{&Relu{Cols: 3}, "Relu", Cost{FLOPs: 30, Bytes: 4 * 60, Launches: 1}},
		{&Sigmoid{Cols: 3}, "Sigmoid", Cost{FLOPs: 120, Bytes: 4 * 60, Launches: 1}},
		{&Softmax{Cols: 3, Repeat: 2}, "Softmax", Cost{FLOPs: 300, Bytes: 4 * 120, Launches: 1}},
		{&BatchMatMul{Vectors: 3, Dim: 2}, "BatchMatMul", Cost{FLOPs: 10 * 6 * 4, Bytes: 4 * 10 * (6 + 6), Launches: 1}},
		{LowerTriangle("", 3, false), "BatchGather", Cost{Bytes: 4 * 2 * 30, Launches: 1}},
	} {
		if c.o.Kind() != c.kind || c.o.Cost(10) != c.want {
			t.Errorf("%s: %+v, want %s: %+v", c.o.Kind(), c.o.Cost(10), c.kind, c.want)
		}
	}
}

// TestPlus: costs add up, but the size of a row does not.
func TestPlus(t *testing.T) {
	a := Cost{FLOPs: 1, Bytes: 2, WeightBytes: 3, Rows: 4, RowBytes: 5, TableBytes: 6, Launches: 7}
	if got, want := a.Plus(a), (Cost{2, 4, 6, 8, 5, 12, 14}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
