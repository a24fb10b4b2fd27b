package fit

import (
	"fmt"
	"math"
	"testing"

	"runexp/models"
	"runexp/serving/latency"
)

func TestResiduals(t *testing.T) {
	ms := allModels(t)[:1]
	f := fitted(t, config(ms), Inputs{Timings: profiled(t, ms, 1, 16), Calibration: calibration()})
	noise := map[curveKey][]latency.RatioKnot{}
	for _, r := range f.residuals {
		k := curveKey{r.Model, r.Platform, r.Engine, 0}
		noise[k] = append(noise[k], latency.RatioKnot{Batch: int(r.BatchSize), Quantile: r.Quantile, Ratio: r.Ratio})
	}
	if len(noise) != 6 {
		t.Errorf("%d distributions, want two engines on three machines", len(noise))
	}
	for key, knots := range noise {
		n, err := latency.NewResidual(fmt.Sprint(key), knots)
		if err != nil {
			t.Fatal(err)
		}
		if mean := n.Mean(1); mean < 0.95 || mean > 1.15 { // rm1's slowest tenth is slow
			t.Errorf("%+v: mean ratio %v to a median", key, mean)
		}
	}
	here := noise[curveKey{"rm1", "host", "runexp", 0}]
	if lo, hi := here[0].Ratio, here[99].Ratio; math.Abs(lo-0.9) > 0.005 || math.Abs(hi-1.1) > 0.005 {
		t.Errorf("host: %v to %v, want 0.9 to 1.1 whatever the workers", lo, hi)
	}
}

// The reference engine's distribution passes through the deciles that the
// table keeps.
func TestReferenceResidual(t *testing.T) {
	m, err := models.ByName("rm1")
	if err != nil {
		t.Fatal(err)
	}
	r, _ := referenceOf(m, graphOf(t, m))
	for _, s := range r.residual() {
		l := r.byBatch[s.batch]
		low, high := (s.ratios[9]+s.ratios[10])/2, (s.ratios[89]+s.ratios[90])/2
		if math.Abs(low/(float64(l.P10)/float64(l.Median))-1) > 0.002 || math.Abs(high/(float64(l.P90)/float64(l.Median))-1) > 0.002 {
			t.Errorf("batch %d: deciles %v and %v of %+v", s.batch, low, high, l)
		}
	}
}
