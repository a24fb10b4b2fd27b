package report

import (
	"fmt"
	"math"
	"time"

	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// A whole experiment's tables with believable numbers: gaps, saturation,
// targets that nothing meets, knots of every source.

var models = []string{"rm1", "rm2", "rm3", "ncf", "wnd", "mtwnd", "din", "dien"}

// perItem is a model's time per item on one core, in µs.
var perItem = map[string]float64{"rm1": 30, "rm2": 160, "rm3": 45, "ncf": 4, "wnd": 28, "mtwnd": 38, "din": 320, "dien": 95}

// medium is a model's medium target in ms.
var medium = map[string]float64{"rm1": 100, "rm2": 400, "rm3": 100, "ncf": 5, "wnd": 25, "mtwnd": 25, "din": 100, "dien": 35}

var batches = []int{1, 4, 16, 64, 256, 1024}

func micro(v float64) int64 { return int64(v * 1e3) }

func ptr[T any](v T) *T { return &v }

func testConfig() Config {
	c := Config{
		Experiment: "reproduce", Question: "Which batch size and offload threshold serve the most queries under a p95 target?",
		Stages: []Stage{
			{"profile", 3, true, []string{"op_timing", "op_detail", "calibration"}}, {"accel", 1, false, []string{"accel_latency", "accel_op"}},
			{"fit", 2, false, []string{"latency_curve", "latency_residual"}}, {"simulate", 1, false, []string{"trial"}},
			{"optimize", 1, false, []string{"operating_point", "max_qps", "probe", "mix_point"}}},
		Models: models,
		Nodes:  []Node{{"skylake", "runexp", "gtx1080ti"}, {"skylake", "runexp", "none"}, {"host", "runexp", "none"}},
		Titles: map[string]string{"gtx1080ti": "GTX 1080 Ti", "t4": "T4", "skylake": "Skylake", "host": "this host"},
	}
	for _, m := range models {
		c.Targets = append(c.Targets, Target{m, "medium", int64(medium[m] * 1e6)})
		for _, b := range []int{1, 16, 64, 1024} {
			for _, device := range []string{"cpu", "gpu"} {
				for i, k := range []string{"FC", "SparseLengthsSum", "Concat", "Relu"} {
					c.Published.Breakdown = append(c.Published.Breakdown, PublishedShare{device, m, b, k, []float64{60, 25.001, 5, 9.998}[i]})
				}
			}
		}
		for i, target := range []string{"low", "medium", "high"} {
			s := 1 + 0.3*float64(i)
			c.Published.Gain = append(c.Published.Gain, PublishedGain{m, target, s, s * 2, s * 4.4, 2.3})
		}
	}
	return c
}

func testTables() Tables {
	var t Tables
	for mi, m := range models {
		for _, b := range batches {
			profile(&t, m, mi, b)
			accel(&t, m, b)
		}
		curves(&t, m, mi)
		trials(&t, m)
		points(&t, m, mi)
	}
	for _, s := range testConfig().Stages {
		for i, name := range s.Tables {
			meta := artifact.Meta{Name: name + ".parquet", Stage: s.Name, OutputID: fmt.Sprintf("%064x", 0xabcdef*(i+7)), Rows: 1000 + i}
			if s.Host {
				meta.Measured, meta.Host, meta.Created = true, "Intel Xeon Platinum 8481C, 2 cores, avx512, thp", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			}
			t.Sources = append(t.Sources, Source{s.Name, s.Version, meta})
		}
	}
	t.Warnings = []string{"profile: dien: batch 1024: repetitions stopped at the time limit", "fit: din on t4: roofline alone", "accel: t4: rm1, rm3 and din are roofline alone",
		"optimize: rm2 low on skylake + none: static: infeasible: p95 of an idle system is 210ms, the target is 200ms"}
	for i := range 7 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("optimize: ncf cell %d: out of simulations: max_qps is between 10 and 12", i))
	}
	validation(&t)
	return t
}

func validation(t *Tables) {
	t.Validation = []record.Validation{
		{CheckName: "theory", CaseName: "M/M/1 at load 0.7", Metric: "p95_ns", Expected: 20e6, Observed: 19.9e6, Lo: ptr(19.4e6), Hi: ptr(20.4e6), RelError: -0.005, Pass: true},
		{CheckName: "theory", CaseName: "M/M/1 at load 0.7", Metric: "cpu_util", Expected: 0.7, Observed: 0.702, RelError: 0.00286, Pass: true},
		{CheckName: "live", CaseName: "rm1 apart at load 0.5", Metric: "max_qps", Expected: 900, ExpectedLo: ptr(880.0), ExpectedHi: ptr(920.0), Observed: 700,
			Lo: ptr(690.0), Hi: ptr(715.0), RelError: -0.222, Tolerance: 0.1, Note: "the host was busy"},
	}
}

func profile(t *Tables, m string, mi, b int) {
	for i, k := range []string{"FC", "SparseLengthsSum", "Concat", "Sum", "Relu", "Mul"} {
		us := (3 + perItem[m]*float64(b)) * []float64{0.5, 0.3, 0.08, 0.05, 0.05, 0.02}[(i+mi*2)%6]
		for op := range 2 {
			t.OpDetail = append(t.OpDetail, record.OpDetail{Model: m, Platform: "host", Fusion: "none", BatchSize: int32(b),
				OpIndex: int32(2*i + op), OpKind: k, OpName: fmt.Sprint(k, op), MedianNS: micro(us / 2)})
		}
	}
}

func accel(t *Tables, m string, b int) {
	ratio := 0.4 * math.Pow(float64(b), 0.25)
	t.AccelLatency = append(t.AccelLatency, record.AccelLatency{Model: m, Platform: "gtx1080ti", Source: record.PublishedRatio, BatchSize: int32(b), Speedup: &ratio})
	for _, p := range []string{"gtx1080ti", "t4"} {
		us := 200 + perItem[m]*float64(b)/8
		t.AccelLatency = append(t.AccelLatency, record.AccelLatency{Model: m, Platform: p, Source: record.Roofline, BatchSize: int32(b),
			TransferNS: ptr(micro(us / 5)), ComputeNS: ptr(micro(us * 0.8)), TotalNS: ptr(micro(us))})
		for i, k := range []string{"FC", "SparseLengthsSum", "Concat"} {
			t.AccelOp = append(t.AccelOp, record.AccelOp{Model: m, Platform: p, Source: record.Roofline, BatchSize: int32(b), OpKind: k, TimeNS: micro(us * []float64{0.5, 0.3, 0.2}[i])})
		}
	}
}

func curves(t *Tables, m string, mi int) {
	add := func(platform, engine string, workers, b int, us float64, source string, holdout *float64) {
		t.Curve = append(t.Curve, record.LatencyCurve{Model: m, Platform: platform, Engine: engine, Workers: int32(workers), BatchSize: int32(b),
			LatencyNS: micro(us), LoNS: micro(us * 0.9), HiNS: micro(us * 1.15), Source: source, Support: record.AtKnot, HoldoutError: holdout})
	}
	for i, b := range batches {
		us := 12 + perItem[m]*math.Pow(float64(b), 0.97)
		var holdout *float64
		if i > 0 && i < len(batches)-1 {
			holdout = ptr(0.02 + 0.01*float64((i+mi)%5))
		}
		add("host", "runexp", 1, b, us, record.Measured, holdout)
		add("host", "runexp", 2, b, us*1.3, record.Measured, holdout)
		for _, w := range []int{1, 10, 40} {
			add("skylake", "runexp", w, b, us*1.5*(1+0.01*float64(w)), record.Projected, nil)
		}
		add("skylake", "reference", 1, b, us*3, record.Projected, nil)
		add("gtx1080ti", record.EngineAccel, 1, b, us*3/(0.4*math.Pow(float64(b), 0.25)), record.PublishedRatio, holdout)
	}
	for b := 1; b <= 1000; b += 1 + b/10*9/10 {
		source := record.Published
		if b < 10 {
			source = record.Roofline
		}
		add("t4", record.EngineAccel, 1, b, 300+perItem[m]*float64(b)/4, source, nil)
	}
}

func trials(t *Tables, m string) {
	for _, n := range []struct {
		cpu, accel         string
		cores, batch, from int32
		speed              float64
	}{{"skylake", "none", 40, 25, 0, 1}, {"skylake", "none", 40, 256, 0, 1.3}, {"skylake", "gtx1080ti", 40, 64, 300, 2}, {"host", "none", 2, 500, 0, 0.1}} {
		for i := 1; i <= 11; i++ {
			rho := float64(i) / 10
			r := record.Trial{Experiment: "reproduce", Model: m, CPUPlatform: n.cpu, Engine: "runexp", AccelPlatform: n.accel, Servers: 1, Cores: n.cores,
				Router: "none", Arrivals: "poisson", SizeDist: "production", BatchSize: n.batch, OffloadThreshold: n.from, Admission: "all", TargetNS: ptr(int64(medium[m] * 1e6)), RateQPS: 1e5 / perItem[m] * n.speed * rho, Stable: rho < 1}
			if n.accel != "none" {
				r.Accelerators = 1
			}
			if r.Stable {
				p95 := perItem[m] * 200 * (2.5 + 0.6*rho/(1-rho))
				r.P50NS, r.P95NS, r.P99NS = ptr(micro(p95/4)), ptr(micro(p95)), ptr(micro(p95*1.4))
				if i > 1 {
					r.P95LoNS, r.P95HiNS = ptr(micro(p95*(1-0.1*rho*rho))), ptr(micro(p95*(1+0.1*rho*rho)))
				}
			}
			if r.Stable {
				r.GoodQPS = ptr(r.RateQPS * (1 - 0.1*rho))
			}
			t.Trial = append(t.Trial, r)
			if n.cpu == "host" {
				r.Admission, r.Shed, r.GoodQPS, r.Stable = "queue:64", max(0, rho-0.9), ptr(r.RateQPS*0.95/max(1, rho)), true
				r.P50NS, r.P95NS, r.P99NS = nil, nil, nil
				t.Trial = append(t.Trial, r)
			}
		}
	}
}

func points(t *Tables, m string, mi int) {
	for _, accel := range []string{"none", "gtx1080ti"} {
		for ti, target := range []string{"low", "medium", "high"} {
			sla := int64(medium[m] * []float64{0.5, 1, 1.5}[ti] * 1e6)
			best := 1e5 / perItem[m] * (1 + 0.4*float64(ti))
			if accel != "none" {
				best *= 1.5 + 0.3*float64(mi)
			}
			for ai, assignment := range []string{"static", "shared", "own"} {
				if accel == "none" {
					continue
				}
				for part, on := range []string{"none", accel} {
					q := 4 * best * []float64{0.5, 0.9, 1}[ai]
					r := record.MixPoint{Model: m, Mix: "3*skylake/none+1*skylake/gtx1080ti", Engine: "runexp", Servers: 4, Router: "po2", SizeDist: "production",
						Target: target, SLANS: sla, Assignment: assignment, Part: int32(part), CPUPlatform: "skylake", AccelPlatform: on, PartServers: int32(3 - 2*part),
						BatchSize: int32([]int{25, 64, 128}[ai]), MaxQPS: q, MaxQPSLo: q * 0.97, MaxQPSHi: q * 1.02, P95NS: ptr(sla * 99 / 100),
						GainOverStatic: ptr([]float64{0.5, 0.9, 1}[ai] / 0.5), Sims: int64(50 * ai), Status: "converged"}
					if m == "din" && ti == 0 && assignment == "static" {
						r.MaxQPS, r.MaxQPSLo, r.MaxQPSHi, r.P95NS, r.Status = 0, 0, 0.5, nil, "infeasible"
					}
					t.Mix = append(t.Mix, r)
				}
			}
			for pi, policy := range []string{"static", "deeprecsched", "seed_hillclimb", "exhaustive"} {
				q := best * []float64{0.4, 0.97, 0.8, 1}[pi]
				if policy == "static" {
					q = 1e5 / perItem[m] * (0.5 + 0.2*float64(ti))
				}
				r := record.OperatingPoint{Model: m, CPUPlatform: "skylake", Engine: "runexp", AccelPlatform: accel, Servers: 1, SizeDist: "production", TunedOn: "production",
					Objective: "qps", Target: target, SLANS: sla, Policy: policy, BatchSize: int32([]int{25, 64, 128, 96}[pi]),
					MaxQPS: q, MaxQPSLo: q * 0.96, MaxQPSHi: q * 1.03, MaxIPS: q * 239, Sims: int64(40 * (pi + 1)), Status: "converged",
					P95NS: ptr(sla * 99 / 100), PowerW: ptr(250.0 + 200*float64(len(accel)/9)), QPSPerWatt: ptr(q / (250.0 + 200*float64(len(accel)/9))),
					GainOverStatic: ptr(q / best), Regret: ptr(1 - q/best)}
				if accel != "none" && policy != "static" {
					r.OffloadThreshold = int32(100 * (pi + 1))
				}
				if m == "rm2" && ti == 0 && policy == "static" || m == "din" && ti == 0 {
					r.MaxQPS, r.MaxQPSLo, r.MaxQPSHi, r.P95NS, r.PowerW, r.QPSPerWatt, r.GainOverStatic, r.Status = 0, 0, 0.5, nil, nil, nil, nil, "infeasible"
				}
				t.Point = append(t.Point, r)
			}
			for _, threshold := range []int{1, 64, 128, 192, 256, 384, 512, 768, 0} {
				if accel == "none" && threshold != 0 {
					continue
				}
				for _, b := range []int{1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1000} {
					x, y := math.Log2(float64(b))-6.5, math.Log2(float64(threshold)+1)-7
					q := best * math.Exp(-x*x/20-y*y/12)
					if accel == "none" {
						q = best * math.Exp(-x*x/20)
					}
					if threshold == 0 && accel != "none" {
						q = best * 0.6 * math.Exp(-x*x/20)
					}
					t.Grid = append(t.Grid, record.MaxQPS{Model: m, CPUPlatform: "skylake", Engine: "runexp", AccelPlatform: accel, Servers: 1, SizeDist: "production",
						TunedOn: "production", Objective: "qps", Target: target, SLANS: sla, BatchSize: int32(b), OffloadThreshold: int32(threshold),
						MaxQPS: q, MaxQPSLo: q * 0.96, MaxQPSHi: q * 1.04, Status: "converged"})
				}
			}
		}
	}
}
