package fit

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"runexp/hw"
	"runexp/models"
	"runexp/serving/latency"
	"runexp/stages/record"
)

const passes = 40 // per worker of the synthetic profile

// profiled makes up the rows of a profile: every kind takes twice its roofline
// on Sapphire Rapids plus 50 ns an operator; passes spread evenly by 10 % to
// each side; two workers are a quarter slower.
func profiled(t *testing.T, ms []models.Config, batches ...int) []record.OpTiming {
	t.Helper()
	cpu, err := hw.CPUByName("sapphirerapids")
	if err != nil {
		t.Fatal(err)
	}
	r := cpu.Rates(hw.Typical, hw.HugePages)
	var rows []record.OpTiming
	for _, m := range ms {
		g := graphOf(t, m)
		for _, workers := range []int{1, 2} {
			for _, batch := range batches {
				w := describe(g, batch)
				for rep := range passes * workers {
					by := 0.9 + 0.2*float64(rep%passes)/float64(passes-1)
					by *= 1 + 0.25*float64(workers-1)
					for _, k := range w.kinds {
						ns := 2*k.roofNS(r, w.place(r, 1, true)) + 50*float64(len(k.work))
						rows = append(rows, record.OpTiming{
							Model: m.Name(), Variant: "corrected", Platform: "host", Workers: int32(workers), Fusion: "none",
							IndexDist: "uniform", TableScale: 1, BatchSize: int32(batch), Rep: int32(rep), OpKind: k.kind,
							WallNS: int64(ns*by + 0.5), Ops: int32(len(k.work)),
						})
					}
				}
			}
		}
	}
	return rows
}

func calibration() []record.Calibration {
	row := func(metric, level string, v float64) record.Calibration {
		return record.Calibration{Platform: "host", Metric: metric, Level: level, Workers: 1, Value: v, Unit: "x"}
	}
	return []record.Calibration{
		row("dispatch_ns", "core", 50), row("fma_gflops", "core", 174.5), row("stream_gbps", "l2", 123),
		row("stream_gbps", "l3", 30), row("stream_gbps", "dram", 16), row("row_ns", "128", 14), row("row_ns", "256", 18),
	}
}

// fitted runs the fit on a host like Sapphire Rapids.
func fitted(t *testing.T, c Config, in Inputs) *fitter {
	t.Helper()
	return fittedWarning(t, c, in, func(string, ...any) {})
}

func fittedWarning(t *testing.T, c Config, in Inputs, warn func(string, ...any)) *fitter {
	t.Helper()
	host, err := hw.CPUByName("sapphirerapids")
	if err != nil {
		t.Fatal(err)
	}
	host.Name = hw.HostName
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	f, err := newFitter(c, in, host, hw.HugePages, warn)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Models {
		if err := f.model(m); err != nil {
			t.Fatal(err)
		}
	}
	f.warnQuiet()
	f.sort()
	return f
}

func config(ms []models.Config) Config {
	return Config{
		Models: ms, TableScale: 1, CPUs: []string{"host", "skylake", "broadwell"},
		Engines: Engines(), Method: LogLog, Extrapolate: 2,
	}
}

type curveKey struct {
	model, platform, engine string
	workers                 int32
}

func byCurve(rows []record.LatencyCurve) map[curveKey][]record.LatencyCurve {
	m := map[curveKey][]record.LatencyCurve{}
	for _, r := range rows {
		k := curveKey{r.Model, r.Platform, r.Engine, r.Workers}
		m[k] = append(m[k], r)
	}
	return m
}

// On the host a knot is the median of the passes, exactly, for each number of
// workers, and its interval holds it.
func TestHostKnotsAreMedians(t *testing.T) {
	ms := allModels(t)[:2]
	rows := profiled(t, ms, 1, 16, 256)
	f := fitted(t, config(ms), Inputs{Timings: rows, Calibration: calibration()})
	curves := byCurve(f.curves)
	for _, m := range ms {
		for p, want := range measurements(rows, m.Name()) {
			i := slices.IndexFunc(curves[curveKey{m.Name(), "host", "runexp", int32(p.workers)}], func(r record.LatencyCurve) bool { return r.BatchSize == int32(p.batch) })
			if i < 0 {
				t.Fatalf("%s %+v: no row", m.Name(), p)
			}
			r := curves[curveKey{m.Name(), "host", "runexp", int32(p.workers)}][i]
			median := int64(math.Round((want.totals[len(want.totals)/2-1] + want.totals[len(want.totals)/2]) / 2))
			if r.LatencyNS != median || r.Source != record.Measured || r.Support != record.AtKnot {
				t.Errorf("%s %+v: %+v, want the median %d", m.Name(), p, r, median)
			}
			if !(r.LoNS < median && median < r.HiNS) || float64(r.HiNS-r.LoNS) > 0.1*float64(median) {
				t.Errorf("%s %+v: interval %d to %d of %d passes", m.Name(), p, r.LoNS, r.HiNS, len(want.totals))
			}
			if math.Abs(r.CV-0.2/math.Sqrt(12)) > 0.003 {
				t.Errorf("%s %+v: CV %v, want that of an even spread of 20 %%", m.Name(), p, r.CV)
			}
			if (r.HoldoutError != nil) != (p.batch == 16) {
				t.Errorf("%s %+v: hold-out error %v; only inner knots have one", m.Name(), p, r.HoldoutError)
			}
		}
	}
}

// Every curve ascends in batch and latency, starts at 1, ends at the stated
// limit, and is rebuilt exactly by serving/latency.
func TestCurvesAreMonotone(t *testing.T) {
	ms := allModels(t)
	for _, method := range Methods() {
		c := config(ms)
		c.Method = method
		f := fitted(t, c, Inputs{Timings: profiled(t, ms, 1, 16, 256), Calibration: calibration()})
		curves := byCurve(f.curves)
		if want := len(ms) * (2 + 7 + 6 + 2 + 7 + 6); len(curves) != want {
			t.Errorf("%s: %d curves, want %d", method, len(curves), want)
		}
		for key, rows := range curves {
			last := record.LatencyCurve{}
			var knots []latency.Knot
			for _, r := range rows {
				if r.BatchSize <= last.BatchSize || r.LatencyNS < last.LatencyNS || r.LoNS > r.LatencyNS || r.HiNS < r.LatencyNS {
					t.Errorf("%s %+v: %+v after %+v", method, key, r, last)
				}
				last = r
				knots = append(knots, latency.Knot{Batch: int(r.BatchSize), Latency: nanoseconds(float64(r.LatencyNS))})
			}
			end := int32(512)
			if key.engine == record.EngineReference {
				end = 2048
			}
			if rows[0].BatchSize != 1 || last.BatchSize != end || last.Support != record.Extrapolated {
				t.Errorf("%s %+v: from %d to %+v", method, key, rows[0].BatchSize, last)
			}
			curve, err := latency.NewCurve("again", knots, int(end))
			if err != nil {
				t.Fatal(err)
			}
			if len(curve.Pooled()) > 0 {
				t.Errorf("%s %+v: not monotone at %v", method, key, curve.Pooled())
			}
		}
	}
}

// Our engine projected to a machine with the host's own figures is our engine
// on the host.
func TestProjectionOfTheHostToItsTwin(t *testing.T) {
	ms := allModels(t)
	c := config(ms)
	c.CPUs = []string{"host", "sapphirerapids"}
	c.Engines = []string{record.EngineRunexp}
	f := fitted(t, c, Inputs{Timings: profiled(t, ms, 1, 16, 256), Calibration: calibration()})
	curves := byCurve(f.curves)
	for _, m := range ms {
		here := curves[curveKey{m.Name(), "host", "runexp", 1}]
		twin := curves[curveKey{m.Name(), "sapphirerapids", "runexp", 1}]
		for i, r := range here {
			if d := float64(twin[i].LatencyNS - r.LatencyNS); math.Abs(d) > 1+1e-5*float64(r.LatencyNS) { // rounding, prolonged
				t.Errorf("%s at %d: %d on the twin, %d here", m.Name(), r.BatchSize, twin[i].LatencyNS, r.LatencyNS)
			}
		}
	}
}

// The old release's predictor, through the whole stage: golden values at every
// batch of the curve.
func TestLog4LinearMatchesTheOldRelease(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "serving", "latency", "testdata", "predict_time.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Models map[string]struct {
			ExecMS    []float64          `json:"exec_ms"`
			Predicted map[string]float64 `json:"predicted"`
		} `json:"models"`
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	ms := allModels(t)
	var in Inputs
	for _, m := range ms {
		for i, v := range golden.Models[m.Name()].ExecMS {
			ns := int64(math.Round(v * 1e6))
			in.Accel = append(in.Accel, record.AccelLatency{Model: m.Name(), Platform: "gtx1080ti", Source: record.User, Workers: 1, BatchSize: 1 << (2 * i), TotalNS: &ns})
		}
	}
	c := config(ms)
	c.CPUs, c.Engines, c.Accelerators, c.Method, c.Extrapolate = nil, nil, []string{"gtx1080ti"}, Log4Linear, 5
	curves := byCurve(fitted(t, c, in).curves)
	for _, m := range ms {
		var knots []latency.Knot
		for _, r := range curves[curveKey{m.Name(), "gtx1080ti", record.EngineAccel, 1}] {
			knots = append(knots, latency.Knot{Batch: int(r.BatchSize), Latency: nanoseconds(float64(r.LatencyNS))})
		}
		curve, err := latency.NewCurve(m.Name(), knots, 5*1024)
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range golden.Models[m.Name()].Predicted {
			batch, _ := strconv.Atoi(text)
			got, _, err := curve.At(batch)
			if err != nil || math.Abs(ms64(got)/want-1) > 5e-5 {
				t.Errorf("%s at %d: %v ms, %v, want %v", m.Name(), batch, ms64(got), err, want)
			}
		}
	}
}

func ms64[T ~int64](ns T) float64 { return float64(ns) / 1e6 }

// A user's CPU latencies become curves of their own, one for each number of
// active cores.
func TestUserCPU(t *testing.T) {
	for _, platform := range []string{"skylake", hw.HostName} {
		t.Run(platform, func(t *testing.T) { testUserCPU(t, platform) })
	}
}

func testUserCPU(t *testing.T, platform string) {
	ms := allModels(t)[:1]
	var in Inputs
	for _, workers := range []int32{1, 40} {
		for _, batch := range []int32{8, 64} {
			ns := int64(batch) * 1000 * int64(workers+10)
			in.Accel = append(in.Accel, record.AccelLatency{Model: "rm1", Platform: platform, Source: record.User, Workers: workers, BatchSize: batch, TotalNS: &ns})
		}
	}
	c := config(ms)
	c.CPUs, c.Engines = []string{platform}, nil
	curves := byCurve(fitted(t, c, in).curves)
	if len(curves) != 2 {
		t.Errorf("%d curves, want one for each number of active cores", len(curves))
	}
	rows := curves[curveKey{"rm1", platform, record.EngineUser, 40}]
	if len(rows) != 4 || rows[1].LatencyNS != 400_000 || rows[1].Source != record.User {
		t.Fatalf("%+v", rows)
	}
	if first := rows[0]; first.BatchSize != 1 || first.LatencyNS != 400_000 || first.LoNS != 50_000 || first.Support != record.Extrapolated {
		t.Errorf("before the first knot: %+v, want its latency, down to an eighth", first)
	}
}
