package sim_test

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"runexp/serving/latency"
	"runexp/serving/sim"
	"runexp/serving/theory"
)

// mmck are the state probabilities of M/M/c with places for so many, in
// service and waiting (Kleinrock, Queueing Systems I, section 3.5 for c = 1).
func mmck(erlangs float64, cores, places int) []float64 {
	p, sum := []float64{1}, 1.0
	for n := 1; n <= places; n++ {
		p = append(p, p[n-1]*erlangs/float64(min(n, cores)))
		sum += p[n]
	}
	for n := range p {
		p[n] /= sum
	}
	return p
}

// impatient is the share of lost queries of M/M/1 whose queries give up after
// waiting d services: the density of the virtual wait x is
// lambda*P0*exp((lambda-mu)x) up to d, and falls by exp(-mu*x) beyond.
func impatient(rho, d float64) float64 {
	e := math.Exp(-(1 - rho) * d)
	return rho * e * (1 - rho) / (1 - rho*rho*e)
}

// Loss against closed forms, under load and overload. A service of zero
// patience is Erlang's loss system, which depends on the mean service alone.
func TestShedTheory(t *testing.T) {
	shed := func(want float64) metric {
		return metric{"share shed", want, func(r sim.Result, _ []float64) float64 { return r.Shed }}
	}
	check := func(name string, c sim.Config, metrics ...metric) { checkTheory(t, system{name, c, metrics}) }
	at := func(cores int, service string, rate float64, a sim.Admission) sim.Config {
		c := queue(t, "poisson", cores, service, rate)
		c.Admission = a
		return c
	}
	for _, x := range []struct {
		name         string
		cores, queue int
		rho          float64
	}{{"M/M/1/6 overloaded", 1, 5, 1.5}, {"M/M/4/7", 4, 3, 0.9}, {"M/M/8/40 overloaded", 8, 32, 1.1}} {
		p := mmck(x.rho*float64(x.cores), x.cores, x.cores+x.queue)
		waiting := 0.0
		for n := x.cores + 1; n < len(p); n++ {
			waiting += float64(n-x.cores) * p[n]
		}
		loss, rate := p[len(p)-1], x.rho*float64(x.cores)/1e-3
		check(x.name, at(x.cores, "exp:1ms", rate, sim.Admission{Queue: x.queue}), shed(loss), requestWait(waiting/(rate*(1-loss))))
	}
	blocked := mmck(6.4, 8, 8)[8]
	for _, service := range []string{"exp:1ms", "const:1ms", "lognormal:1ms,2"} {
		check("M/G/8/8 "+service, at(8, service, 6400, sim.Admission{Wait: 1}), shed(blocked))
	}
	for _, rho := range []float64{0.8, 1.2} {
		check("M/M/1+D", at(1, "exp:1ms", 1000*rho, sim.Admission{Wait: 3 * time.Millisecond}), shed(impatient(rho, 3)))
	}
	if c := theory.ErlangC(8, 6.4); blocked >= c {
		t.Errorf("Erlang B %v is not below Erlang C %v", blocked, c)
	}
}

// A limit that is never met changes nothing.
func TestGenerousAdmission(t *testing.T) {
	for name, c := range systems(t) {
		want, err := sim.Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, c.Admission = range []sim.Admission{{Queue: 1 << 20}, {Wait: time.Hour}} {
			got, err := sim.Run(context.Background(), c)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v changes the result: %v", name, c.Admission, err)
			}
		}
	}
}

// overloaded are systems with more work than they can do.
func overloaded(t *testing.T) map[string]sim.Config {
	list := systems(t)
	for name, c := range list {
		c.RateQPS *= 6
		list[name] = c
	}
	batching := list["node"]
	batching.Nodes = slices.Clone(batching.Nodes)
	batching.Nodes[0].AccelBatch = sim.Batching{MaxItems: 1000, MaxDelay: time.Microsecond}
	list["batching"] = batching
	failing := list["cluster"]
	failing.Failures = []sim.Failure{{Node: 1, At: time.Millisecond, For: 20 * time.Millisecond}}
	list["failing"] = failing
	return list
}

// Under any overload a query is either served soon or turned away, nothing is
// lost, and the summary is what the queries say.
func TestShedLaws(t *testing.T) {
	for name, c := range overloaded(t) {
		for _, c.Admission = range []sim.Admission{{Queue: 7}, {Wait: 200 * time.Microsecond}} {
			c.Target = time.Millisecond
			r, seen := observe(t, c)
			var shed, good, served float64
			for i, q := range seen {
				if wait := q.Start - q.Arrival; c.Admission.Wait > 0 && wait > c.Admission.Wait {
					t.Fatalf("%s: query %d waits %v under %+v", name, i, wait, c.Admission)
				}
				if i < c.Warmup {
					continue
				}
				switch {
				case q.Shed:
					shed++
				case q.Latency() <= c.Target:
					good++
					fallthrough
				default:
					served++
				}
			}
			span := (seen[len(seen)-1].Arrival - seen[c.Warmup-1].Arrival).Seconds()
			if shed == 0 || shed+served != float64(c.Queries) || r.Shed != shed/float64(c.Queries) {
				t.Errorf("%s under %+v: %v shed and %v served of %d, summary says %v", name, c.Admission, shed, served, c.Queries, r.Shed)
			}
			if math.Abs(r.GoodQPS/(good/span)-1) > 1e-9 && good > 0 {
				t.Errorf("%s under %+v: %v queries/s in time, want %v", name, c.Admission, r.GoodQPS, good/span)
			}
			if !r.Stable || r.P95 <= 0 || r.CPUUtil > 1 {
				t.Errorf("%s under %+v: stable %v, p95 %v, %v busy", name, c.Admission, r.Stable, r.P95, r.CPUUtil)
			}
		}
	}
}

// Exactly those are turned away that the rule names. Where a query is one
// request, it would start when all but cores-1 of those let in before have
// ended; neighbours slow it down.
func TestShedExactly(t *testing.T) {
	const cores = 8
	c := systems(t)["node"]
	c.Nodes = []sim.Node{{Cores: cores, Service: surface(t, cores, true, rand.New(rand.NewPCG(5, 5))).WithNoise(noise{})}}
	c.Sizes, c.Queries, c.Warmup = mustSizes(t, "fixed:1"), 3000, 1
	c.RateQPS = 1.4 * cores / c.Nodes[0].Service.Mean(cores, 1).Seconds()
	wait := c.Nodes[0].Service.Mean(cores, 1)
	for _, c.Admission = range []sim.Admission{{Queue: 3}, {Wait: wait}} {
		_, seen := observe(t, c)
		var ends []time.Duration // of those let in, ascending
		var last time.Duration
		var let []sim.Query
		for i, q := range seen {
			start := max(q.Arrival, last)
			if len(ends) >= cores {
				start = max(start, ends[len(ends)-cores])
			}
			waiting := 0
			for _, other := range let {
				if other.Start > q.Arrival {
					waiting++
				}
			}
			full := c.Admission.Queue > 0 && waiting >= c.Admission.Queue || c.Admission.Wait > 0 && start-q.Arrival > c.Admission.Wait
			if q.Shed != full || !q.Shed && q.Start != start {
				t.Fatalf("query %d under %+v: shed %v, starts %v; %d wait, would start %v", i, c.Admission, q.Shed, q.Start, waiting, start)
			}
			if q.Shed {
				continue
			}
			last, let = q.Start, append(let, q)
			at, _ := slices.BinarySearch(ends, q.Done)
			ends = slices.Insert(ends, at, q.Done)
		}
	}
}

// One that finds nobody else is always let in, and a window of shed queries
// alone has no tail, not a wrong one.
func TestShedAll(t *testing.T) {
	s, err := latency.ParseService("const:1s")
	if err != nil {
		t.Fatal(err)
	}
	c := queue(t, "fixed", 1, "const:1s", 1e6)
	c.Nodes[0].Service, c.Queries, c.Warmup, c.Admission = s, 100, 10, sim.Admission{Wait: 1}
	r, seen := observe(t, c)
	if seen[0].Shed || !seen[1].Shed || r.Shed != 1 || r.P95 != 0 || r.GoodQPS != 0 {
		t.Errorf("first shed %v, second %v; %+v", seen[0].Shed, seen[1].Shed, r)
	}
}

func TestParseAdmission(t *testing.T) {
	for spec, want := range map[string]sim.Admission{"all": {}, "queue:64": {Queue: 64}, "wait:50ms": {Wait: 50 * time.Millisecond}} {
		if got, err := sim.ParseAdmission(spec); err != nil || got != want {
			t.Errorf("%s: %+v, %v", spec, got, err)
		}
	}
	for _, spec := range []string{"", "none", "queue", "queue:0", "queue:-1", "queue:1.5", "queue:99999999", "wait:", "wait:0s", "wait:-1ms", "wait:5", "all:1x,wait:1s"} {
		if a, err := sim.ParseAdmission(spec); err == nil {
			t.Errorf("%q is read as %+v", spec, a)
		}
	}
}

func TestAdmissionErrors(t *testing.T) {
	c := systems(t)["node"]
	for _, c.Admission = range []sim.Admission{{Queue: -1}, {Wait: -1}, {Queue: 1, Wait: 1}, {Queue: 1 << 30}} {
		if _, err := sim.Run(context.Background(), c); err == nil {
			t.Errorf("%+v is run", c.Admission)
		}
	}
	c.Nodes = slices.Clone(c.Nodes)
	c.Nodes[0].AccelBatch = sim.Batching{MaxItems: 100, MaxDelay: time.Second}
	c.Admission = sim.Admission{Wait: time.Millisecond}
	if _, err := sim.Run(context.Background(), c); err == nil {
		t.Error("queries that give up before their batch is due are run")
	}
}
