// Package stream gives every use of randomness a stream of its own, named by
// what it is for. Two streams of one seed are independent, so drawing one more
// number in one place never shifts another: this is what makes common random
// numbers, and "same seed, same bytes", possible.
package stream

import (
	"hash/fnv"
	"math/rand/v2"
)

// New returns the stream called name under seed.
func New(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
