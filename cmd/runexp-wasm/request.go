package main

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"runexp/serving/latency"
	"runexp/serving/load"
	"runexp/serving/policy"
	"runexp/serving/sim"
)

// request is one simulation. A line is a key and its values, separated by
// spaces; curve and accel_curve repeat, one knot a line:
//
//	cores 40            accelerators 1
//	batch 64            threshold 320       rate 1500.5
//	queries 20000       seed 1              max_query 1000
//	arrivals poisson    sizes production
//	curve 1 64 2500000        active cores, batch, ns
//	accel_curve 1 64 900000
type request struct {
	cores        int
	accelerators int
	curve        knots
	accelCurve   knots
	policy       policy.Policy
	rateQPS      float64
	queries      int
	seed         uint64
	arrivals     string
	sizes        string
	maxQuery     int
}

// knots are latencies by the number of active cores.
type knots map[int][]latency.Knot

func readRequest(r io.Reader) (*request, error) {
	q := &request{curve: knots{}, accelCurve: knots{}, maxQuery: load.DefaultMaxQuery}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		if err := q.set(words[0], words[1:]); err != nil {
			return nil, errors.New(words[0] + ": " + err.Error())
		}
	}
	return q, lines.Err()
}

func (q *request) set(key string, values []string) (err error) {
	switch key {
	case "curve":
		return q.curve.add(values)
	case "accel_curve":
		return q.accelCurve.add(values)
	}
	if len(values) != 1 {
		return errors.New("wants one value")
	}
	v := values[0]
	switch key {
	case "cores":
		q.cores, err = strconv.Atoi(v)
	case "accelerators":
		q.accelerators, err = strconv.Atoi(v)
	case "batch":
		q.policy.BatchSize, err = strconv.Atoi(v)
	case "threshold":
		q.policy.OffloadThreshold, err = strconv.Atoi(v)
	case "rate":
		q.rateQPS, err = strconv.ParseFloat(v, 64)
	case "queries":
		q.queries, err = strconv.Atoi(v)
	case "seed":
		q.seed, err = strconv.ParseUint(v, 10, 64)
	case "arrivals":
		q.arrivals = v
	case "sizes":
		q.sizes = v
	case "max_query":
		q.maxQuery, err = strconv.Atoi(v)
	default:
		err = errors.New("unknown key")
	}
	return err
}

// add reads a knot; those of one curve come with batches ascending.
func (k knots) add(values []string) error {
	if len(values) != 3 {
		return errors.New("wants active cores, batch and ns")
	}
	var n [3]int64
	for i, v := range values {
		var err error
		if n[i], err = strconv.ParseInt(v, 10, 64); err != nil {
			return err
		}
	}
	at := time.Duration(n[2])
	k[int(n[0])] = append(k[int(n[0])], latency.Knot{Batch: int(n[1]), Latency: at, Lo: at, Hi: at})
	return nil
}

// service is the time of a request on a device, slowed down by active cores as
// far as there are curves that say so.
func (k knots) service(name string, cores int) (*latency.Service, error) {
	byActive := map[int]*latency.Curve{}
	for active, knots := range k {
		c, err := latency.NewCurve(name, knots, knots[len(knots)-1].Batch)
		if err != nil {
			return nil, err
		}
		byActive[active] = c
	}
	surface, err := latency.NewSurface(name, byActive)
	if err != nil {
		return nil, err
	}
	return latency.FromSurface(surface, cores)
}

// config is the trial that the request describes, the same as runexp sim makes
// of its flags.
func (q *request) config() (c sim.Config, err error) {
	c = sim.Config{Policy: q.policy, RateQPS: q.rateQPS, Queries: q.queries, Warmup: sim.DefaultWarmup(q.queries, 1), Seed: q.seed}
	n := sim.Node{Cores: q.cores, Accelerators: q.accelerators}
	if n.Service, err = q.curve.service("curve", q.cores); err != nil {
		return c, err
	}
	if q.accelerators > 0 {
		if n.AccelService, err = q.accelCurve.service("accel_curve", 1); err != nil {
			return c, err
		}
	}
	c.Nodes = []sim.Node{n}
	if c.Arrivals, err = load.ParseArrivals(q.arrivals); err != nil {
		return c, err
	}
	c.Sizes, err = load.ParseSizes(q.sizes, q.maxQuery)
	return c, err
}
