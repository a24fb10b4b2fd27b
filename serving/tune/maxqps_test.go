package tune

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"runexp/serving/policy"
)

// mm1 is a server whose tail is known in closed form: the p95 sojourn time of
// M/M/1 at service rate mu is -ln(0.05)/(mu - rate). noise widens the interval.
func mm1(mu func(policy.Policy) float64, noise float64) Evaluate {
	return func(ctx context.Context, t Trial) (Point, error) {
		slack := mu(t.Policy) - t.RateQPS
		if slack <= 0 {
			return Point{}, ctx.Err()
		}
		tail := -math.Log(0.05) / slack
		return Point{Stable: true, Tail: seconds(tail), Lo: seconds(tail / (1 + noise)), Hi: seconds(tail * (1 + noise))}, ctx.Err()
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * 1e9) }

func constant(mu float64) func(policy.Policy) float64 {
	return func(policy.Policy) float64 { return mu }
}

func p95(limit time.Duration) policy.SLA { return policy.SLA{Quantile: 0.95, Limit: limit} }

var one = policy.Policy{BatchSize: 1}

func TestMaxQPSOfMM1(t *testing.T) {
	for _, c := range []struct {
		why   string
		mu    float64 // queries/s
		limit time.Duration
	}{
		{"target far above the service time: the edge is near saturation", 1000, time.Second},
		{"tight target: the edge is at low load", 1000, 4 * time.Millisecond},
		{"slow server", 0.5, time.Minute},
		{"fast server", 3e6, 50 * time.Microsecond},
	} {
		want := c.mu + math.Log(0.05)/c.limit.Seconds()
		for _, capacity := range []func(policy.Policy) float64{nil, constant(c.mu), constant(2 * c.mu)} {
			for _, hint := range []float64{0, want / 50, want, want * 50} {
				pb := Problem{Evaluate: mm1(constant(c.mu), 0.05), Capacity: capacity, SLA: p95(c.limit)}
				b, probes, err := MaxQPS(t.Context(), pb, one, hint)
				if err != nil || b.Status != Converged {
					t.Fatalf("%s: status %q, err %v", c.why, b.Status, err)
				}
				if r := want / b.QPS; r < 1-1e-9 || r > 1.01+1e-9 {
					t.Errorf("%s: hint %.3g: MaxQPS %v, want within 1 %% below %v", c.why, hint, b.QPS, want)
				}
				if b.Lo > b.QPS || b.Hi <= b.QPS {
					t.Errorf("%s: interval [%v, %v] around %v", c.why, b.Lo, b.Hi, b.QPS)
				}
				most := 30
				if capacity != nil && capacity(one) == c.mu {
					most = 15 // a true capacity lets every guess count
				}
				if b.Sims != len(probes) || b.Sims > most {
					t.Errorf("%s: hint %.3g: %d simulations, %d probes", c.why, hint, b.Sims, len(probes))
				}
			}
		}
	}
}

// The interval in rates is the interval in latency seen through the closed
// form: at Lo the tail is limit/(1+noise), at Hi it is limit*(1+noise). Both are
// found to a quarter of their distance from QPS, on the outside.
func TestMaxQPSInterval(t *testing.T) {
	const mu, noise = 1000, 0.2
	limit := 20 * time.Millisecond
	pb := Problem{Evaluate: mm1(constant(mu), noise), SLA: p95(limit), Options: Options{Tolerance: 0.001}}
	b, _, err := MaxQPS(t.Context(), pb, one, 0)
	if err != nil {
		t.Fatal(err)
	}
	at := func(limit float64) float64 { return mu + math.Log(0.05)/limit }
	lo, hi := at(limit.Seconds()/(1+noise)), at(limit.Seconds()*(1+noise))
	if b.Lo > lo || b.Lo < lo-0.3*(b.QPS-lo) || b.Hi < hi || b.Hi > hi+0.3*(hi-b.QPS) {
		t.Errorf("interval [%.1f, %.1f], want [%.1f, %.1f]", b.Lo, b.Hi, lo, hi)
	}
}

func TestMaxQPSStatus(t *testing.T) {
	always := func(tail time.Duration) Evaluate {
		return func(context.Context, Trial) (Point, error) {
			return Point{Stable: true, Tail: tail, Lo: tail, Hi: tail}, nil
		}
	}
	for _, c := range []struct {
		why      string
		eval     Evaluate
		capacity func(policy.Policy) float64
		options  Options
		want     Status
	}{
		{"one request alone takes longer than the target", always(11 * time.Millisecond), constant(100), Options{}, Infeasible},
		{"the same, capacity unknown", always(11 * time.Millisecond), nil, Options{}, Infeasible},
		{"no rate misses the target", always(9 * time.Millisecond), nil, Options{}, BracketFailed},
		{"every rate below the capacity meets", always(9 * time.Millisecond), constant(100), Options{}, Converged},
		{"too few simulations to converge", mm1(constant(1000), 0.01), nil, Options{Budget: 5}, BudgetSpent},
	} {
		b, _, err := MaxQPS(t.Context(), Problem{Evaluate: c.eval, Capacity: c.capacity, SLA: p95(10 * time.Millisecond), Options: c.options}, one, 0)
		if err != nil || b.Status != c.want {
			t.Errorf("%s: status %q, want %q, err %v", c.why, b.Status, c.want, err)
		}
		if b.Status == Infeasible && (b.QPS != 0 || b.At.Tail != 11*time.Millisecond) {
			t.Errorf("%s: QPS %v, idle tail %v", c.why, b.QPS, b.At.Tail)
		}
	}
}

// Short simulations save time and change no answer, even where they mislead:
// here they see half the tail or half as much again, by the rate's parity.
func TestShortSimulationsChangeNothing(t *testing.T) {
	full := mm1(constant(1000), 0.02)
	grid := lattice{1.01}
	misled := func(ctx context.Context, tr Trial) (Point, error) {
		p, err := full(ctx, tr)
		if tr.Queries < 1000 && p.Stable {
			factor := 0.5 + float64(grid.below(tr.RateQPS*1.001)%2)
			p.Tail = time.Duration(float64(p.Tail) * factor)
			p.Lo, p.Hi = p.Tail*9/10, p.Tail*11/10
		}
		return p, err
	}
	for _, limit := range []time.Duration{4, 10, 30, 100, 1000} {
		pb := Problem{SLA: p95(limit * time.Millisecond), Options: Options{Queries: 1000, Short: 1000}}
		pb.Evaluate = full
		want, _, _ := MaxQPS(t.Context(), pb, one, 0)
		pb.Evaluate, pb.Options.Short = misled, 100
		got, probes, err := MaxQPS(t.Context(), pb, one, 0)
		if err != nil || got.QPS != want.QPS || got.Lo != want.Lo || got.Hi != want.Hi {
			t.Errorf("limit %v: %v in [%v, %v], want %v in [%v, %v], err %v", limit, got.QPS, got.Lo, got.Hi, want.QPS, want.Lo, want.Hi, err)
		}
		short := slices.ContainsFunc(probes, func(p Probe) bool { return p.Trial.Queries == 100 })
		if !short {
			t.Errorf("limit %v: no short simulation was run", limit)
		}
	}
}

// A tail that dips again above the edge is reported, not hidden.
func TestRatesAboveAreReported(t *testing.T) {
	eval := func(_ context.Context, tr Trial) (Point, error) {
		tail := 5 * time.Millisecond
		if tr.RateQPS > 100 && tr.RateQPS < 103 || tr.RateQPS > 106 {
			tail = 50 * time.Millisecond
		}
		return Point{Stable: true, Tail: tail, Lo: tail, Hi: tail}, nil
	}
	b, _, err := MaxQPS(t.Context(), Problem{Evaluate: eval, SLA: p95(10 * time.Millisecond)}, one, 99)
	if err != nil || b.QPS > 100 || len(b.Above) == 0 || b.Above[0] < 103 || b.Above[0] > 106 {
		t.Errorf("MaxQPS %v, above %v, err %v", b.QPS, b.Above, err)
	}
}

func TestMaxQPSRefuses(t *testing.T) {
	good := Problem{Evaluate: mm1(constant(10), 0), SLA: p95(time.Second)}
	for _, c := range []struct {
		why  string
		edit func(*Problem)
		want string
	}{
		{"no target", func(p *Problem) { p.SLA.Limit = 0 }, "sla: limit 0s is not positive"},
		{"tolerance below zero", func(p *Problem) { p.Options.Tolerance = -1 }, "tolerance: -1 is not between 0 and 1"},
		{"tolerance not a number", func(p *Problem) { p.Options.Tolerance = math.NaN() }, "tolerance: NaN is not between 0 and 1"},
		{"queries below zero", func(p *Problem) { p.Options.Queries = -1 }, "queries: -1 is negative"},
	} {
		pb := good
		c.edit(&pb)
		if _, _, err := MaxQPS(t.Context(), pb, one, 0); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.why, err, c.want)
		}
	}
	broken := errors.New("curve: batch 7 is past the limit")
	good.Evaluate = func(context.Context, Trial) (Point, error) { return Point{}, broken }
	if _, _, err := MaxQPS(t.Context(), good, one, 0); !errors.Is(err, broken) {
		t.Errorf("a failed simulation: error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	good.Evaluate = mm1(constant(10), 0)
	if _, _, err := MaxQPS(ctx, good, one, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}

func TestLattice(t *testing.T) {
	for _, ratio := range []float64{1.001, 1.01, 1.5} {
		l := lattice{ratio}
		for k := -500; k < 1500; k += 7 {
			if got := l.below(l.rate(k)); got != k {
				t.Errorf("ratio %v: below(rate(%d)) = %d", ratio, k, got)
			}
			if got := l.below(l.rate(k) * (1 + (ratio-1)/2)); got != k {
				t.Errorf("ratio %v: a rate between %d and its neighbour is above %d", ratio, k, got)
			}
		}
	}
	if n := (lattice{1.01}).steps(0.01); n != 1 {
		t.Errorf("one step is %d", n)
	}
}

func TestMemoRunsOnce(t *testing.T) {
	runs := map[Trial]int{}
	eval := Memo(func(_ context.Context, tr Trial) (Point, error) {
		runs[tr]++ // one goroutine below, so no lock
		if tr.RateQPS == 3 && runs[tr] == 1 {
			return Point{}, context.Canceled
		}
		return Point{CPUUtil: tr.RateQPS}, nil
	})
	for range 3 {
		for rate := range 5 {
			p, err := eval(t.Context(), Trial{one, float64(rate), 10})
			if err == nil && p.CPUUtil != float64(rate) {
				t.Errorf("rate %d: got the point of %v", rate, p.CPUUtil)
			}
		}
	}
	for tr, n := range runs {
		want := 1
		if tr.RateQPS == 3 {
			want = 2 // the failure is not remembered
		}
		if n != want {
			t.Errorf("rate %v ran %d times, want %d", tr.RateQPS, n, want)
		}
	}
}
