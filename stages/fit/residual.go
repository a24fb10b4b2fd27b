package fit

import (
	"math"
	"slices"

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
// left out.
func observed(points map[point][]float64) spread {
	byBatch := map[int][]float64{}
	for p, totals := range points {
		median := sample.Quantile(totals, 0.5)
		for _, t := range totals {
			byBatch[p.batch] = append(byBatch[p.batch], t/median)
		}
	}
	var s spread
	for batch, ratios := range byBatch {
		if len(ratios) >= leastSample {
			s = append(s, batchSpread{batch, sample.Select(ratios, quantiles...)})
		}
	}
	return s.sorted()
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
