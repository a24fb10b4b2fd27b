package latency

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Noise is the law of service time divided by the curve.
type Noise interface {
	// Ratio draws the ratio of one request of batch items.
	Ratio(rng *rand.Rand, batch int) float64
	// Mean returns the expected ratio.
	Mean(batch int) float64
}

// exponential is the memoryless law of mean 1 of queueing theory.
type exponential struct{}

func (exponential) Ratio(rng *rand.Rand, _ int) float64 { return rng.ExpFloat64() }
func (exponential) Mean(int) float64                    { return 1 }

// lognormal has mean 1 and a given coefficient of variation.
type lognormal struct{ mu, sigma float64 }

// newLognormal uses CV^2 = exp(sigma^2) - 1 and mean = exp(mu + sigma^2/2).
func newLognormal(cv float64) lognormal {
	variance := math.Log1p(cv * cv)
	return lognormal{mu: -variance / 2, sigma: math.Sqrt(variance)}
}

func (l lognormal) Ratio(rng *rand.Rand, _ int) float64 {
	return math.Exp(l.mu + l.sigma*rng.NormFloat64())
}
func (lognormal) Mean(int) float64 { return 1 }

// RatioKnot is one quantile of the ratio at one batch size.
type RatioKnot struct {
	Batch    int
	Quantile float64 // in [0, 1]
	Ratio    float64 // service time / curve
}

// Residual is Noise made of empirical quantiles: the inverse of the
// distribution is linear between the quantiles given and level outside them,
// so no draw lies outside what was observed. Between two batch sizes the
// quantiles are interpolated in log batch; outside them those of the nearest
// one hold. Its mean is what the data say: above 1 if the curve is a median
// and slow outliers are more common than fast ones.
type Residual struct {
	quantiles []float64 // ascending, the same for every batch size
	guide     []int     // where to start looking for u in quantiles: cell of u*len(guide)
	batches   []int
	ratios    [][]float64 // [batch][quantile]
	blends    []blend     // by batch size, up to the last of batches
}

// blend is a mixture of two neighbouring batch sizes.
type blend struct {
	lo, hi []float64
	share  float64 // of hi
}

// guideCells is how many equal parts of [0, 1] have an entry of their own: a
// search then takes one or two steps.
const guideCells = 256

// NewResidual builds the noise called name from its quantiles, sorted by batch
// and quantile. Every batch size has the same quantiles.
func NewResidual(name string, knots []RatioKnot) (*Residual, error) {
	r := &Residual{}
	for i := 0; i < len(knots); {
		end := i
		for end < len(knots) && knots[end].Batch == knots[i].Batch {
			end++
		}
		if err := r.add(knots[i:end]); err != nil {
			return nil, fmt.Errorf("residual %s: batch %d: %w", name, knots[i].Batch, err)
		}
		i = end
	}
	if len(r.batches) == 0 {
		return nil, fmt.Errorf("residual %s: no quantile", name)
	}
	r.index()
	return r, nil
}

// add takes the quantiles of one batch size.
func (r *Residual) add(knots []RatioKnot) error {
	batch := knots[0].Batch
	if n := len(r.batches); batch < 1 || n > 0 && batch <= r.batches[n-1] {
		return fmt.Errorf("it does not ascend")
	}
	var quantiles, ratios []float64
	for i, k := range knots {
		switch {
		case !(k.Quantile >= 0 && k.Quantile <= 1):
			return fmt.Errorf("quantile %v is outside [0, 1]", k.Quantile)
		case i > 0 && k.Quantile <= knots[i-1].Quantile:
			return fmt.Errorf("quantile %v does not ascend", k.Quantile)
		case !(k.Ratio > 0) || math.IsInf(k.Ratio, 0):
			return fmt.Errorf("ratio %v is not a positive number", k.Ratio)
		case i > 0 && k.Ratio < knots[i-1].Ratio:
			return fmt.Errorf("ratio %v at quantile %v is below that of quantile %v", k.Ratio, k.Quantile, knots[i-1].Quantile)
		}
		quantiles, ratios = append(quantiles, k.Quantile), append(ratios, k.Ratio)
	}
	if r.quantiles != nil && !slices.Equal(quantiles, r.quantiles) {
		return fmt.Errorf("its quantiles differ from those of batch %d", r.batches[0])
	}
	r.quantiles = quantiles
	r.batches, r.ratios = append(r.batches, batch), append(r.ratios, ratios)
	return nil
}

// index prepares the two look-ups of Ratio.
func (r *Residual) index() {
	r.guide = make([]int, guideCells)
	for cell := range r.guide {
		start := sortedBelow(r.quantiles, float64(cell)/guideCells)
		r.guide[cell] = start
	}
	r.blends = make([]blend, r.batches[len(r.batches)-1]+1)
	for batch := range r.blends {
		next, exact := slices.BinarySearch(r.batches, batch)
		if exact || next == 0 {
			r.blends[batch] = blend{r.ratios[next], r.ratios[next], 0}
			continue
		}
		a, b := float64(r.batches[next-1]), float64(r.batches[next])
		share := math.Log(float64(batch)/a) / math.Log(b/a)
		r.blends[batch] = blend{r.ratios[next-1], r.ratios[next], share}
	}
}

// sortedBelow returns how many values are at most x.
func sortedBelow(xs []float64, x float64) int {
	n, _ := slices.BinarySearchFunc(xs, x, func(a, b float64) int {
		if a <= b {
			return -1
		}
		return 1
	})
	return n
}

// Ratio implements Noise by inverting the distribution at a uniform number.
func (r *Residual) Ratio(rng *rand.Rand, batch int) float64 {
	return r.invert(rng.Float64(), r.at(batch))
}

func (r *Residual) at(batch int) *blend { return &r.blends[min(max(batch, 0), len(r.blends)-1)] }

// invert returns the u-quantile.
func (r *Residual) invert(u float64, b *blend) float64 {
	i := r.guide[int(u*guideCells)]
	for i < len(r.quantiles) && r.quantiles[i] <= u {
		i++
	}
	if i == 0 || i == len(r.quantiles) {
		i = min(i, len(r.quantiles)-1)
		return b.lo[i] + b.share*(b.hi[i]-b.lo[i])
	}
	below := b.lo[i-1] + b.share*(b.hi[i-1]-b.lo[i-1])
	above := b.lo[i] + b.share*(b.hi[i]-b.lo[i])
	return below + (above-below)*(u-r.quantiles[i-1])/(r.quantiles[i]-r.quantiles[i-1])
}

// Mean implements Noise: the integral of the inverse distribution.
func (r *Residual) Mean(batch int) float64 {
	b := r.at(batch)
	value := func(i int) float64 { return b.lo[i] + b.share*(b.hi[i]-b.lo[i]) }
	last := len(r.quantiles) - 1
	mean := r.quantiles[0]*value(0) + (1-r.quantiles[last])*value(last)
	for i := 1; i <= last; i++ {
		mean += (r.quantiles[i] - r.quantiles[i-1]) * (value(i) + value(i-1)) / 2
	}
	return mean
}
