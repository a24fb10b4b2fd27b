package tune

import (
	"context"
	"math"
	"testing"
	"time"

	"runexp/internal/stream"
	"runexp/serving/policy"
)

// judged is a problem of M/M/1 queues in which queries are late as the closed
// form says, but for noise that both policies share and some of their own.
func judged(mu func(policy.Policy) float64, seed uint64, own float64) Problem {
	pb := Problem{Evaluate: mm1(mu, 0.03), Capacity: mu, SLA: p95(30 * time.Millisecond), Space: space}
	pb.Late = func(_ context.Context, t Trial) ([]float64, error) {
		shared, alone := stream.New(seed, "shared"), stream.New(seed+uint64(t.Policy.BatchSize), "alone")
		late := make([]float64, 20)
		for i := range late {
			late[i] = math.Exp(-(mu(t.Policy)-t.RateQPS)*0.030) + 0.05*shared.NormFloat64() + own*alone.NormFloat64()
		}
		return late, nil
	}
	return pb
}

func TestJudge(t *testing.T) {
	slow, fast := policy.Policy{BatchSize: 1}, policy.Policy{BatchSize: 2}
	for _, c := range []struct {
		reason   string
		slow     float64 // service rates of the two, queries/s
		fast     float64
		own      float64
		lo, hi   float64
		statuses [2]Status
	}{
		{"ten per cent apart", 1000, 1100, 0.01, 0.999, 1, [2]Status{Converged, Converged}},
		{"half a per cent apart, under shared noise ten times as large", 1000, 1005, 0.001, 0.99, 1, [2]Status{Converged, Converged}},
		{"the same, under noise", 1000, 1000.001, 0.05, 0.02, 0.98, [2]Status{Converged, Converged}},
		{"one misses when idle", 50, 1000, 0.01, 1, 1, [2]Status{Infeasible, Converged}},
		{"both miss when idle", 50, 60, 0.01, 0.5, 0.5, [2]Status{Infeasible, Infeasible}},
	} {
		mu := func(p policy.Policy) float64 {
			if p == fast {
				return c.fast
			}
			return c.slow
		}
		v, err := Judge(t.Context(), judged(mu, 1, c.own), fast, slow, 0, 900)
		if err != nil {
			t.Fatal(err)
		}
		if v.Better < c.lo || v.Better > c.hi || v.A.Status != c.statuses[1] || v.B.Status != c.statuses[0] {
			t.Errorf("%s: %+v", c.reason, v)
		}
		back, _ := Judge(t.Context(), judged(mu, 1, c.own), slow, fast, 0, 0)
		if math.Abs(back.Better+v.Better-1) > 1e-9 || back.A.QPS != v.B.QPS {
			t.Errorf("%s: judged the other way round: %+v, then %+v", c.reason, v, back)
		}
	}
	v, err := Judge(t.Context(), judged(constant(1000), 1, 0), slow, slow, 0, 0)
	if err != nil || v.Better != 0.5 {
		t.Errorf("a policy against itself: %+v, %v", v, err)
	}
}
