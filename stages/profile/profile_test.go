package profile

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"runexp/models"
	"runexp/models/locality"
	"runexp/stages/record"
)

func small(t *testing.T, names ...string) Config {
	t.Helper()
	c := Config{
		TableScale: 1e-3, BatchSizes: []int{1, 8}, Workers: []int{1, 2},
		Fusion: []models.Fusion{models.FusionNone, models.FusionFull}, Indices: locality.Uniform(),
		Warmup: 1, MinRepetitions: 3, Repetitions: 5, MaxSeconds: 0.05, Seed: 1,
	}
	for _, n := range names {
		m, err := models.ByName(n)
		if err != nil {
			t.Fatal(err)
		}
		c.Models = append(c.Models, m)
	}
	return c
}

// anew keeps nothing.
func anew(_ string, measure func() (rows, error)) (rows, error) { return measure() }

func measure(t *testing.T, c Config) []point {
	t.Helper()
	var points []point
	for _, m := range c.Models {
		_, err := measureModel(context.Background(), c, m, func(p point) rows {
			points = append(points, p)
			return rows{}
		}, anew, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
	}
	return points
}

// The rows of a pass must account for all of it: every operator in exactly one
// kind, times that add up, costs that are those of the graph.
func TestRowsAddUpToThePass(t *testing.T) {
	c := small(t, "ncf") // of 17 operators
	for _, p := range measure(t, c) {
		rows := p.timings(c)
		wall, ops := map[int32]time.Duration{}, map[int32]int32{}
		var flops int64
		for _, r := range rows {
			wall[r.Rep] += time.Duration(r.WallNS)
			ops[r.Rep] += r.Ops
			if r.Rep == 0 {
				flops += r.FLOPs
			}
		}
		rep := int32(0)
		for _, passes := range p.passes {
			for _, pass := range passes {
				var want time.Duration
				for _, d := range pass {
					want += d
				}
				if wall[rep] != want || ops[rep] != 17 {
					t.Errorf("batch %d rep %d: %v over %d operators, want %v over 17", p.batch, rep, wall[rep], ops[rep], want)
				}
				rep++
			}
		}
		var want int64
		for _, o := range p.ops {
			want += o.Cost(p.batch).FLOPs
		}
		if flops != want {
			t.Errorf("batch %d: rows count %d FLOPs, the graph %d", p.batch, flops, want)
		}
	}
}

// Every worker contributes its repetitions, at least the least and at most the
// most, and at least one pass took time.
func TestRepetitions(t *testing.T) {
	c := small(t, "ncf")
	points := measure(t, c)
	if want := len(c.BatchSizes) * len(c.Workers) * len(c.Fusion); len(points) != want {
		t.Fatalf("%d points, want %d", len(points), want)
	}
	for _, p := range points {
		if len(p.passes) != p.workers {
			t.Errorf("batch %d: %d workers measured, want %d", p.batch, len(p.passes), p.workers)
		}
		for w, passes := range p.passes {
			if n := len(passes); n < c.MinRepetitions || n > c.Repetitions {
				t.Errorf("batch %d worker %d: %d passes outside [%d, %d]", p.batch, w, n, c.MinRepetitions, c.Repetitions)
			}
		}
	}
}

func TestRowsAreSortedByKey(t *testing.T) {
	c := small(t, "ncf", "rm1")
	var rows []record.OpTiming
	for _, p := range measure(t, c) {
		rows = append(rows, p.timings(c)...)
	}
	sortTimings(rows)
	if !slices.IsSortedFunc(rows, func(a, b record.OpTiming) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.Fusion, b.Fusion),
			cmp.Compare(a.BatchSize, b.BatchSize), cmp.Compare(a.Rep, b.Rep), cmp.Compare(a.OpKind, b.OpKind))
	}) {
		t.Error("op_timing is not sorted by model, workers, fusion, batch_size, rep, op_kind")
	}
}

// No operator can be faster than the roofline says by much; a fraction far
// above one would mean that the costs or the figures of the machine are wrong.
func TestDetailsStandAgainstTheRoofline(t *testing.T) {
	c := small(t, "wnd")
	for _, p := range measure(t, c) {
		details := p.details(roof(hostRates(nil), p.ops, p.batch))
		if len(details) != len(p.ops) {
			t.Fatalf("%d details of %d operators", len(details), len(p.ops))
		}
		for i, d := range details {
			if d.OpIndex != int32(i) || d.MedianNS < 0 || !(d.RooflineFraction >= 0) {
				t.Errorf("batch %d: %+v", p.batch, d)
			}
		}
	}
}

func TestCancelStopsMeasuring(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := small(t, "ncf")
	if _, err := measureModel(ctx, c, c.Models[0], func(point) rows { return rows{} }, anew, func(string) {}); err == nil {
		t.Error("a cancelled measurement returned no error")
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		key    string
		change func(*Config)
	}{
		{"models", func(c *Config) { c.Models = nil }},
		{"models", func(c *Config) { c.Models = append(c.Models, c.Models[0]) }},
		{"table_scale", func(c *Config) { c.TableScale = 0 }},
		{"table_scale", func(c *Config) { c.TableScale = 1.5 }},
		{"batch_sizes", func(c *Config) { c.BatchSizes = nil }},
		{"batch_sizes", func(c *Config) { c.BatchSizes = []int{0, 1} }},
		{"batch_sizes", func(c *Config) { c.BatchSizes = []int{4, 4} }},
		{"workers", func(c *Config) { c.Workers = []int{2} }},
		{"fusion", func(c *Config) { c.Fusion = nil }},
		{"fusion", func(c *Config) { c.Fusion = []models.Fusion{"some"} }},
		{"fusion", func(c *Config) { c.Fusion = append(c.Fusion, models.FusionNone) }},
		{"index_dist", func(c *Config) { c.Indices = locality.Spec{} }},
		{"warmup", func(c *Config) { c.Warmup = 0 }},
		{"min_repetitions", func(c *Config) { c.MinRepetitions = 2 }},
		{"repetitions", func(c *Config) { c.Repetitions = 1 }},
		{"max_seconds", func(c *Config) { c.MaxSeconds = 0 }},
	} {
		c := small(t, "ncf")
		tc.change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), tc.key+":") {
			t.Errorf("%s: got %v", tc.key, err)
		}
	}
	if err := small(t, "ncf").Validate(); err != nil {
		t.Errorf("a good Config: %v", err)
	}
}
