package theory_test

import (
	"math"
	"testing"

	"runexp/serving/theory"
)

// Each closed form is checked where another one says the same.
func TestClosedFormsAgree(t *testing.T) {
	for _, rho := range []float64{0.1, 0.5, 0.9, 0.99} {
		poisson := theory.GammaLST(1/rho, 1)
		regular, clock := theory.GammaLST(1/rho, 1e-3), theory.GammaLST(1/rho, 0)
		for _, c := range []struct {
			name      string
			got, want float64
			within    float64
		}{
			{"one server waits with probability rho", theory.ErlangC(1, rho), rho, 1e-12},
			{"M/M/1 as GI/M/1 of exponential gaps", theory.Sigma(poisson, 1), rho, 1e-9},
			{"gaps of a tiny spread are a clock", theory.Sigma(regular, 1), theory.Sigma(clock, 1), 1e-4},
			{"M/M/1 as M/G/1", theory.MeanWait(rho, 1, 2), rho / (1 - rho), 1e-9 / (1 - rho)},
			{"M/M/1 mean wait as M/M/c", theory.ErlangC(1, rho) / (1 - rho), rho / (1 - rho), 1e-9 / (1 - rho)},
			{"an arrival at M/D/1 finds it idle", theory.MD1Wait(rho, 0), 1 - rho, 1e-12},
			{"M/D/1 is the integral of its tail", meanOfTail(rho), theory.MeanWait(rho, 1, 1), 0.01},
		} {
			if rho > 0.9 && c.within == 0.01 {
				continue // the tail goes on past ten services
			}
			if math.Abs(c.got-c.want) > c.within {
				t.Errorf("rho %v: %s: %v, not %v", rho, c.name, c.got, c.want)
			}
		}
	}
}

// meanOfTail integrates P(wait > t) at M/D/1 by the trapezoid rule up to ten
// services, and goes on exponentially from there.
func meanOfTail(rho float64) float64 {
	const step = 0.01
	tail := func(t float64) float64 { return 1 - theory.MD1Wait(rho, t) }
	sum := 0.0
	for t := 0.0; t < 10; t += step {
		sum += step * (tail(t) + tail(t+step)) / 2
	}
	if last := tail(9); rho > 0.5 {
		decay := math.Log(last / tail(10))
		sum += tail(10) / decay
	}
	return sum
}

func TestKnownValues(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Erlang C of 10 servers at 8 erlangs (tables)", theory.ErlangC(10, 8), 0.40918},
		{"median of an exponential", theory.ExponentialQuantile(0.5, 1, 2), math.Ln2 / 2},
		{"a quantile below the chance of no wait", theory.ExponentialQuantile(0.5, 0.3, 2), 0},
		{"two choices at load 1/2", theory.PowerOfTwo(0.5), 1 + 0.25 + 1./64 + 1./16384 + 1./(1<<30)},
		{"ten requests on four cores", float64(theory.ForkJoin(10, 4)), 3},
	} {
		if math.Abs(c.got-c.want) > 1e-5 {
			t.Errorf("%s: %v, not %v", c.name, c.got, c.want)
		}
	}
}
