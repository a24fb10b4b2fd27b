package validate

import (
	"context"
	"math"
	"time"

	"runexp/serving/sim"
	"runexp/stages/record"
)

// rateStep is the ratio of neighbouring rates that are tried, less one.
const rateStep = 0.02

// Probes of a search for the largest rate. A live one takes seconds each.
const (
	simulatedProbes = 40
	liveProbes      = 8
)

// look says whether the p95 at a rate meets the target, and whether the whole of
// its interval is on that side.
type look struct{ met, sure bool }

// edge is the largest rate that meets the target below one that misses it, in
// steps from the capacity, and how far noise may move it.
type edge struct {
	at     int
	lo, hi *int // the nearest rates that surely meet and surely miss; nil where none was seen
}

// search finds the edge from a rate on: away from it in growing steps until
// the verdict turns, then by bisection. It differs from that of serving/tune in
// never trying a rate far below the start, where a live probe would take
// forever to see enough queries.
func search(start, probes int, try func(k int) (look, error)) (edge, error) {
	seen := map[int]look{}
	met, missed := math.MinInt, math.MaxInt
	k, step := start, 1
	for len(seen) < probes && (missed == math.MaxInt || met == math.MinInt || missed-met > 1) {
		l, err := try(k)
		if err != nil {
			return edge{}, err
		}
		seen[k] = l
		if l.met {
			met = max(met, k)
		} else {
			missed = min(missed, k)
		}
		switch {
		case missed == math.MaxInt:
			k, step = met+step, 2*step
		case met == math.MinInt:
			k, step = missed-step, 2*step
		default:
			k = met + (missed-met)/2
		}
	}
	e := edge{at: met}
	for k, l := range seen {
		if l.sure && l.met && (e.lo == nil || k > *e.lo) {
			e.lo = &k
		}
		if l.sure && !l.met && (e.hi == nil || k < *e.hi) {
			e.hi = &k
		}
	}
	return e, nil
}

// ladder is the rates that are tried, as steps from the capacity in queries/s.
type ladder float64

func (l ladder) rate(k int) float64 { return float64(l) * math.Pow(1+rateStep, float64(k)) }

func (l ladder) at(k *int) *float64 {
	if k == nil {
		return nil
	}
	qps := l.rate(*k)
	return &qps
}

// compare is the row of two edges, of which the expected one is known.
func (l ladder) compare(check, name string, want, got edge) record.Validation {
	row := record.Validation{CheckName: check, CaseName: name, Metric: "max_qps", Expected: l.rate(want.at), Tolerance: rateTolerance,
		Lo: l.at(got.lo), Hi: l.at(got.hi), ExpectedLo: l.at(want.lo), ExpectedHi: l.at(want.hi)}
	if got.at == math.MinInt {
		row.Note = "the live engines miss the p95 target at every rate tried"
	} else {
		row.Observed = l.rate(got.at)
	}
	return judge(row)
}

// maxQPS compares the largest rate whose p95 meets the target: all searches walk
// the same rates with the same queries.
func (o *Output) maxQPS(ctx context.Context, b *bench, capacity float64) error {
	l, limit := ladder(capacity), time.Duration(b.model.SLANS)
	judged := func(r sim.Result) look {
		met := r.Stable && r.P95 <= limit
		return look{met, met && r.P95Hi <= limit || !met && (!r.Stable || r.P95Lo > limit)}
	}
	simulated := func(n sim.Node) (edge, error) {
		return search(-5, simulatedProbes, func(k int) (look, error) {
			r, err := b.simulate(ctx, n, l.rate(k), b.queries(l.rate(k)))
			return judged(r), err
		})
	}
	want, err := simulated(b.node)
	if err != nil {
		return err
	}
	if want.at == math.MinInt {
		o.Warnings = append(o.Warnings, b.name+": the simulated engines miss the p95 target at every rate tried: no largest rate to compare")
		return nil
	}
	var got edge
	now, err := b.around(func() (err error) {
		got, err = search(want.at, liveProbes, func(k int) (look, error) {
			r, err := b.live(ctx, l.rate(k), b.queries(l.rate(k)))
			if r.Overloaded {
				return look{met: false, sure: true}, err
			}
			return judged(r.Result), err
		})
		return err
	})
	if err != nil {
		return err
	}
	o.Rows = append(o.Rows, l.compare("live", b.name, want, got))
	if want, err = simulated(now); err != nil {
		return err
	}
	if want.at == math.MinInt {
		o.Warnings = append(o.Warnings, b.name+": on the curve around the live run the simulated engines miss the p95 target at every rate tried")
		return nil
	}
	o.Rows = append(o.Rows, l.compare("now", b.name, want, got))
	return nil
}
