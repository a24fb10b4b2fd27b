package models

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"runexp/internal/npz"
)

// tolerance is what goldens must match to, by RelativeError.
const tolerance = 1e-4

// goldenCases is every recorded case.
var goldenCases = []string{
	"rm1", "rm2", "rm3", "ncf", "wnd", "mtwnd", "din", "dien",
	"rm1_dot", "rm1_dot_itself", "din_config",
	"rm1_full", "rm2_full", "rm3_full", "ncf_full", "wnd_full", "mtwnd_full", "din_full", "din_config_full", "dien_full",
}

// golden is one case's files.
type golden struct {
	config Config
	arrays map[string]npz.Array
}

// readGolden loads a case, making the parameters that follow from a formula.
func readGolden(t *testing.T, name string) golden {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".json")
	cfg, _, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := npz.Read(strings.TrimSuffix(path, ".json") + ".npz")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Weights string
		Params  map[string]struct {
			Shape []int
			K     int
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if file.Weights == "formula" {
		for name, p := range file.Params {
			arrays["param/"+name] = npz.Array{Shape: p.Shape, F32: formula(name, p.Shape, p.K)}
		}
	}
	return golden{cfg, arrays}
}

// formula returns the parameter of this name; see testdata/golden/README.md.
func formula(name string, shape []int, k int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	state, n := h.Sum64(), 1
	for _, d := range shape {
		n *= d
	}
	w := make([]float32, n)
	for i := range w {
		state += 0x9E3779B97F4A7C15
		z := state
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		w[i] = float32(math.Ldexp(float64(int64(z>>40)-1<<23), -(23 + k)))
	}
	return w
}

// TestGolden runs every case, and the first three items of it alone, in the
// variant that recorded it.
func TestGolden(t *testing.T) {
	for _, name := range goldenCases {
		t.Run(name, func(t *testing.T) {
			g := readGolden(t, name)
			m, b, err := FromTensors(g.config, Release, g.arrays)
			if err != nil {
				t.Fatal(err)
			}
			e := m.NewEngineAs(b.Size, FusionNone)
			worst, checked := 0.0, 0
			outputs, err := e.Run(b, func(i int) {
				blob := e.result(i)
				if want, recorded := g.blob(blob.Name); recorded {
					worst = max(worst, check(t, blob.Name, blob.Data, want))
					checked++
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range outputs {
				t.Logf("output/%s: relative error %.2g", o.Name, check(t, o.Name, o.Data, g.arrays["output/"+o.Name].F32))
			}
			t.Logf("%d of %d intermediate results: relative error up to %.2g", checked, len(m.graph.Ops), worst)
			for _, e := range []*Engine{e, m.NewEngine(b.Size)} {
				if outputs, err = e.Run(b, nil); err != nil {
					t.Fatal(err)
				}
				for _, o := range outputs {
					check(t, o.Name, o.Data, g.arrays["output/"+o.Name].F32)
				}
				if outputs, err = e.Run(b.head(3), nil); err != nil {
					t.Fatal(err)
				}
				for _, o := range outputs {
					check(t, "first three: "+o.Name, o.Data, g.arrays["output_first3/"+o.Name].F32)
				}
			}
		})
	}
}

// TestGoldenCorrected runs the two cases recorded for the corrected variant.
func TestGoldenCorrected(t *testing.T) {
	for _, name := range []string{"ncf", "dien"} {
		g := readGolden(t, name)
		corrected, err := npz.Read(filepath.Join("testdata", "golden", name+"_corrected.npz"))
		if err != nil {
			t.Fatal(err)
		}
		m, b, err := FromTensors(g.config, Corrected, g.arrays)
		if err != nil {
			t.Fatal(err)
		}
		var outputs []Output
		for _, f := range []Fusion{FusionNone, FusionFull} {
			o, err := m.NewEngineAs(b.Size, f).Run(b, nil)
			if err != nil {
				t.Fatal(err)
			}
			outputs = append(outputs, o...)
		}
		for _, o := range outputs {
			t.Logf("%s: %s: relative error %.2g", name, o.Name, check(t, name+": "+o.Name, o.Data, corrected["output/"+o.Name].F32))
		}
	}
}

// TestGoldenOperators: the release's graph has the same operators, kind by
// kind, except those that only change a shape, and two of NCF's lookups, which
// the release does twice.
func TestGoldenOperators(t *testing.T) {
	for _, name := range goldenCases {
		data, err := os.ReadFile(filepath.Join("testdata", "golden", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Counts map[string]int `json:"op_count"`
		}
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		delete(file.Counts, "Reshape")
		delete(file.Counts, "Flatten")
		cfg, _, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Type == "ncf" {
			file.Counts["SparseLengthsSum"] -= 2
		}
		g, err := Describe(cfg, Options{Variant: Release})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range g.Ops {
			file.Counts[string(o.Kind())]--
		}
		for kind, n := range file.Counts {
			if n != 0 {
				t.Errorf("%s: %+d operators of kind %s recorded", name, n, kind)
			}
		}
	}
}

// check compares a tensor and returns its error.
func check(t *testing.T, what string, got, want []float32) float64 {
	t.Helper()
	err := RelativeError(got, want)
	if err > tolerance {
		t.Errorf("%s: relative error %g", what, err)
	}
	return err
}

// blob returns a recorded intermediate result that this graph computes in the
// same form.
func (g golden) blob(name string) ([]float32, bool) {
	switch name {
	case "interaction_matmul": // ours has the lower triangle only
		return nil, false
	case "DIEN/Softmax": // recorded after the release's Sum overwrote it
		return nil, false
	case "DIEN/Sum":
		name = "DIEN/Softmax"
	}
	a, ok := g.arrays["blob/"+name]
	return a.F32, ok
}

// result returns what operator opIndex wrote in the pass at hand, Cols values for
// each item. It is valid only inside after: its memory is soon used again.
func (e *Engine) result(opIndex int) Output {
	b := e.graph.blobs[e.graph.wires[opIndex].out[0]]
	a := e.args[opIndex]
	data := a.Out.Data
	if len(a.Lookups) > 0 {
		data = a.Lookups[0].Dst
	}
	return Output{Name: b.name, Cols: b.cols, Data: data[:a.Batch*b.cols]}
}

// head returns the first n items of a batch.
func (b *Batch) head(n int) *Batch {
	h := &Batch{Size: n, Dense: b.Dense[:len(b.Dense)/b.Size*n]}
	for t := range b.Indices {
		total := 0
		for _, l := range b.Lengths[t][:n] {
			total += int(l)
		}
		h.Indices = append(h.Indices, b.Indices[t][:total])
		h.Lengths = append(h.Lengths, b.Lengths[t][:n])
	}
	if b.InitialState != nil {
		h.InitialState = slices.Clone(b.InitialState[:len(b.InitialState)/b.Size*n])
	}
	if b.SequenceLengths != nil {
		h.SequenceLengths = b.SequenceLengths[:n]
	}
	return h
}
