package figure

import (
	"fmt"
	"math"
	"time"
)

// Rows of believable shape for every kind of figure: eight models whose times
// span three decades, with gaps, saturation and coinciding marks where real
// tables have them.

var testModels = []string{"rm1", "rm2", "rm3", "ncf", "wnd", "mtwnd", "din", "dien"}

// testScale is a model's time per item in µs.
var testScale = map[string]float64{"rm1": 30, "rm2": 160, "rm3": 45, "ncf": 4, "wnd": 28, "mtwnd": 38, "din": 320, "dien": 95}

func text(title, caption string, notes ...string) Text {
	return Text{Title: title, Caption: caption, Notes: notes}
}

// wobble is a deterministic stand-in for noise, -1 to 1.
func wobble(i int) float64 { return math.Sin(float64(i)*12.9898) * math.Cos(float64(i)*4.1414) }

func micros(v float64) time.Duration { return time.Duration(v * 1e3) }

func breakdownExample() BreakdownData {
	d := BreakdownData{
		Text: text("Where the time goes on the CPU",
			"Measured on host (runexp kernels, one worker, sum of operator medians; the time beside a bar is the whole pass). Published: Skylake, DeepRecSys release, shares only.",
			"profile: tables scaled to 1/16 of their rows, so embeddings are partly cache-resident"),
		Series: []string{"host", "Skylake"},
	}
	mix := map[string][]float64{ // FC, SLS, Recurrent, Concat, Sum, Relu, Softmax, Mul
		"rm1": {0.19, 0.70, 0, 0.05, 0, 0.06, 0, 0}, "rm2": {0.05, 0.9, 0, 0.04, 0, 0.01, 0, 0},
		"rm3": {0.93, 0.02, 0, 0.01, 0, 0.04, 0, 0}, "ncf": {0.8, 0.06, 0, 0.05, 0, 0.06, 0, 0.03},
		"wnd": {0.85, 0.07, 0, 0.05, 0, 0.03, 0, 0}, "mtwnd": {0.87, 0.08, 0, 0.03, 0, 0.02, 0, 0},
		"din": {0.5, 0.2, 0, 0.15, 0.08, 0.07, 0, 0}, "dien": {0.1, 0.05, 0.7, 0.05, 0.02, 0.02, 0.06, 0},
	}
	names := []string{"FC", "SparseLengthsSum", "RecurrentNetwork", "Concat", "Sum", "Relu", "Softmax", "Mul"}
	for _, m := range testModels {
		for _, batch := range []int{1, 4, 16, 64, 256, 1024} {
			for s := range d.Series {
				if s == 1 && (batch == 4 || batch == 256) {
					continue // not published
				}
				b := BreakdownBar{Model: m, Batch: batch, Series: s}
				if s == 0 {
					b.Total = micros(20 + testScale[m]*float64(batch))
				}
				shift, sum := 0.3*math.Exp(-float64(batch*(s+1))/20), 0.0
				w := make([]float64, len(names))
				for i, v := range mix[m] {
					w[i] = v + shift*float64(i%3)*v + 0.02*shift
					sum += w[i]
				}
				for i := range w {
					b.Shares = append(b.Shares, Share{names[i], w[i] / sum})
				}
				d.Bars = append(d.Bars, b)
			}
		}
	}
	return d
}

func latencyExample() LatencyData {
	d := LatencyData{Text: text("Latency by batch size: host, runexp kernels",
		"Measured on host with 1 and 2 active cores; line: fitted curve, band: p5 to p95 of the samples at each knot.",
		"fit: dien: samples at batch 16 were not monotone and were pooled")}
	for mi, m := range testModels {
		for w, name := range []string{"1 core", "2 cores"} {
			l := LatencyLine{Model: m, Label: name}
			for i, batch := range []int{1, 4, 16, 64, 256, 1024} {
				us := (15 + testScale[m]*math.Pow(float64(batch), 0.96)) * (1 + 0.35*float64(w))
				k := LatencyKnot{Batch: batch, Latency: micros(us), Lo: micros(us * 0.93), Hi: micros(us * (1.08 + 0.1*float64(w)))}
				if i > 0 && i < 5 {
					e := 0.02 + 0.05*math.Abs(wobble(mi*7+i+w))
					k.Holdout = &e
				}
				k.Modelled = i == 5 && w == 1
				l.Knots = append(l.Knots, k)
			}
			d.Lines = append(d.Lines, l)
		}
	}
	return d
}

func speedupExample() SpeedupData {
	d := SpeedupData{
		Text: text("When the accelerator pays",
			"Published: time of one Skylake process over time of a GTX 1080 Ti, load included (DeepRecSys release). Ours: host core, runexp kernels, measured, over the GTX 1080 Ti, published; and over the T4, published from batch 10 and roofline below. Bars: the curves' intervals combined.",
			"accel: t4: rm1, rm3 and din are roofline alone"),
		Series: []SpeedupSeries{{"published: Skylake ÷ 1080 Ti", true}, {"host ÷ 1080 Ti", false}, {"host ÷ T4", false}},
	}
	start := map[string]float64{"rm1": 0.37, "rm2": 0.43, "rm3": 0.7, "ncf": 0.25, "wnd": 0.47, "mtwnd": 0.43, "din": 0.25, "dien": 0.37}
	end := map[string]float64{"rm1": 1.11, "rm2": 1.17, "rm3": 3.1, "ncf": 2.9, "wnd": 4.6, "mtwnd": 4, "din": 1.36, "dien": 2}
	for _, m := range testModels {
		for s, factor := range []float64{1, 0.55, 0.8} {
			l := SpeedupLine{Model: m, Series: s}
			for i, batch := range []int{1, 4, 16, 64, 256, 1024} {
				v := start[m] * math.Pow(end[m]/start[m], float64(i)/5) * factor
				q := SpeedupPoint{Batch: batch, Speedup: v, Lo: v, Hi: v}
				if s > 0 {
					q.Lo, q.Hi = v*0.85, v*1.2
				}
				l.Points = append(l.Points, q)
			}
			if a, b := start[m]*factor, end[m]*factor; a < 1 && b > 1 {
				l.Crossover = math.Pow(1024, math.Log(1/a)/math.Log(b/a))
			}
			d.Lines = append(d.Lines, l)
		}
	}
	return d
}

func peersExample() PeersData {
	d := PeersData{
		Text:   text("Other engines beside runexp", "Measured on host: latency of ONNX Runtime and PyTorch over that of runexp, medians, in turns within one run."),
		Series: []string{"onnxruntime, 4 KiB pages", "onnxruntime, huge pages", "pytorch, 4 KiB pages", "pytorch, huge pages"},
	}
	for mi, m := range testModels {
		for s := range d.Series {
			l := PeersLine{Model: m, Series: s}
			for i, batch := range []int{1, 4, 16, 64, 256, 1024} {
				r := (1.2 + 0.3*float64(mi%4)) * math.Pow(1.6, float64(3-s)/2+0.4*wobble(mi+i+s))
				if s > 1 {
					r *= 1 + 4/float64(batch)
				}
				l.Points = append(l.Points, PeersPoint{Batch: batch, Ratio: r, Lo: r * 0.96, Hi: r * 1.1, Min: r * (1 + 0.05*wobble(i))})
			}
			d.Lines = append(d.Lines, l)
		}
	}
	return d
}

func tailExample() TailData {
	d := TailData{Text: text("Tail latency under load: 1 server of skylake, static policy",
		"Simulated, Poisson arrivals, production query sizes, 40 cores; service times projected from host to skylake. Band: 95 % interval of p95.",
		"simulate: wnd: the interval of p95 is wider than 10 % at 2 rates")}
	for mi, m := range testModels {
		n := TailPanel{Model: m, Detail: "batch 25", Targets: []TailTarget{{"p95 target", micros(testScale[m] * 1000)}}}
		capacity := 4e5 / testScale[m]
		for i := 1; i <= 11; i++ {
			rho := float64(i) / 10
			q := TailPoint{RateQPS: capacity * rho}
			if rho < 1 {
				base := testScale[m] * 120
				q.Stable = true
				q.P50 = micros(base * (1 + 0.1*rho/(1-rho)))
				q.P95 = micros(base * (2.6 + 0.5*rho/(1-rho)))
				q.P99 = micros(base * (3.4 + 0.9*rho/(1-rho)))
				w := 0.01 + 0.12*rho*rho*rho + 0.01*math.Abs(wobble(i+mi))
				if i == 1 || i == 5 { // as where the window was too short to know
					w = 0
				}
				q.P95Lo, q.P95Hi = time.Duration(float64(q.P95)*(1-w)), time.Duration(float64(q.P95)*(1+w))
			}
			n.Points = append(n.Points, q)
		}
		d.Panels = append(d.Panels, n)
	}
	return d
}

func gainExample() GainData {
	d := GainData{
		Text: text("Throughput under the p95 target: 1 server of skylake with a GTX 1080 Ti",
			"Simulated; service times projected from host (CPU) and published (accelerator). Values are relative to the static policy at the low target of the same source; the rate is the best policy's. Published: ISCA 2020, Fig. 11, digitised, ±5 %.",
			"optimize: mtwnd low: the bracket failed for the static policy"),
		Axis:  "QPS relative to static at the low target",
		Marks: []string{"static", "tuned CPU", "tuned CPU + accelerator"},
	}
	for mi, m := range testModels {
		for ti, target := range []string{"low", "medium", "high"} {
			s := 1 + 0.3*float64(ti)
			cpu := s * (1.3 + 0.4*float64(ti) + 0.3*math.Abs(wobble(mi)))
			acc := cpu * (1.2 + 1.5*math.Abs(wobble(mi+3)))
			around := func(mark int, v float64) GainValue { return GainValue{mark, v, v * 0.96, v * 1.05} }
			ours := GainRow{Model: m, Group: target, Detail: duration(testScale[m] * 5e5 * float64(ti+1)), Series: "ours",
				Values: []GainValue{around(0, s), around(1, cpu), around(2, acc)}, Note: count(2e4/testScale[m]*acc) + " QPS"}
			if m == "mtwnd" && ti == 0 {
				ours.Values, ours.Note = ours.Values[1:], "static misses"
			}
			if m == "rm2" && ti == 0 {
				ours.Values, ours.Note = nil, "no policy meets it"
			}
			if m == "din" { // the accelerator gains nothing
				ours.Values[2] = around(2, cpu)
			}
			paper := GainRow{Model: m, Group: target, Series: "published", Published: true}
			for k, v := range []float64{s, s * 2, s * 4 * (1 + float64(mi%3))} {
				paper.Values = append(paper.Values, GainValue{k, v, v, v})
			}
			d.Rows = append(d.Rows, ours, paper)
		}
	}
	return d
}

func heatExample() HeatData {
	d := HeatData{
		Text: text("Throughput over batch size and offload threshold: medium target",
			"Simulated; one cell is the largest rate whose p95 meets the medium target at that setting. Hatched: not evaluated.",
			"optimize: din: 4 of 110 cells ran out of their simulation budget"),
		Marks: []string{"static", "DeepRecSched", "hill climb of the release", "exhaustive"},
	}
	for mi, m := range testModels {
		n := HeatPanel{Model: m, Detail: "best " + count(4e4/testScale[m]) + " QPS"}
		for _, threshold := range []int{1, 32, 64, 128, 192, 256, 384, 512, 768, 1000, 0} {
			for b := 1; b <= 1024; b *= 2 {
				if m == "ncf" && threshold == 1 && b > 1 {
					continue
				}
				tt := float64(threshold)
				if threshold == 0 {
					tt = 1400
				}
				x := math.Log2(float64(b)) - 3 - float64(mi%4)
				y := math.Log2(tt) - 6 - 0.5*float64(mi%5)
				q := 4e4 / testScale[m] * math.Exp(-x*x/14-y*y/9)
				if b >= 512 {
					q = 0
				}
				n.Cells = append(n.Cells, HeatCell{b, threshold, q})
			}
		}
		n.Points = []HeatPoint{{0, 25, 0}, {1, 8 << (mi % 4), 64}, {2, 8 << (mi % 4), 64}, {3, 8 << (mi % 4), 128}}
		d.Panels = append(d.Panels, n)
	}
	return d
}

func batchExample() BatchData {
	d := BatchData{
		Text: text("Throughput over batch size: skylake, no accelerator",
			"Simulated; the largest rate whose p95 meets the target. Bars: interval of the rate."),
		Marks: []string{"static", "DeepRecSched", "exhaustive"},
	}
	for mi, m := range testModels {
		for ti, target := range []string{"low", "medium", "high"} {
			l := BatchLine{Model: m, Label: target}
			best, at := 0.0, 1
			for b := 1; b <= 1024; b *= 2 {
				x := math.Log2(float64(b)) - 5 - float64(ti) - 0.4*float64(mi%3)
				q := 3e4 / testScale[m] * (1 + 0.5*float64(ti)) * math.Exp(-x*x/12)
				if b > 256<<ti {
					q = 0
				}
				if q > best {
					best, at = q, b
				}
				l.Points = append(l.Points, BatchPoint{b, q, q * 0.95, q * 1.06})
			}
			l.Choices = []BatchChoice{{0, 25, best * 0.7}, {1, at, best}}
			d.Lines = append(d.Lines, l)
		}
	}
	return d
}

// only keeps the first n models of a set of rows, to see small figures too.
func only[T any](rows []T, model func(T) string, n int) []T {
	keep := order(rows, model)[:n]
	var out []T
	for _, r := range rows {
		for _, k := range keep {
			if model(r) == k {
				out = append(out, r)
			}
		}
	}
	return out
}

// examples are all figures that the tests draw, by golden name.
func speedExample() SpeedData {
	d := SpeedData{Size: "servers of 40 cores each", Text: text("Speed of the simulator", "Measured on one core of this machine; the mark is the median, the bar the range of repetitions.")}
	for i, name := range []string{"random", "round_robin", "po2", "jsq"} {
		l := SpeedLine{Name: name}
		for size := 1; size <= 10_000; size *= 10 {
			rate := 3e7 / (1 + 0.4*float64(i)*math.Log10(float64(10*size)))
			l.Points = append(l.Points, SpeedPoint{Size: size, PerSecond: rate, Lo: 0.9 * rate, Hi: 1.05 * rate})
		}
		d.Lines = append(d.Lines, l)
	}
	return d
}

func examples() map[string]func() (*Figure, error) {
	list := map[string]func() (*Figure, error){
		"breakdown": func() (*Figure, error) { return Breakdown(breakdownExample()) },
		"latency":   func() (*Figure, error) { return Latency(latencyExample()) },
		"speedup":   func() (*Figure, error) { return Speedup(speedupExample()) },
		"tail":      func() (*Figure, error) { return Tail(tailExample()) },
		"overload":  func() (*Figure, error) { return Overload(overloadExample()) },
		"gain":      func() (*Figure, error) { return Gain(gainExample()) },
		"heat":      func() (*Figure, error) { return Heat(heatExample()) },
		"batch":     func() (*Figure, error) { return Batch(batchExample()) },
		"peers":     func() (*Figure, error) { return Peers(peersExample()) },
		"speed":     func() (*Figure, error) { return Speed(speedExample()) },
		"fleet":     func() (*Figure, error) { return Fleet(fleetExample()) },
	}
	list["long_names"] = func() (*Figure, error) {
		d := tailExample()
		d.Panels = d.Panels[:4]
		for i := range d.Panels {
			d.Panels[i].Model = "candidate_generation_" + d.Panels[i].Model
			d.Panels[i].Detail = "batch 1000, offload ≥ 1000"
		}
		d.Panels[3].Model = "a_model_with_a_name_that_nobody_should_have_given_it"
		return Tail(d)
	}
	for n := 1; n <= 3; n += 2 {
		list[fmt.Sprintf("tail_%d", n)] = func() (*Figure, error) {
			d := tailExample()
			d.Panels = only(d.Panels, func(p TailPanel) string { return p.Model }, n)
			return Tail(d)
		}
		list[fmt.Sprintf("latency_%d", n)] = func() (*Figure, error) {
			d := latencyExample()
			d.Lines = only(d.Lines, func(l LatencyLine) string { return l.Model }, n)
			return Latency(d)
		}
		list[fmt.Sprintf("breakdown_%d", n)] = func() (*Figure, error) {
			d := breakdownExample()
			d.Bars = only(d.Bars, func(b BreakdownBar) string { return b.Model }, n)
			return Breakdown(d)
		}
	}
	return list
}

func overloadExample() OverloadData {
	d := OverloadData{Text: text("Overload: 1 server of skylake",
		"Simulated: poisson arrivals, production query sizes. Queries that arrive and are answered within the medium p95 target, per second.")}
	for _, m := range testModels {
		can := 4000 / testScale[m]
		n := OverloadPanel{Model: m, Detail: "batch 25, within 100 ms"}
		for r, name := range []string{"all let in", "turned away where 64 wait", "given up after 20ms"} {
			l := OverloadLine{Name: name}
			for _, share := range []float64{0.5, 0.8, 0.9, 0.95, 1.05, 1.2, 1.5, 2} {
				q := OverloadPoint{RateQPS: share * can, Stable: r > 0 || share < 1}
				if q.Stable {
					q.GoodQPS = can * math.Min(share, 1-0.05*float64(r))
				}
				l.Points = append(l.Points, q)
			}
			n.Lines = append(n.Lines, l)
		}
		d.Panels = append(d.Panels, n)
	}
	return d
}

func fleetExample() FleetData {
	d := FleetData{
		Text: text("A day on four kinds of machines", "Machines that are on, hour by hour, so that every p95 target is met at least cost; crossed out: cannot be served.",
			"fleet: plan always_on: not every hour can be served this way"),
		Axis: "cost ($/h)", Platforms: []string{"Skylake", "Skylake + T4", "Broadwell", "Broadwell + T4"},
	}
	for i, name := range []string{"optimal", "greedy", "always on", "Skylake alone", "Broadwell + T4 alone"} {
		n := FleetPanel{Name: name, Detail: fmt.Sprintf("$%d a day", 2000+300*i)}
		for hour := range 24 {
			load := 100 * (1 + 0.8*math.Sin(float64(hour-14)/24*2*math.Pi))
			h := FleetHour{Hour: hour, Amounts: make([]float64, 4), Met: i < 4 || load < 160}
			switch {
			case !h.Met:
			case i < 3:
				h.Amounts = []float64{load * 0.4, min(load*0.4, 50), load * 0.1, max(0, load*0.1*float64(i)-5)}
			default:
				h.Amounts[3*(i-3)] = load * 1.2
			}
			n.Hours = append(n.Hours, h)
		}
		d.Panels = append(d.Panels, n)
	}
	return d
}
