package fit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"runexp/models"
	"runexp/serving/latency"
	"runexp/stages/record"
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

// Too few passes leave simulations without noise, and fit says so once for all
// models of a platform and engine.
func TestTooFewPasses(t *testing.T) {
	user := func(model, platform string, workers, passes int) []record.AccelLatency {
		var rows []record.AccelLatency
		for w := range workers {
			for rep := range passes {
				for _, batch := range []int32{8, 64} {
					ns := int64(batch) * int64(1000+10*rep)
					rows = append(rows, record.AccelLatency{
						Model: model, Platform: platform, Source: record.User, Workers: int32(w + 1), BatchSize: batch, Rep: int32(rep), TotalNS: &ns,
					})
				}
			}
		}
		return rows
	}
	const why = " too few for a distribution of service times (20 at a batch size): simulations of it have no noise"
	for _, tc := range []struct {
		reason string
		rows   []record.AccelLatency
		want   []string
	}{
		{"enough", user("rm1", "skylake", 1, 20), nil},
		{"enough over all workers", user("rm1", "skylake", 4, 5), nil},
		{"a single pass is its own median, on however many workers", user("rm1", "skylake", 30, 1), []string{"rm1 on skylake, engine user: 1 pass is" + why}},
		{"one line for all models", slices.Concat(user("rm1", "skylake", 1, 19), user("rm2", "skylake", 1, 5)),
			[]string{"rm1, rm2 on skylake, engine user: 5 to 19 passes are" + why}},
		{"one line for each platform", slices.Concat(user("rm1", "skylake", 1, 3), user("rm1", "t4", 1, 3), user("rm2", "t4", 1, 3)),
			[]string{"rm1 on skylake, engine user: 3 passes are" + why, "rm1, rm2 on t4, engine accelerator: 3 passes are" + why}},
		{"a publication has no passes", []record.AccelLatency{absolute(record.Published, 1, 1000), absolute(record.Published, 64, 2000)}, nil},
	} {
		c := config(allModels(t)[:2])
		c.CPUs, c.Engines, c.Accelerators = []string{"skylake"}, nil, nil
		if slices.ContainsFunc(tc.rows, func(r record.AccelLatency) bool { return r.Platform == "t4" }) {
			c.Accelerators = []string{"t4"}
		}
		c.Models = slices.DeleteFunc(c.Models, func(m models.Config) bool {
			return !slices.ContainsFunc(tc.rows, func(r record.AccelLatency) bool { return r.Model == m.Name() })
		})
		var got []string
		f := fittedWarning(t, c, Inputs{Accel: tc.rows}, func(format string, args ...any) {
			if s := fmt.Sprintf(format, args...); strings.Contains(s, "noise") {
				got = append(got, s)
			}
		})
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tc.reason, strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
		}
		if quiet := len(tc.want) > 0; quiet && len(f.residuals) > 0 {
			t.Errorf("%s: %d rows of residuals", tc.reason, len(f.residuals))
		}
	}
}
