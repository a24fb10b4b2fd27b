package models

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"runexp/internal/npz"
)

// TestTensorsErrors: each fault is one error that names the array.
func TestTensorsErrors(t *testing.T) {
	drop := func(name string) func(map[string]npz.Array) { return func(x map[string]npz.Array) { delete(x, name) } }
	set := func(name string, a npz.Array) func(map[string]npz.Array) {
		return func(x map[string]npz.Array) { x[name] = a }
	}
	for _, c := range []struct {
		reason, golden string
		change         func(map[string]npz.Array)
		want           string
	}{
		{"no table", "rm1", drop("param/emb:::sls3_w"), "rm1: param/emb:::sls3_w: array is missing"},
		{"no weights", "rm1", drop("param/top:::fc2_w"), "rm1: param/top:::fc2_w: array is missing"},
		{"no biases", "rm1", drop("param/top:::fc2_b"), "rm1: param/top:::fc2_b: array is missing"},
		{"no dense input", "rm1", drop("input/dense_in"), "rm1: input/dense_in: array is missing"},
		{"no indices", "rm1", drop("input/emb:::sls0_i"), "rm1: input/emb:::sls0_i: array is missing"},
		{"no lengths", "rm1", drop("input/emb:::sls0_l"), "rm1: input/emb:::sls0_l: array is missing"},
		{"a table of another width", "rm1", set("param/emb:::sls3_w", npz.Array{Shape: []int{4, 16}, F32: make([]float32, 64)}),
			"rm1: param/emb:::sls3_w: shape [4 16], want [any 32]"},
		{"a table without rows", "rm1", set("param/emb:::sls3_w", npz.Array{Shape: []int{0, 32}, F32: []float32{}}), "rm1: param/emb:::sls3_w: 0 rows"},
		{"weights transposed", "rm1", set("param/bot:::fc1_w", npz.Array{Shape: []int{128, 64}, F32: make([]float32, 8192)}),
			"rm1: param/bot:::fc1_w: shape [128 64], want [64 128]"},
		{"whole numbers for weights", "rm1", set("param/bot:::fc1_b", npz.Array{Shape: []int{64}, I64: make([]int64, 64)}), "rm1: param/bot:::fc1_b: integers"},
		{"numbers too large", "rm1", set("param/top:::fc3_b", npz.Array{Shape: []int{1}, F64: []float64{1e300}}), "rm1: param/top:::fc3_b: element 0: 1e+300"},
		{"dense inputs of another batch", "rm1", set("input/dense_in", npz.Array{Shape: []int{5, 128}, F32: make([]float32, 640)}), "rm1: input/dense_in: shape [5 128], want [4 128]"},
		{"lengths of another batch", "rm1", set("input/emb:::sls1_l", npz.Array{Shape: []int{3}, I32: []int32{10, 10, 10}}), "rm1: input/emb:::sls1_l: shape [3], want [4]"},
		{"an empty batch", "rm1", set("input/emb:::sls0_l", npz.Array{Shape: []int{0}, I32: []int32{}}), "rm1: input/emb:::sls0_l: the batch has no items"},
		{"a negative length", "rm1", set("input/emb:::sls0_l", npz.Array{Shape: []int{4}, I32: []int32{50, -10, 0, 0}}), "rm1: input/emb:::sls0_l: element 1: -10 is not in"},
		{"lengths that do not add up", "rm1", set("input/emb:::sls0_l", npz.Array{Shape: []int{4}, I32: []int32{10, 10, 10, 9}}), "rm1: input/emb:::sls0_l: lengths add up to 39"},
		{"an index outside the table", "rm1", set("input/emb:::sls0_i", npz.Array{Shape: []int{40}, I64: slices.Repeat([]int64{200}, 40)}), "rm1: input/emb:::sls0_i: element 0: 200 is not in 0..199"},
		{"an index beyond int32", "rm1", set("input/emb:::sls0_i", npz.Array{Shape: []int{40}, I64: slices.Repeat([]int64{1 << 40}, 40)}), "rm1: input/emb:::sls0_i: element 0: 1099511627776 does not fit"},
		{"indices that are no integers", "rm1", set("input/emb:::sls0_i", npz.Array{Shape: []int{40}, F32: make([]float32, 40)}), "rm1: input/emb:::sls0_i: floating-point"},
		{"a state of another size", "dien", set("input/initial_h", npz.Array{Shape: []int{4, 32}, F32: make([]float32, 128)}), "dien: input/initial_h: shape [4 32], want [4 64]"},
		{"sequence lengths of another batch", "dien", set("input/seq_lengths", npz.Array{Shape: []int{1}, I32: []int32{40}}), "dien: input/seq_lengths: shape [1], want [4]"},
		{"a pair too many", "rm1_dot", set("input/interaction_tril_indices", npz.Array{Shape: []int{37}, I32: make([]int32, 37)}), "rm1: input/interaction_tril_indices: shape [37], want [36]"},
		{"a pair outside", "rm1_dot", set("input/interaction_tril_indices", npz.Array{Shape: []int{36}, I32: slices.Repeat([]int32{81}, 36)}), "rm1: input/interaction_tril_indices: 81 is not a position"},
	} {
		g := readGolden(t, c.golden)
		c.change(g.arrays)
		_, _, err := FromTensors(g.config, Release, g.arrays)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
}

// TestTensorsOptional: what the graph implies may be left out, and what a file
// gives overrides rows and batch of the settings.
func TestTensorsOptional(t *testing.T) {
	for name, optional := range map[string][]string{
		"dien":           {"input/initial_h", "input/seq_lengths"},
		"rm1_dot":        {"input/interaction_tril_indices"},
		"rm1_dot_itself": {"input/interaction_tril_indices"},
	} {
		g := readGolden(t, name)
		for _, array := range optional {
			if _, ok := g.arrays[array]; !ok {
				t.Errorf("%s: no %s to leave out", name, array)
			}
			delete(g.arrays, array)
		}
		g.config.TableRows = slices.Repeat(Sizes{7}, len(g.config.TableRows))
		m, b, err := FromTensors(g.config, Release, g.arrays)
		if err != nil {
			t.Fatal(err)
		}
		check(t, name, run(t, m, b)[0].Data, g.arrays["output/prob_click"].F32)
	}
}

// TestTensorsDoubles: float64 parameters and int32 indices are as good.
func TestTensorsDoubles(t *testing.T) {
	g := readGolden(t, "ncf")
	for name, a := range maps.Clone(g.arrays) {
		if a.F32 != nil && strings.HasPrefix(name, "param/") {
			wide := npz.Array{Shape: a.Shape, F64: make([]float64, len(a.F32))}
			for i, v := range a.F32 {
				wide.F64[i] = float64(v)
			}
			g.arrays[name] = wide
		}
	}
	m, b, err := FromTensors(g.config, Release, g.arrays)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "ncf", run(t, m, b)[0].Data, g.arrays["output/prob_click"].F32)
}

// TestTensorsPairs: a dot interaction takes its pairs in any order.
func TestTensorsPairs(t *testing.T) {
	g := readGolden(t, "rm1_dot")
	pairs, err := g.arrays["input/interaction_tril_indices"].Ints()
	if err != nil {
		t.Fatal(err)
	}
	// Swap the first two pairs, one of them mirrored, and the columns of the
	// weights that they meet: the result is the same.
	const first = 32 // pairs follow the dense vector
	swapped := slices.Clone(pairs)
	swapped[0], swapped[1] = pairs[1], pairs[0]/9+pairs[0]%9*9
	g.arrays["input/interaction_tril_indices"] = npz.Array{Shape: []int{len(pairs)}, I32: swapped}
	w := g.arrays["param/top:::fc1_w"]
	for row := range w.Shape[0] {
		at := row*w.Shape[1] + first
		w.F32[at], w.F32[at+1] = w.F32[at+1], w.F32[at]
	}
	m, b, err := FromTensors(g.config, Release, g.arrays)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "rm1_dot", run(t, m, b)[0].Data, g.arrays["output/prob_click"].F32)
}

// TestRelativeError by its definition, and on what must never pass.
func TestRelativeError(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		reason    string
		got, want []float32
		expect    float64
	}{
		{"equal", []float32{1, 2}, []float32{1, 2}, 0},
		{"all zero", []float32{0}, []float32{0}, 0},
		{"the largest of both", []float32{1, -3}, []float32{2, -4}, 0.25},
		{"something for nothing", []float32{1}, []float32{0}, math.Inf(1)},
		{"no number", []float32{nan}, []float32{1}, math.Inf(1)},
		{"no number wanted", []float32{nan}, []float32{nan}, math.Inf(1)},
		{"another length", []float32{1}, []float32{1, 1}, math.Inf(1)},
	} {
		if got := RelativeError(c.got, c.want); got != c.expect {
			t.Errorf("%s: %g, want %g", c.reason, got, c.expect)
		}
	}
}
