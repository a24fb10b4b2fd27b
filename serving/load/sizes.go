package load

import "math"

// cut turns a continuous law, given by its distribution function, into the law
// of its value cut to a whole number, as the DeepRecSys release does, and
// clipped to [1, most].
func cut(below func(x float64) float64, most int) []float64 {
	prob := make([]float64, most+1)
	for size := 1; size <= most; size++ {
		from, to := below(float64(size)), below(float64(size+1))
		if size == 1 {
			from = 0
		}
		if size == most {
			to = 1
		}
		prob[size] = to - from
	}
	return prob
}

// phi is the standard normal distribution function.
func phi(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func normal(mean, sd float64) func(float64) float64 {
	return func(x float64) float64 { return phi((x - mean) / sd) }
}

func lognormal(mu, sigma float64) func(float64) float64 {
	return func(x float64) float64 { return phi((math.Log(x) - mu) / sigma) }
}

// clip moves all probability above most onto it.
func clip(prob []float64, most int) []float64 {
	for size := most + 1; size < len(prob); size++ {
		prob[most] += prob[size]
	}
	return prob[:min(len(prob), most+1)]
}

// production is the public re-draw of the heavy-tailed query sizes of the
// DeepRecSys paper: Li et al., "Kairos", HPDC 2023, data set and generator
// under the MIT licence. With r uniform on 1..99,
//
//	r <= 8     uniform on 1..99
//	r <= 30    uniform on 200..599
//	r <= 35    uniform on 600..999
//	otherwise  lognormal(5.1, 0.2), a value outside [100, 200] being replaced
//	           by a uniform one on 190..199
//
// Mean 239, CV 0.75, and the largest quarter of queries holds 52 % of items.
func production() []float64 {
	prob := make([]float64, 1000)
	uniform := func(from, to int, p float64) { // on from..to-1
		for size := from; size < to; size++ {
			prob[size] += p / float64(to-from)
		}
	}
	uniform(1, 100, 8.0/99)
	uniform(200, 600, 22.0/99)
	uniform(600, 1000, 5.0/99)
	body, below := 64.0/99, lognormal(5.1, 0.2)
	for size := 100; size < 200; size++ {
		prob[size] += body * (below(float64(size+1)) - below(float64(size)))
	}
	uniform(190, 200, body*(1-below(200)+below(100)))
	return prob
}

// mlperf is the query-size quantile list of the MLPerf DLRM load generator,
// as 20 equally likely sizes: mean 270.
func mlperf() []float64 {
	var sizes []float64
	for _, run := range []struct{ size, times int }{
		{100, 2}, {200, 12}, {300, 2}, {400, 1}, {500, 1}, {600, 1}, {700, 1},
	} {
		for range run.times {
			sizes = append(sizes, float64(run.size))
		}
	}
	return equally(sizes)
}

// equally makes sizes, cut to whole numbers, equally likely.
func equally(sizes []float64) []float64 {
	most := 1.0
	for _, size := range sizes {
		most = max(most, size)
	}
	prob := make([]float64, int(most)+1)
	for _, size := range sizes {
		prob[max(int(size), 1)]++
	}
	return prob
}
