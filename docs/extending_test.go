// Package docs is only a test: the Go blocks of extending.md stand below word
// for word, compiled and run.
package docs

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"runexp/hw"
	"runexp/models/op"
	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

func Example_platform() {
	published := func(v float64, unit string) hw.Figure {
		return hw.Figure{Value: v, Lo: v, Hi: v, Unit: unit, Source: "data sheet"}
	}
	edge := hw.Accelerator{
		Name: "edge", Title: "Edge accelerator",
		PeakGFLOPS: published(1000, "GFLOP/s"), MemoryGBps: published(50, "GB/s"),
		LaunchNS: hw.Figure{Value: 5000, Lo: 3000, Hi: 10000, Unit: "ns", Source: "assumed: as a desktop GPU"},
	}
	fc := hw.Work{FLOPs: 2 * 64 * 512 * 256, Bytes: 4 * (512*256 + 64*512 + 64*256), WeightBytes: 4 * 512 * 256}
	fmt.Printf("%.0f ns, of which launching 3 kernels %.0f\n", edge.KernelNS(hw.Typical, fc)+edge.LaunchesNS(hw.Typical, 3), edge.LaunchesNS(hw.Typical, 3))
	// Output: 31777 ns, of which launching 3 kernels 15000
}

// pairs sends queries two at a time.
type pairs struct{}

func (pairs) Name() string { return "pairs" }

func (pairs) Gaps(rng *rand.Rand, rateQPS float64) func([]float64) {
	second := false
	return func(dst []float64) {
		for i := range dst {
			dst[i] = 0
			if !second {
				dst[i] = 2 * rng.ExpFloat64() / rateQPS
			}
			second = !second
		}
	}
}

// Two at a time wait longer than one by one, at the rate asked for.
func TestArrivals(t *testing.T) {
	poisson, err := load.ParseArrivals("poisson")
	if err != nil {
		t.Fatal(err)
	}
	var mean [2]float64
	for i, arrivals := range []load.Arrivals{poisson, pairs{}} {
		sizes, err := load.ParseSizes("fixed:1", 1)
		if err != nil {
			t.Fatal(err)
		}
		r, err := sim.Run(context.Background(), sim.Config{
			Nodes:  []sim.Node{{Cores: 1, Service: latency.Constant(1e6)}},
			Policy: policy.Policy{BatchSize: 1}, Arrivals: arrivals, Sizes: sizes, RateQPS: 500, Queries: 50_000, Warmup: 1000, Seed: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		if mean[i] = r.Mean.Seconds(); math.Abs(r.AchievedQPS/500-1) > 0.02 {
			t.Errorf("%s: %v queries/s, want 500", arrivals.Name(), r.AchievedQPS)
		}
	}
	if mean[1] <= mean[0] {
		t.Errorf("pairs take %v s on average, single queries %v s", mean[1], mean[0])
	}
}

// scale multiplies [batch, cols] by a factor.
type scale struct {
	name   string
	cols   int
	factor float32
}

func (s *scale) Kind() op.Kind { return "Scale" }
func (s *scale) Name() string  { return s.name }

func (s *scale) Cost(batch int) op.Cost {
	n := int64(batch * s.cols)
	return op.Cost{FLOPs: n, Bytes: 2 * 4 * n, Launches: 1}
}

func (s *scale) Run(a *op.Args) error {
	for b := range a.Batch {
		for c := range s.cols {
			a.Out.Data[b*a.Out.Stride+c] = s.factor * a.In[0].Data[b*a.In[0].Stride+c]
		}
	}
	return nil
}

func TestOperator(t *testing.T) {
	var o op.Operator = &scale{"twice", 2, 2}
	out := make([]float32, 4)
	if err := o.Run(&op.Args{Batch: 2, In: []op.Tensor{{Data: []float32{1, 2, 3, 4}, Stride: 2}}, Out: op.Tensor{Data: out, Stride: 2}}); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(out) != "[2 4 6 8]" || o.Cost(2).Bytes != 32 {
		t.Errorf("%v, cost %+v", out, o.Cost(2))
	}
}

// The document says what is compiled here.
func TestBlocksAreThisFile(t *testing.T) {
	here, err := os.ReadFile("extending_test.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("extending.md")
	if err != nil {
		t.Fatal(err)
	}
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 3 {
		t.Errorf("%d blocks of Go", len(blocks))
	}
	for _, b := range blocks {
		if !strings.Contains(flat(string(here)), flat(b[1])) {
			t.Errorf("this block is not in extending_test.go:\n%s", b[1])
		}
	}
}
