package tune

import "math"

// belief is what a search thinks of policies that it has not simulated: a
// Gaussian process over the coordinates of policies (Rasmussen and Williams,
// Gaussian Processes for Machine Learning, 2006, algorithm 2.1 and equation
// 5.8). Neighbours have like values; how far that reaches along each axis is
// learned from the values seen, by maximum likelihood over reaches.
type belief struct {
	at     [][]float64 // coordinates of the values seen
	values []float64
	noise  []float64 // share of a value's variance that is noise
	reach  []float64 // per axis
	mean   float64
	scale  float64   // standard deviation far from every value
	chol   []float64 // lower triangle of the correlations, by rows
	alpha  []float64 // correlations^-1 (values - mean)
}

// Shares of noise in values read off a full simulation and off a short one.
const (
	exact = 1e-4
	rough = 1e-2
)

// reaches are the distances tried, in units of an axis (an octave of batch size
// or threshold).
var reaches = []float64{0.5, 1, 2, 4}

// learn fits the belief to the values seen. Every axis is tried with every
// reach in turn, starting from those of before.
func (b *belief) learn() {
	if b.reach == nil {
		b.reach = make([]float64, len(b.at[0]))
		for i := range b.reach {
			b.reach[i] = 2
		}
	}
	best := b.fit()
	for axis := range b.reach {
		kept := b.reach[axis]
		for _, r := range reaches {
			b.reach[axis] = r
			if l := b.fit(); l > best {
				best, kept = l, r
			}
		}
		b.reach[axis] = kept
	}
	b.fit()
}

// fit computes the belief for the reaches set and returns its log likelihood,
// with the best mean and scale, up to a constant.
func (b *belief) fit() float64 {
	n := len(b.at)
	b.chol = b.chol[:0]
	for i := range n {
		for j := range i {
			b.chol = append(b.chol, b.correlation(b.at[i], b.at[j]))
		}
		b.chol = append(b.chol, 1+b.noise[i])
	}
	cholesky(b.chol, n)
	ones, values := make([]float64, n), make([]float64, n)
	copy(values, b.values)
	for i := range ones {
		ones[i] = 1
	}
	forward(b.chol, ones)
	forward(b.chol, values)
	b.mean = dot(ones, values) / dot(ones, ones)
	for i := range values {
		values[i] -= b.mean * ones[i]
	}
	// One value says nothing of the scale: a factor of 1.6 is presumed, with the
	// weight of two values.
	const prior, weight = 0.25, 2
	variance := (dot(values, values) + weight*prior) / (float64(n) + weight)
	b.scale = math.Sqrt(variance)
	backward(b.chol, values)
	b.alpha = values
	l := -0.5 * (float64(n) + weight) * math.Log(variance)
	for i := range n {
		l -= math.Log(b.chol[i*(i+1)/2+i])
	}
	return l
}

// correlation is that of a Matern process of order 3/2: continuous, with
// kinks no surprise.
func (b *belief) correlation(x, y []float64) float64 {
	d := 0.0
	for i := range x {
		u := (x[i] - y[i]) / b.reach[i]
		d += u * u
	}
	d = math.Sqrt(3 * d)
	return (1 + d) * math.Exp(-d)
}

// at returns the mean and standard deviation believed of a value. room is
// scratch for a number per value seen.
func (b *belief) predict(x, room []float64) (mean, sd float64) {
	k := room[:len(b.at)]
	mean = b.mean
	for i, y := range b.at {
		k[i] = b.correlation(x, y)
		mean += k[i] * b.alpha[i]
	}
	forward(b.chol, k)
	return mean, b.scale * math.Sqrt(max(0, 1-dot(k, k)))
}

// improvement is the expected excess of a normal variable over a mark.
func improvement(mean, sd, mark float64) float64 {
	if sd <= 0 {
		return max(0, mean-mark)
	}
	z := (mean - mark) / sd
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	return sd * (z*math.Erfc(-z/math.Sqrt2)/2 + density)
}

// cholesky replaces the lower triangle of a positive definite matrix by its
// factor.
func cholesky(a []float64, n int) {
	for i := range n {
		row := a[i*(i+1)/2:][:i+1]
		for j := range row {
			other := a[j*(j+1)/2:][:j+1]
			s := row[j] - dot(row[:j], other[:j])
			if i == j {
				row[j] = math.Sqrt(max(s, 1e-12))
			} else {
				row[j] = s / other[j]
			}
		}
	}
}

// forward replaces x by L^-1 x.
func forward(l, x []float64) {
	for i := range x {
		row := l[i*(i+1)/2:][:i+1]
		x[i] = (x[i] - dot(row[:i], x[:i])) / row[i]
	}
}

// backward replaces x by L^-T x.
func backward(l, x []float64) {
	for i := len(x) - 1; i >= 0; i-- {
		row := l[i*(i+1)/2:][:i+1]
		x[i] /= row[i]
		for j := range i {
			x[j] -= row[j] * x[i]
		}
	}
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}
