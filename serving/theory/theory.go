// Package theory holds the closed forms of queueing theory that a simulator of
// queues must agree with.
//
// Its stance: a formula is here only if it is exact, and says whose it is. Any
// unit of time will do as long as it is the same throughout.
//
// Start reading at ErlangC and MeanWait, which cover most of what is used.
package theory

import "math"

// ErlangC is the probability that an arrival at M/M/c waits, for a load of so
// many erlangs, below c (Erlang 1917).
func ErlangC(c int, erlangs float64) float64 {
	b := 1.0 // Erlang B by its recursion
	for k := 1; k <= c; k++ {
		b = erlangs * b / (float64(k) + erlangs*b)
	}
	rho := erlangs / float64(c)
	return b / (1 - rho*(1-b))
}

// MeanWait is the mean wait at M/G/1, given the arrival rate and the mean and
// mean square of the service time (Pollaczek 1930, Khinchine 1932).
func MeanWait(rate, mean, square float64) float64 {
	return rate * square / (2 * (1 - rate*mean))
}

// ExponentialQuantile is the q-quantile of a time that is exponential with a
// rate, given that it is not zero, and not zero with probability p. With p = 1
// it is the latency at M/M/1 of rate mu - lambda, with p from ErlangC the wait
// at M/M/c of rate c mu - lambda.
func ExponentialQuantile(q, p, rate float64) float64 {
	return max(0, math.Log(p/(1-q))/rate)
}

// Sigma is the probability that an arrival waits at GI/M/1: the root below 1
// of sigma = lst(mu (1 - sigma)), where lst is the Laplace transform of the
// gaps. Latency is exponential with rate mu (1 - sigma) (Kendall 1953).
func Sigma(lst func(s float64) float64, mu float64) float64 {
	sigma := 0.5
	for range 10_000 { // a contraction: load 0.99 needs some 2,000 steps
		sigma = lst(mu * (1 - sigma))
	}
	return sigma
}

// GammaLST is the Laplace transform of gamma gaps of a mean and a coefficient
// of variation; cv = 0 is a clock, cv = 1 a Poisson process.
func GammaLST(mean, cv float64) func(s float64) float64 {
	if cv == 0 {
		return func(s float64) float64 { return math.Exp(-s * mean) }
	}
	shape := 1 / (cv * cv)
	return func(s float64) float64 { return math.Pow(1+s*mean/shape, -shape) }
}

// MD1Wait is the probability of a wait of at most t services at M/D/1 (Erlang
// 1909). The sum alternates: it is good to 1e-6 up to ten services.
func MD1Wait(rho, t float64) float64 {
	sum, factorial := 0.0, 1.0
	for k := 0; float64(k) <= t; k++ {
		if k > 0 {
			factorial *= float64(k)
		}
		x := rho * (float64(k) - t)
		sum += math.Pow(x, float64(k)) / factorial * math.Exp(-x)
	}
	return (1 - rho) * sum
}

// PowerOfTwo is the mean latency in services at an endless cluster of M/M/1
// queues, each query joining the shorter of two drawn at random (Vvedenskaya,
// Dobrushin and Karpelevich 1996; Mitzenmacher 1996). A cluster of n servers
// meets it to about 1/n.
func PowerOfTwo(rho float64) float64 {
	sum := 0.0
	for i := 1.0; ; i++ {
		term := math.Pow(rho, math.Pow(2, i)-2)
		if sum += term; term < 1e-12 {
			return sum
		}
	}
}

// ForkJoin is the latency of a query of so many equal, fixed requests on idle
// cores, in services: the rounds that the busiest core works.
func ForkJoin(requests, cores int) int { return (requests + cores - 1) / cores }
