package fit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"runexp/internal/sample"
	"runexp/stages/record"
)

// quantiles are those at which the spread of service times is kept: the middle
// of each of a hundred equal parts.
var quantiles = func() []float64 {
	q := make([]float64, 100)
	for i := range q {
		q[i] = (float64(i) + 0.5) / 100
	}
	return q
}()

// spread is the distribution of service time over curve at some batch sizes.
type spread []batchSpread

type batchSpread struct {
	batch  int
	ratios []float64 // at quantiles, ascending
}

func (s spread) sorted() spread {
	slices.SortFunc(s, func(a, b batchSpread) int { return a.batch - b.batch })
	return s
}

// rows writes the distribution down for one platform and engine.
func (s spread) rows(model, platform, engine string) []record.LatencyResidual {
	var rows []record.LatencyResidual
	for _, b := range s {
		for i, q := range quantiles {
			rows = append(rows, record.LatencyResidual{
				Model: model, Platform: platform, Engine: engine, BatchSize: int32(b.batch), Quantile: q, Ratio: b.ratios[i],
			})
		}
	}
	return rows
}

// leastSample is how many passes a distribution needs before it is worth
// keeping its tail.
const leastSample = 20

// observed takes the ratios of all passes at a batch size, whatever the number
// of workers, each to the median of its own point. Batches with few passes are
// left out, and points of a single pass, which is its own median; passes is how
// many the batch with the most of them has.
func observed(points map[point][]float64) (s spread, passes int) {
	byBatch := map[int][]float64{}
	for p, totals := range points {
		if passes = max(passes, len(totals)); len(totals) == 1 {
			continue
		}
		median := sample.Quantile(totals, 0.5)
		for _, t := range totals {
			byBatch[p.batch] = append(byBatch[p.batch], t/median)
		}
	}
	for batch, ratios := range byBatch {
		passes = max(passes, len(ratios))
		if len(ratios) >= leastSample {
			s = append(s, batchSpread{batch, sample.Select(ratios, quantiles...)})
		}
	}
	return s.sorted(), passes
}

// scatter writes the distribution of one model on a platform down, and notes
// where so few passes were measured that there is none.
func (f *fitter) scatter(model, platform, engine string, s spread, passes int) {
	f.residuals = append(f.residuals, s.rows(model, platform, engine)...)
	if len(s) == 0 && passes > 0 {
		k := [2]string{platform, engine}
		f.quiet[k] = append(f.quiet[k], quiet{model, passes})
	}
}

// quiet is a model whose passes were too few for a distribution.
type quiet struct {
	model  string
	passes int
}

// warnQuiet names the curves that simulations can only follow without noise: a
// line for each platform and engine.
func (f *fitter) warnQuiet() {
	keys := slices.SortedFunc(maps.Keys(f.quiet), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		var names []string
		least, most := math.MaxInt, 0
		for _, q := range f.quiet[k] {
			names = append(names, q.model)
			least, most = min(least, q.passes), max(most, q.passes)
		}
		count := fmt.Sprintf("%d to %d passes are", least, most)
		switch {
		case most == 1:
			count = "1 pass is"
		case least == most:
			count = fmt.Sprintf("%d passes are", most)
		}
		f.warn("%s on %s, engine %s: %s too few for a distribution of service times (%d at a batch size): simulations of it have no noise",
			strings.Join(names, ", "), k[0], k[1], count, leastSample)
	}
}

// residual is the reference engine's distribution: of its samples the table keeps
// the median and the outer deciles, through which a log-normal half is laid on
// each side. Its tails past the deciles are that assumption.
func (r reference) residual() spread {
	var s spread
	for batch, l := range r.byBatch {
		below := math.Log(float64(l.Median)/float64(l.P10)) / z90
		above := math.Log(float64(l.P90)/float64(l.Median)) / z90
		ratios := make([]float64, len(quantiles))
		for i, q := range quantiles {
			z := math.Sqrt2 * math.Erfinv(2*q-1)
			sigma := above
			if z < 0 {
				sigma = below
			}
			ratios[i] = math.Exp(z * sigma)
		}
		s = append(s, batchSpread{batch, ratios})
	}
	return s.sorted()
}
