package main

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runexp/models"
	"runexp/pipeline/artifact"
)

// TestPoint: the first pass of a turn does not count, quantiles are over all
// passes, the ratio's range is over turns.
func TestPoint(t *testing.T) {
	var s series
	s.add(turn{ours: []int64{900, 10, 20, 30}, peer: []int64{1, 20, 40, 60}, got: []float32{1, 2}, want: []float32{1, 2}})
	s.add(turn{ours: []int64{900, 10, 20, 30}, peer: []int64{1, 60, 80, 100}, got: []float32{4}, want: []float32{4.0002}})
	q := s.point()
	if q.Reps != 6 || q.MinNS != 20 || q.MedianNS != 60 || q.OursMinNS != 10 || q.OursMedianNS != 20 {
		t.Errorf("times: %+v", q)
	}
	if q.RatioMin != 2 || q.RatioMedian != 3 || math.Abs(q.RatioLo-2.2) > 1e-9 || math.Abs(q.RatioHi-3.8) > 1e-9 {
		t.Errorf("ratios: %+v", q)
	}
	if math.Abs(q.MaxError-5e-5) > 1e-6 || s.agree() != nil {
		t.Errorf("error %g, %v", q.MaxError, s.agree())
	}
}

// TestAgree refuses outputs that differ and outputs that show nothing.
func TestAgree(t *testing.T) {
	for _, c := range []struct {
		reason    string
		got, want []float32
		err       string
	}{
		{"another value", []float32{1, 2}, []float32{1, 2.001}, "outputs differ by"},
		{"a value missing", []float32{1}, []float32{1, 2}, "outputs differ by"},
		{"not a number", []float32{1, float32(math.NaN())}, []float32{1, 2}, "outputs differ by"},
		{"a dead output layer", []float32{0, 0}, []float32{0, 0}, "outputs are all 0"},
	} {
		s := series{got: c.got, want: c.want}
		if err := s.agree(); err == nil || !strings.HasPrefix(err.Error(), c.err) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.err)
		}
	}
}

func TestParse(t *testing.T) {
	o, err := parse(io.Discard, []string{"-models", "din,ncf", "-batches", "1,64", "-torch", "python3"})
	if err != nil || len(o.models) != 2 || o.batches[1] != 64 || len(o.engines()) != 4 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, args := range [][]string{{"-batches", "1,x"}, {"-batches", "0"}, {"-reps", "0"}, {"extra"}, {"-what"}} {
		if _, err := parse(io.Discard, args); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

// TestPublish: measuring a model again replaces its rows and no others, in the
// order of the paper.
func TestPublish(t *testing.T) {
	o := options{out: t.TempDir()}
	row := func(model string, ns int64) []Point {
		return []Point{{Engine: "onnxruntime", Version: "1", Pages: "4k", Model: model, BatchSize: 1, Reps: 30,
			MinNS: ns, MedianNS: ns, RatioMin: 2, RatioMedian: 2, RatioLo: 1.9, RatioHi: 2.1}}
	}
	for _, p := range [][]Point{row("din", 1), row("rm1", 2), row("din", 3)} {
		if err := publish(o, p[0].Model, p); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := artifact.ReadFile[Point](filepath.Join(o.out, "peers.parquet"))
	if err != nil || len(rows) != 2 || rows[0].Model != "rm1" || rows[1].MedianNS != 3 {
		t.Errorf("%+v, %v", rows, err)
	}
	if _, err := os.Stat(filepath.Join(o.out, "peers.svg")); err != nil {
		t.Error(err)
	}
}

// TestParameters are all that a model asks for, and nothing is left of another.
func TestParameters(t *testing.T) {
	cfg, err := models.ByName("ncf")
	if err != nil {
		t.Fatal(err)
	}
	s := spec{Lookups: 1}
	for i, name := range []string{"emb:::mf_sls0", "emb:::mf_sls1", "emb:::mlp_sls0", "emb:::mlp_sls1"} {
		s.Tables = append(s.Tables, table{name, 10 + i})
	}
	in := 128
	for i, out := range cfg.Top {
		name := "final:::fc1"
		if i < len(cfg.Top)-1 {
			name = "mlpfc:::fc" + string(rune('1'+i))
		} else {
			in = 128
		}
		s.Layers = append(s.Layers, layer{name, out, in})
		in = out
	}
	p, err := draw(s, cfg.Dim)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.free(); err != nil {
			t.Error(err)
		}
	}()
	m, err := p.model(cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	w := &pair{model: m, ours: m.NewEngine(4), rng: inputs()}
	ns, out, err := w.run([]*models.Batch{m.NewBatch(4, w.rng, models.Uniform{}), m.NewBatch(4, w.rng, models.Uniform{})})
	if err != nil || len(ns) != 2 || len(out) != 2*4*64 {
		t.Errorf("%d times, %d outputs, %v", len(ns), len(out), err)
	}
}
