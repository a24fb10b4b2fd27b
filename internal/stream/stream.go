// Package stream gives every use of randomness a stream of its own, named by
// what it is for. Two streams of one seed are independent, so drawing one more
// number in one place never shifts another: this is what makes common random
// numbers, and "same seed, same bytes", possible. Streams of neighbouring seeds
// are independent too, so that replications may simply count.
package stream

import (
	"hash/fnv"
	"math/rand/v2"
)

// New returns the stream called name under seed.
//
// The seed must not go into PCG as it is: two generators whose states differ
// in the high word alone stay that far apart for ever, and the means of ten
// simulations with seeds in a row then scatter 1.7 times as much as their own
// variance says.
func New(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name)) // never fails
	state := mix(seed) ^ h.Sum64()
	return rand.New(rand.NewPCG(mix(state), mix(state+step)))
}

// step of SplitMix64: 2^64 divided by the golden ratio.
const step = 0x9e3779b97f4a7c15

// mix is the output function of SplitMix64 (Steele, Lea and Flood 2014): every
// bit of x changes each bit of the result with probability near one half.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
