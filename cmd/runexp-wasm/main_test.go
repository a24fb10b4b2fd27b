package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

const good = `cores 4
accelerators 1
batch 64
threshold 300
rate 400
queries 2000
seed 1
arrivals poisson
sizes production
curve 1 1 50000
curve 1 1000 5000000
curve 4 1 60000
curve 4 1000 6000000
accel_curve 1 1 900000
accel_curve 1 1000 2000000
`

func ask(request string) string {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	run(strings.NewReader(request), w)
	w.Flush()
	return out.String()
}

func TestAnswer(t *testing.T) {
	got := ask(good)
	for _, want := range []string{"stable true\n", "queries 2000\n", "p95_ns ", "p95_lo_ns ", "accel_util 0.", "cdf 0.0025 ", "cdf 0.9975 "} {
		if !strings.Contains(got, want) {
			t.Errorf("the answer lacks %q:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "cdf "); n != cdfPoints {
		t.Errorf("%d points of the distribution, want %d", n, cdfPoints)
	}
	if got != ask(good) {
		t.Error("the same request had another answer")
	}
	if got == ask(strings.Replace(good, "seed 1", "seed 2", 1)) {
		t.Error("the seed changes nothing")
	}
}

func TestUnstableHasNoTail(t *testing.T) {
	got := ask(strings.Replace(good, "rate 400", "rate 40000", 1))
	if !strings.Contains(got, "stable false\n") || strings.Contains(got, "p95_ns") {
		t.Errorf("a saturated machine answers\n%s", got)
	}
}

func TestFaultsAreAnswers(t *testing.T) {
	for _, c := range []struct{ why, old, new, want string }{
		{"no rate", "rate 400", "rate 0", "error rate: 0 queries/s"},
		{"not a number", "batch 64", "batch many", "error batch: "},
		{"a key that is not known", "seed 1", "sead 1", "error sead: unknown key"},
		{"half a knot", "curve 1 1 50000", "curve 1 1", "error curve: wants active cores, batch and ns"},
		{"a query past the curve", "accel_curve 1 1000 2000000", "accel_curve 1 500 2000000", "error "},
		{"no cores", "cores 4", "cores 0", "error "},
		{"unknown arrivals", "poisson", "posson", "error "},
	} {
		if got := ask(strings.Replace(good, c.old, c.new, 1)); !strings.HasPrefix(got, c.want) || strings.Count(got, "\n") != 1 {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}
