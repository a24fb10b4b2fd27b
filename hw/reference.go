package hw

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// data holds published measurements; data/README.md says whose.
//
//go:embed data/*.csv
var data embed.FS

// ReferenceEngine is the engine of EngineLatency that every study can fall
// back on, and ReferenceCPU the machine that it was measured on.
const (
	ReferenceEngine = "pytorch_eager"
	ReferenceCPU    = "sapphirerapids"
)

// Speedup is time(Skylake process) / time(accelerator) at one batch size.
type Speedup struct {
	Model string
	Batch int
	Ratio float64
}

// GTX1080TiSpeedups returns the published speed-ups of the GTX 1080 Ti, data
// load included, ascending in batch for each model.
func GTX1080TiSpeedups() []Speedup {
	t := load("gtx1080ti_speedup.csv", "model", "batch_size", "speedup_vs_skylake")
	return rows(t, func(r record) Speedup { return Speedup{r.text(0), r.count(1), r.number(2)} })
}

// CloudLatency is the latency of one model and batch size on a cloud instance:
// medians, and the 5 % and 95 % quantiles, of computing and of loading the data.
type CloudLatency struct {
	Model                                string
	Instance                             string
	Batch                                int
	ComputeP5, ComputeP50, ComputeP95    time.Duration
	TransferP5, TransferP50, TransferP95 time.Duration
}

// KairosT4 is the instance of CloudLatency that has an NVIDIA T4.
const KairosT4 = "g4dn.xlarge"

// KairosLatency returns the measurements of Kairos on four instance types.
func KairosLatency() []CloudLatency {
	t := load("kairos_latency.csv", "model", "instance", "batch_size", "samples",
		"compute_p5_ms", "compute_p50_ms", "compute_p95_ms", "compute_p99_ms",
		"load_p5_ms", "load_p50_ms", "load_p95_ms", "load_p99_ms")
	return rows(t, func(r record) CloudLatency {
		return CloudLatency{
			Model: r.text(0), Instance: r.text(1), Batch: r.count(2),
			ComputeP5: r.ms(4), ComputeP50: r.ms(5), ComputeP95: r.ms(6),
			TransferP5: r.ms(8), TransferP50: r.ms(9), TransferP95: r.ms(10),
		}
	})
}

// EngineLatency is the latency of one model and batch size in a framework on
// one core of ReferenceCPU.
type EngineLatency struct {
	Engine, Model         string
	Batch                 int
	Median, P10, P90, Min time.Duration
	Reps                  int
}

// ReferenceEngineLatency returns the frameworks' latencies on ReferenceCPU,
// ascending in batch for each engine and model. mtwnd has one tower, mtwnd5
// five.
func ReferenceEngineLatency() []EngineLatency {
	t := load("peers_host_latency.csv", "engine", "model", "batch_size",
		"latency_ms_median", "latency_ms_p10", "latency_ms_p90", "latency_ms_min", "reps")
	return rows(t, func(r record) EngineLatency {
		return EngineLatency{
			Engine: r.text(0), Model: r.text(1), Batch: r.count(2),
			Median: r.ms(3), P10: r.ms(4), P90: r.ms(5), Min: r.ms(6), Reps: r.count(7),
		}
	})
}

// ReferenceDispatch is what the reference engine spends per operator beside
// the work itself, on ReferenceCPU: no more than the fastest model takes per
// operator at batch 1.
func ReferenceDispatch() Figure {
	return assume(1500, 1000, 1540, "ns", "least time per operator at batch 1: DIEN, 0.577 ms over 376 dispatches")
}

// OpShare is the share of run time of one operator kind.
type OpShare struct {
	Device  string // "cpu" is the paper's Skylake, "gpu" its GTX 1080 Ti
	Model   string
	Batch   int
	Op      string
	Percent float64
}

// OpBreakdown returns the published operator breakdowns.
func OpBreakdown() []OpShare {
	t := load("op_breakdown.csv", "device", "model", "batch_size", "op", "percent")
	return rows(t, func(r record) OpShare { return OpShare{r.text(0), r.text(1), r.count(2), r.text(3), r.number(4)} })
}

// PolicyGain is one group of bars of the paper's figure 11: throughput of
// three policies relative to the static one at the low target, and the gain in
// throughput per watt of the tuned CPU+GPU node over the static one.
type PolicyGain struct {
	Model, Target                 string
	Static, CPUTuned, CPUGPUTuned float64
	GPUQPSPerWattGain             float64
}

// ISCA20Fig11 returns the digitised figure, good to 5 %.
func ISCA20Fig11() []PolicyGain {
	t := load("isca20_fig11.csv", "model", "target", "static_qps_rel", "cpu_tuned_qps_rel", "cpu_gpu_tuned_qps_rel", "gpu_qps_per_watt_gain")
	return rows(t, func(r record) PolicyGain {
		return PolicyGain{r.text(0), r.text(1), r.number(2), r.number(3), r.number(4), r.number(5)}
	})
}

// MeanGain is the geometric mean over the eight models of the paper's gains over
// the static policy at the same target.
type MeanGain struct {
	Target                     string
	CPU, CPUGPU, GPUQPSPerWatt float64
}

// ISCA20Means returns the means that the paper's text states for figure 11.
func ISCA20Means() []MeanGain {
	return []MeanGain{{"low", 1.7, 4.0, 2.0}, {"medium", 2.1, 5.1, 2.6}, {"high", 2.7, 5.8, 2.9}}
}

// Crossover is the batch from which the GTX 1080 Ti is faster than a Skylake
// process, between Lo and Hi.
type Crossover struct {
	Model  string
	Lo, Hi float64
}

// GTX1080TiCrossovers returns the crossings of the published speed-ups,
// interpolated in log batch.
func GTX1080TiCrossovers() []Crossover {
	return []Crossover{
		{"rm3", 2, 2}, {"rm2", 15, 15}, {"wnd", 22, 22}, {"mtwnd", 28, 31},
		{"rm1", 54, 54}, {"ncf", 70, 70}, {"dien", 98, 108}, {"din", 285, 285},
	}
}

// load reads an embedded file and checks its header. The files are part of the
// program: a fault in one is a fault in the program.
func load(name string, header ...string) [][]string {
	text, err := data.ReadFile("data/" + name)
	if err != nil {
		panic(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	if !slices.Equal(lines[0], header) {
		panic(fmt.Errorf("%s: header is %v, not %v", name, lines[0], header))
	}
	return lines[1:]
}

// record is one line of an embedded file.
type record []string

func rows[T any](lines [][]string, read func(record) T) []T {
	out := make([]T, len(lines))
	for i, l := range lines {
		out[i] = read(l)
	}
	return out
}

func (r record) text(i int) string { return r[i] }

func (r record) count(i int) int {
	v, err := strconv.Atoi(r[i])
	if err != nil {
		panic(err)
	}
	return v
}

func (r record) number(i int) float64 {
	v, err := strconv.ParseFloat(r[i], 64)
	if err != nil {
		panic(err)
	}
	return v
}

func (r record) ms(i int) time.Duration {
	return time.Duration(r.number(i)*float64(time.Millisecond) + 0.5)
}
