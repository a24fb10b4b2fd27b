package locality

import (
	"math"
	"math/rand/v2"
)

// zipf draws rows by popularity; each table has its own.
type zipf struct {
	alpha  float64
	tables map[int]*popularity
}

// Draw draws row by row. A popular row may come twice in a lookup.
func (z *zipf) Draw(rng *rand.Rand, table, rows int, dst []int32) {
	p := z.tables[table]
	if p == nil || p.scatter.rows != int64(rows) {
		p = newPopularity(z.alpha, rows)
		z.tables[table] = p
	}
	for i := range dst {
		dst[i] = p.scatter.row(p.rank(rng) - 1)
	}
}

// popularity draws ranks 1..rows with probabilities in proportion to
// rank^-alpha, in constant time, by rejection-inversion (Hörmann and Derflinger,
// ACM TOMACS 6(3), 1996): a continuous variable under the density x^-alpha is
// inverted and rounded, and rejected where the density over a rank exceeds its
// probability.
type popularity struct {
	alpha       float64
	scatter     scatter
	least, most float64 // integrals at which ranks begin and end
	accepted    float64 // this near to its rank, a variable is always accepted
}

func newPopularity(alpha float64, rows int) *popularity {
	p := &popularity{alpha: alpha, scatter: newScatter(rows)}
	p.least = p.integral(1.5) - 1
	p.most = p.integral(float64(rows) + 0.5)
	p.accepted = 2 - p.inverse(p.integral(2.5)-p.density(2))
	return p
}

// rank draws one.
func (p *popularity) rank(rng *rand.Rand) int64 {
	for {
		u := p.most + rng.Float64()*(p.least-p.most)
		x := p.inverse(u)
		k := min(max(math.Round(x), 1), float64(p.scatter.rows))
		if k-x <= p.accepted || u >= p.integral(k+0.5)-p.density(k) {
			return int64(k)
		}
	}
}

func (p *popularity) density(x float64) float64 { return math.Exp(-p.alpha * math.Log(x)) }

// integral is that of the density from 1 to x.
func (p *popularity) integral(x float64) float64 {
	l := math.Log(x)
	return ratio(math.Expm1, (1-p.alpha)*l) * l
}

// inverse is that of integral.
func (p *popularity) inverse(y float64) float64 {
	t := max(y*(1-p.alpha), -1)
	return math.Exp(ratio(math.Log1p, t) * y)
}

// ratio is f(x)/x, and its limit 1 at 0.
func ratio(f func(float64) float64, x float64) float64 {
	if math.Abs(x) < 1e-8 {
		return 1
	}
	return f(x) / x
}
