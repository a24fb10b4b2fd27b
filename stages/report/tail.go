package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// sweepKey names the trials of one figure: everything but model, policy, rate
// and seed.
type sweepKey struct {
	node         Node
	servers      int32
	cores, accel int32
	router       string
	arrivals     string
	sizes        string
	admission    string
}

func sweepOf(r record.Trial) sweepKey {
	return sweepKey{Node{r.CPUPlatform, r.Engine, r.AccelPlatform}, r.Servers, r.Cores, r.Accelerators, r.Router, r.Arrivals, r.SizeDist, r.Admission}
}

// policyKey is the policy of a trial.
type policyKey struct{ batch, threshold int32 }

func (p policyKey) String() string {
	switch {
	case p.batch == 0:
		return "static, each its own"
	case p.threshold == 0:
		return fmt.Sprintf("batch %d", p.batch)
	}
	return fmt.Sprintf("batch %d, offload ≥ %d", p.batch, p.threshold)
}

// tails draws latency against offered rate. A figure holds one panel per
// model; where a model was swept with several policies, the second goes to a
// second figure, and so on.
func (in input) tails() ([]drawing, error) {
	var list []drawing
	used := map[string]int{}
	all := in.sweeps()
	for _, k := range distinct(all, func(s sweep) sweepKey { return s.sweepKey }) {
		title := "Tail latency under load: " + in.titleOf(k.node)
		if k.admission != record.AdmitAll {
			title += ", " + admission(k.admission)
		}
		for i, panels := range deal(where(all, func(s sweep) bool { return s.sweepKey == k })) {
			heading := title
			if i > 0 {
				heading = fmt.Sprintf("%s, policy %d", title, i+1)
			}
			f, err := figure.Tail(figure.TailData{Panels: panels, Text: figure.Text{
				Title: heading, Caption: in.tailCaption(k), Notes: in.footnotes(scope{[]string{"fit", "simulate"}, []string{k.node.CPU, k.node.Accel}})}})
			if err != nil {
				return nil, err
			}
			name := numbered(used, "tail_"+slug(k.node.CPU, k.node.Engine, k.node.Accel))
			list = append(list, drawing{name: name, figure: f, folded: len(list) > 0, cat: []string{in.catTrials(k.node)}})
		}
	}
	return list, nil
}

// catTrials is the command that prints the trials of a node.
func (in input) catTrials(n Node) string {
	return in.cat("trial", "cpu_platform="+n.CPU, "engine="+n.Engine, "accel_platform="+n.Accel)
}

// numbered makes a name unique by appending _2, _3, ...
func numbered(used map[string]int, name string) string {
	used[name]++
	if used[name] > 1 {
		return fmt.Sprintf("%s_%d", name, used[name])
	}
	return name
}

// sweep is one panel and what it was simulated on.
type sweep struct {
	sweepKey
	panel figure.TailPanel
}

// sweptPolicy names one rate sweep.
type sweptPolicy struct {
	sweepKey
	model  string
	policy policyKey
}

// withoutAccel is the same sweep on the CPU alone.
func withoutAccel(k sweptPolicy) sweptPolicy {
	k.node.Accel, k.accel = record.None, 0
	return k
}

// sweeps lists the rate sweeps with at least one stable rate, the headline
// node first.
func (in input) sweeps() []sweep {
	of := func(r record.Trial) sweptPolicy {
		return sweptPolicy{sweepOf(r), r.Model, policyKey{r.BatchSize, r.OffloadThreshold}}
	}
	var list []sweep
	rows := byModel(in, in.Trial, func(r record.Trial) string { return r.Model })
	keys := distinct(rows, of)
	byKey := map[sweptPolicy][]record.Trial{}
	for _, r := range rows {
		byKey[of(r)] = append(byKey[of(r)], r)
	}
	for _, node := range in.machines() {
		for _, k := range keys {
			if k.node != node {
				continue
			}
			if _, alone := byKey[withoutAccel(k)]; alone && k.policy.threshold == 0 && k.node.Accel != record.Mixed && k.node.Accel != record.None {
				continue // nothing goes to the accelerator: the same as the CPU's
			}
			if panel, ok := in.tailPanel(byKey[k]); ok {
				list = append(list, sweep{k.sweepKey, panel})
			}
		}
	}
	return list
}

// deal spreads panels over figures, so that no figure has a model twice.
func deal(sweeps []sweep) [][]figure.TailPanel {
	var figures [][]figure.TailPanel
	count := map[string]int{}
	for _, s := range sweeps {
		n := count[s.panel.Model]
		count[s.panel.Model]++
		if n == len(figures) {
			figures = append(figures, nil)
		}
		figures[n] = append(figures[n], s.panel)
	}
	return figures
}

// tailPanel makes one rate sweep of one seed, the smallest: seeds are not
// averaged here. It is not ok if no rate is stable.
func (in input) tailPanel(rows []record.Trial) (figure.TailPanel, bool) {
	first := rows[0]
	n := figure.TailPanel{Model: first.Model, Detail: policyKey{first.BatchSize, first.OffloadThreshold}.String()}
	seed := slices.MinFunc(rows, func(a, b record.Trial) int { return cmp.Compare(a.Seed, b.Seed) }).Seed
	stable := false
	for _, r := range rows {
		if r.Seed != seed {
			continue
		}
		q := figure.TailPoint{RateQPS: r.RateQPS}
		if r.Stable && r.P50NS != nil && r.P95NS != nil && r.P99NS != nil {
			q.Stable, stable = true, true
			q.P50, q.P95, q.P99 = nanos(*r.P50NS), nanos(*r.P95NS), nanos(*r.P99NS)
			q.P95Lo, q.P95Hi = q.P95, q.P95
			if r.P95LoNS != nil && r.P95HiNS != nil {
				q.P95Lo, q.P95Hi = nanos(*r.P95LoNS), nanos(*r.P95HiNS)
			}
		}
		n.Points = append(n.Points, q)
	}
	slices.SortFunc(n.Points, func(a, b figure.TailPoint) int { return cmp.Compare(a.RateQPS, b.RateQPS) })
	n.Points = slices.CompactFunc(n.Points, func(a, b figure.TailPoint) bool { return a.RateQPS == b.RateQPS })
	for _, t := range in.Targets {
		if t.Model == n.Model {
			n.Targets = append(n.Targets, figure.TailTarget{Name: t.Name + " target", Limit: nanos(t.LimitNS)})
		}
	}
	return n, stable
}

func (in input) tailCaption(k sweepKey) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Simulated: %s arrivals, %s query sizes, %s", k.arrivals, k.sizes, cores(k.cores))
	b.WriteString(in.clusterOf(k))
	if k.admission != record.AdmitAll {
		fmt.Fprintf(&b, ", %s; latency is that of the queries let in", admission(k.admission))
	}
	b.WriteString(". Band: interval of p95, where the window was long enough to know one. A saturated rate has no quantiles." + in.served(k.node))
	return b.String()
}

// clusterOf says what serves beside the cores of a server.
func (in input) clusterOf(k sweepKey) string {
	if k.node.Accel == record.Mixed {
		return fmt.Sprintf(" and %d accelerators in %d servers behind a %s router", k.accel, k.servers, k.router)
	}
	s := ""
	if k.accel > 0 {
		s = fmt.Sprintf(" and %d × %s", k.accel, in.title(k.node.Accel))
	}
	if k.servers > 1 {
		s += fmt.Sprintf(" in each of %d servers behind a %s router", k.servers, k.router)
	}
	return s
}
