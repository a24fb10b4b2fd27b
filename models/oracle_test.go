package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"runexp/internal/npz"
	"runexp/internal/stream"
)

// oracle states every graph a second time, in float64, item by item and with
// nothing shared with the code under test but the Config. It makes parameters
// and inputs as it meets them, and records them under their names.
type oracle struct {
	cfg    Config
	rng    *rand.Rand
	batch  int
	arrays map[string]npz.Array
	tables int // met so far
}

// values returns the recorded array of this name, made if need be.
func (o *oracle) values(name string, scale float64, shape ...int) []float32 {
	a, ok := o.arrays[name]
	if !ok {
		n := 1
		for _, d := range shape {
			n *= d
		}
		a = npz.Array{Shape: shape, F32: make([]float32, n)}
		for i := range a.F32 {
			a.F32[i] = float32(scale * o.rng.NormFloat64())
		}
		o.arrays[name] = a
	}
	return a.F32
}

// linear is y = W x + b.
func (o *oracle) linear(name string, x []float64, out int) []float64 {
	w := o.values("param/"+name+"_w", 1/math.Sqrt(float64(len(x))), out, len(x))
	bias := o.values("param/"+name+"_b", 0.5, out)
	y := make([]float64, out)
	for j := range y {
		y[j] = float64(bias[j])
		for k, v := range x {
			y[j] += float64(w[j*len(x)+k]) * v
		}
	}
	return y
}

// mlp applies layers with Relu, but a sigmoid after layer number sigmoid.
func (o *oracle) mlp(prefix string, x []float64, widths []int, sigmoid int) []float64 {
	for i, n := range widths {
		x = o.linear(fmt.Sprintf("%s:::fc%d", prefix, i+1), x, n)
		for j, v := range x {
			if i+1 == sigmoid {
				x[j] = 1 / (1 + math.Exp(-v))
			} else {
				x[j] = math.Max(v, 0)
			}
		}
	}
	return x
}

// lookup returns the next table's vector of each item.
func (o *oracle) lookup(name string) [][]float64 {
	rows := o.cfg.TableRows[o.tables]
	o.tables++
	table := o.values("param/"+name+"_w", 1, rows, o.cfg.Dim)
	var lengths, indices []int32
	sums := make([][]float64, o.batch)
	for b := range sums {
		sums[b] = make([]float64, o.cfg.Dim)
		n := o.cfg.Lookups
		if !o.cfg.FixedLookups {
			n = o.rng.IntN(n + 1)
		}
		lengths = append(lengths, int32(n))
		for range n {
			row := o.rng.IntN(rows)
			indices = append(indices, int32(row))
			for d := range sums[b] {
				sums[b][d] += float64(table[row*o.cfg.Dim+d])
			}
		}
	}
	if indices == nil {
		indices = []int32{}
	}
	o.arrays["input/"+name+"_i"] = npz.Array{Shape: []int{len(indices)}, I32: indices}
	o.arrays["input/"+name+"_l"] = npz.Array{Shape: []int{o.batch}, I32: lengths}
	return sums
}

// lookups returns [table][item] vectors.
func (o *oracle) lookups(prefix string, n int) [][][]float64 {
	all := make([][][]float64, n)
	for i := range all {
		all[i] = o.lookup(fmt.Sprintf("%s%d", prefix, i))
	}
	return all
}

// dense returns the dense input of each item.
func (o *oracle) dense(n int) [][]float64 { return o.rows("input/dense_in", 1, n) }

// rows returns an input [batch, n] item by item.
func (o *oracle) rows(name string, scale float64, n int) [][]float64 {
	flat := o.values(name, scale, o.batch, n)
	rows := make([][]float64, o.batch)
	for b := range rows {
		for _, v := range flat[b*n : (b+1)*n] {
			rows[b] = append(rows[b], float64(v))
		}
	}
	return rows
}

// outputs returns each output's items.
func (o *oracle) outputs() map[string][][]float64 {
	results := map[string][][]float64{}
	record := func(name string, item int, y []float64) {
		if results[name] == nil {
			results[name] = make([][]float64, o.batch)
		}
		results[name][item] = y
	}
	switch o.cfg.Type {
	case "dlrm":
		o.dlrm(record)
	case "wnd", "mtwnd":
		o.wide(record)
	case "ncf":
		o.ncf(record)
	case "din":
		o.din(record)
	case "dien":
		o.dien(record)
	}
	return results
}

type recorder func(name string, item int, y []float64)

func (o *oracle) dlrm(record recorder) {
	dense, emb := o.dense(o.cfg.Bottom[0]), o.lookups("emb:::sls", len(o.cfg.TableRows))
	for b := range o.batch {
		first := o.mlp("bot", dense[b], o.cfg.Bottom[1:], 0)
		features := [][]float64{first}
		for _, e := range emb {
			features = append(features, e[b])
		}
		x := slices.Clone(first)
		for i, f := range features {
			if o.cfg.Interaction == "cat" {
				if i > 0 {
					x = append(x, f...)
				}
				continue
			}
			for j, g := range features {
				if j < i || j == i && o.cfg.InteractionSelf {
					x = append(x, inner(f, g))
				}
			}
		}
		record("prob_click", b, o.mlp("top", x, o.cfg.Top, len(o.cfg.Top)))
	}
}

func inner(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}

func (o *oracle) wide(record recorder) {
	dense, emb := o.dense(o.cfg.Bottom[0]), o.lookups("emb:::sls", len(o.cfg.TableRows))
	for b := range o.batch {
		x := dense[b]
		for _, e := range emb {
			x = append(x, e[b]...)
		}
		if o.cfg.Type == "wnd" {
			record("prob_click", b, o.mlp("top", x, o.cfg.Top, len(o.cfg.Top)))
			continue
		}
		shared := o.mlp("top", x, o.cfg.Top, 0)
		layers := o.cfg.TaskLayers[1:]
		sigmoid := len(layers)
		if o.cfg.Variant == Release {
			sigmoid = len(o.cfg.Top)
		}
		for t := range o.cfg.Tasks {
			record(fmt.Sprintf("task_outs_%d", t), b, o.mlp(fmt.Sprintf("task_%d", t), shared, layers, sigmoid))
		}
	}
}

func (o *oracle) ncf(record recorder) {
	mf, deep := o.lookups("emb:::mf_sls", 2), o.lookups("emb:::mlp_sls", 2)
	n := len(o.cfg.Top) - 1
	for b := range o.batch {
		x := make([]float64, o.cfg.Dim)
		for d := range x {
			if x[d] = mf[0][b][d] * mf[1][b][d]; o.cfg.Variant == Release {
				x[d] = mf[0][b][d] + mf[1][b][d]
			}
		}
		x = append(x, o.mlp("mlpfc", slices.Concat(deep[0][b], deep[1][b]), o.cfg.Top[:n], 0)...)
		record("prob_click", b, o.mlp("final", x, o.cfg.Top[n:], 0))
	}
}

func (o *oracle) din(record recorder) {
	if t := o.cfg.TableRows; len(t) == 4 && o.cfg.Variant == Corrected {
		rows := []int{t[0]}
		for range o.cfg.BehaviorTables {
			rows = append(rows, t[1])
		}
		o.cfg.TableRows = append(rows, t[2], t[3])
	}
	n := len(o.cfg.TableRows)
	emb := o.lookups("emb:::sls", n)
	for b := range o.batch {
		ad := emb[n-2][b]
		attention := make([]float64, o.cfg.Dim)
		for u, e := range emb[1 : n-2] {
			x := slices.Concat(e[b], ad)
			for d := range ad {
				x = append(x, e[b][d]+ad[d])
			}
			y := o.mlp(fmt.Sprintf("atten:::_fc_%d", u), x, append(slices.Clone(o.cfg.Bottom), o.cfg.Dim), 0)
			for d := range y {
				attention[d] += y[d]
			}
		}
		x := slices.Concat(emb[0][b], attention, ad, emb[n-1][b])
		record("prob_click", b, o.mlp("top", x, o.cfg.Top, 0))
	}
}

func (o *oracle) dien(record recorder) {
	n := len(o.cfg.TableRows)
	emb := o.lookups("emb:::sls", n)
	steps := n - 3
	sequence := make([][][]float64, o.batch) // [item][step]
	for b := range o.batch {
		for t := range steps {
			x := emb[1+t][b]
			if o.cfg.Variant == Release { // row t*batch+b of the tensor [batch, steps] of vectors
				flat := t*o.batch + b
				x = emb[1+flat%steps][flat/steps]
			}
			sequence[b] = append(sequence[b], x)
		}
	}
	initial := o.rows("input/initial_h", 0.3, o.cfg.Hidden)
	lengths := make([]int32, o.batch)
	for b := range lengths {
		lengths[b] = int32(o.rng.IntN(steps + 3))
	}
	o.arrays["input/seq_lengths"] = npz.Array{Shape: []int{o.batch}, I32: lengths}
	for b := range o.batch {
		states := o.recurrent("rnn_0", sequence[b], initial[b], int(lengths[b]))
		for t, h := range states {
			a := softmax(o.linear("DIEN_blob_0", h, o.cfg.Hidden))
			e := slices.Clone(h)
			for j := range e {
				if o.cfg.Variant == Corrected {
					e[j] += a[j]
				}
			}
			states[t] = e
		}
		last := o.recurrent("rnn_1", states, initial[b], int(lengths[b]))[steps-1]
		x := slices.Concat(last, emb[0][b], emb[n-2][b], emb[n-1][b])
		record("prob_click", b, o.mlp("top", x, o.cfg.Top, 0))
	}
}

func (o *oracle) recurrent(name string, xs [][]float64, h []float64, length int) [][]float64 {
	var states [][]float64
	for t, x := range xs {
		if t < length {
			in, gates := o.linear(name+"/i2h", x, o.cfg.Hidden), o.linear(name+"/gates_t", h, o.cfg.Hidden)
			h = make([]float64, o.cfg.Hidden)
			for j := range h {
				h[j] = math.Tanh(in[j] + gates[j])
			}
		} else if t == 0 { // meet the parameters even if no step runs
			o.linear(name+"/i2h", x, o.cfg.Hidden)
			o.linear(name+"/gates_t", h, o.cfg.Hidden)
		}
		states = append(states, h)
	}
	return states
}

func softmax(x []float64) []float64 {
	y, sum := make([]float64, len(x)), 0.0
	for i, v := range x {
		y[i] = math.Exp(v)
		sum += y[i]
	}
	for i := range y {
		y[i] /= sum
	}
	return y
}

// randomConfig draws a small model of this type.
func randomConfig(rng *rand.Rand, kind string) Config {
	size := func(most int) int { return 1 + rng.IntN(most) }
	sizes := func(least, most, width int) Sizes {
		s := make(Sizes, least+rng.IntN(most-least+1))
		for i := range s {
			s[i] = size(width)
		}
		return s
	}
	c := Config{
		Type: kind, Variant: Corrected, Dim: size(9), Lookups: size(5), FixedLookups: rng.IntN(2) == 0,
		TableRows: sizes(4, 9, 30), Bottom: sizes(2, 3, 20), Top: sizes(2, 4, 40), TaskLayers: sizes(2, 4, 20),
		Tasks: size(3), Interaction: "cat", InteractionSelf: rng.IntN(2) == 0, Hidden: size(20), BehaviorTables: size(6),
	}
	switch kind {
	case "dlrm":
		if rng.IntN(2) == 0 {
			c.Interaction = "dot"
			c.Bottom[len(c.Bottom)-1] = c.Dim
		}
	case "wnd", "mtwnd":
		c.Bottom = c.Bottom[:1]
		c.TaskLayers[0] = c.Top.last()
	case "ncf":
		c.TableRows = c.TableRows[:4]
	case "din":
		if rng.IntN(2) == 0 {
			c.Bottom = Sizes{1} // as shipped
		}
	}
	return c
}

// TestOracle compares every topology and variant with the oracle, on random
// small shapes.
func TestOracle(t *testing.T) {
	for _, kind := range []string{"dlrm", "wnd", "mtwnd", "ncf", "din", "dien"} {
		for trial := range 30 {
			for _, variant := range []string{Corrected, Release} {
				rng := stream.New(uint64(trial), "oracle "+kind)
				cfg := randomConfig(rng, kind)
				cfg.Variant = variant
				o := &oracle{cfg: cfg, rng: rng, batch: 1 + rng.IntN(6), arrays: map[string]npz.Array{}}
				want := o.outputs()
				m, b, err := FromTensors(cfg, "", o.arrays)
				if err != nil {
					t.Fatalf("%+v: %v", cfg, err)
				}
				compare(t, cfg, m.NewEngineAs(b.Size+rng.IntN(3), FusionNone), b, want)
				compare(t, cfg, m.NewEngine(b.Size+rng.IntN(3)), b, want)
				if !m.fused.mixes {
					compare(t, cfg, newEngine(m.fused, b.Size, 1+rng.IntN(b.Size)), b, want)
				}
			}
		}
	}
}

// compare runs an engine and compares its outputs.
func compare(t *testing.T, cfg Config, e *Engine, b *Batch, want map[string][][]float64) {
	t.Helper()
	got, err := e.Run(b, nil)
	if err != nil {
		t.Fatalf("%+v: %v", cfg, err)
	}
	if len(got) != len(want) {
		t.Errorf("%+v: %d outputs, want %d", cfg, len(got), len(want))
	}
	for _, y := range got {
		if err := oracleError(y, want[y.Name]); err > tolerance {
			t.Errorf("%+v: %s: relative error %g", cfg, y.Name, err)
		}
	}
}

// oracleError is RelativeError in float64. Values below a thousandth, which a
// Relu may leave of a sum near zero, count as a thousandth.
func oracleError(got Output, want [][]float64) float64 {
	flat := slices.Concat(want...)
	if len(flat) != len(got.Data) {
		return math.Inf(1)
	}
	worst, largest := 0.0, 1e-3
	for i, w := range flat {
		worst = math.Max(worst, math.Abs(float64(got.Data[i])-w)) // NaN stays NaN
		largest = math.Max(largest, math.Abs(w))
	}
	if math.IsNaN(worst) {
		return math.Inf(1)
	}
	return worst / largest
}
