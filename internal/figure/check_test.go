package figure

import (
	"math"
	"strings"
	"testing"
)

// Every rule of the data has one case that breaks it; the message names the
// figure, the model and what is wrong.
func TestBadDataIsRefused(t *testing.T) {
	nan := math.NaN()
	for _, tc := range []struct {
		name, want string
		draw       func() (*Figure, error)
	}{
		{"no title", "latency: no title", func() (*Figure, error) {
			d := latencyExample()
			d.Title = ""
			return Latency(d)
		}},
		{"no caption", "tail: no caption", func() (*Figure, error) {
			d := tailExample()
			d.Caption = ""
			return Tail(d)
		}},
		{"no curves", "latency: no curves", func() (*Figure, error) { return Latency(LatencyData{Text: text("a", "b")}) }},
		{"no knots", "latency: rm1: 1 core: no knots", func() (*Figure, error) {
			d := latencyExample()
			d.Lines[0].Knots = nil
			return Latency(d)
		}},
		{"unsorted knots", "latency: rm1: 1 core: batch 1 follows 4", func() (*Figure, error) {
			d := latencyExample()
			k := d.Lines[0].Knots
			k[0], k[1] = k[1], k[0]
			return Latency(d)
		}},
		{"interval beside its value", "latency: rm1: 1 core: batch 1: interval", func() (*Figure, error) {
			d := latencyExample()
			d.Lines[0].Knots[0].Lo = d.Lines[0].Knots[0].Hi
			return Latency(d)
		}},
		{"zero latency on a log axis", "not a positive number", func() (*Figure, error) {
			d := latencyExample()
			d.Lines[0].Knots[0].Lo = 0
			return Latency(d)
		}},
		{"hold-out error NaN", "hold-out error NaN is not a share", func() (*Figure, error) {
			d := latencyExample()
			d.Lines[0].Knots[1].Holdout = &nan
			return Latency(d)
		}},
		{"too many curves", "latency: rm1: more than 4 curves", func() (*Figure, error) {
			d := latencyExample()
			for range 4 {
				d.Lines = append(d.Lines, d.Lines[0])
			}
			return Latency(d)
		}},
		{"speed-up NaN", "speedup: rm1: published", func() (*Figure, error) {
			d := speedupExample()
			d.Lines[0].Points[0].Speedup = nan
			return Speedup(d)
		}},
		{"unknown series", "speedup: rm1: series 9 is not one of 3", func() (*Figure, error) {
			d := speedupExample()
			d.Lines[0].Series = 9
			return Speedup(d)
		}},
		{"crossover outside", "crossover 5000 lies outside batches 1..1024", func() (*Figure, error) {
			d := speedupExample()
			d.Lines[0].Crossover = 5000
			return Speedup(d)
		}},
		{"peers: no time", "peers: rm1: onnxruntime, 4 KiB pages: ratio of the shortest times 0", func() (*Figure, error) {
			d := peersExample()
			d.Lines[0].Points[0].Min = 0
			return Peers(d)
		}},
		{"rates unsorted", "tail: rm1: rate", func() (*Figure, error) {
			d := tailExample()
			p := d.Panels[0].Points
			p[0], p[1] = p[1], p[0]
			return Tail(d)
		}},
		{"overload: rates unsorted", "overload: rm1: all let in: rate", func() (*Figure, error) {
			d := overloadExample()
			p := d.Panels[0].Lines[0].Points
			p[0], p[1] = p[1], p[0]
			return Overload(d)
		}},
		{"overload: goodput NaN", "overload: rm1: all let in: rate", func() (*Figure, error) {
			d := overloadExample()
			d.Panels[0].Lines[0].Points[0].GoodQPS = nan
			return Overload(d)
		}},
		{"overload: too many rules", "overload: 5 rules, not at most 4", func() (*Figure, error) {
			d := overloadExample()
			for _, name := range []string{"a", "b"} {
				d.Panels[1].Lines = append(d.Panels[1].Lines, OverloadLine{Name: name, Points: d.Panels[1].Lines[0].Points})
			}
			return Overload(d)
		}},
		{"nothing stable", "tail: rm1: no stable point", func() (*Figure, error) {
			d := tailExample()
			for i := range d.Panels[0].Points {
				d.Panels[0].Points[i].Stable = false
			}
			return Tail(d)
		}},
		{"target of zero", "tail: rm1: target p95 target 0s is not positive", func() (*Figure, error) {
			d := tailExample()
			d.Panels[0].Targets[0].Limit = 0
			return Tail(d)
		}},
		{"shares short of one", "breakdown: rm1: batch 1: shares add up to", func() (*Figure, error) {
			d := breakdownExample()
			d.Bars[0].Shares = d.Bars[0].Shares[:1]
			return Breakdown(d)
		}},
		{"negative share", "is not a share", func() (*Figure, error) {
			d := breakdownExample()
			d.Bars[0].Shares[0].Fraction = -0.1
			return Breakdown(d)
		}},
		{"bar twice", "breakdown: rm1: batch 1 comes twice", func() (*Figure, error) {
			d := breakdownExample()
			d.Bars = append(d.Bars, d.Bars[0])
			return Breakdown(d)
		}},
		{"infinite gain", "gain: rm1: low: ours: static", func() (*Figure, error) {
			d := gainExample()
			d.Rows[0].Values[0].Hi = math.Inf(1)
			return Gain(d)
		}},
		{"unknown mark", "mark 7 is not one of 3", func() (*Figure, error) {
			d := gainExample()
			d.Rows[0].Values[0].Mark = 7
			return Gain(d)
		}},
		{"cell twice", "heat: rm1: batch 1, threshold 1 comes twice", func() (*Figure, error) {
			d := heatExample()
			d.Panels[0].Cells = append(d.Panels[0].Cells, d.Panels[0].Cells[0])
			return Heat(d)
		}},
		{"cell NaN", "NaN QPS is not a rate", func() (*Figure, error) {
			d := heatExample()
			d.Panels[0].Cells[0].QPS = nan
			return Heat(d)
		}},
		{"throughput outside its interval", "batch: rm1: low: batch 1: interval", func() (*Figure, error) {
			d := batchExample()
			d.Lines[0].Points[0].Hi = 0
			return Batch(d)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.draw()
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "figure: ") {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}
