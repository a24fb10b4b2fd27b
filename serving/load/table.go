package load

import (
	"math/bits"
	"math/rand/v2"
)

// Table is a law of sizes given by the probability of each: sizes are whole
// numbers of items, so every law here is one, moments are exact sums, and a
// draw costs one random number whatever the law (Walker's alias method).
type Table struct {
	name  string
	cells []cell
	prob  []float64 // by size
}

// cell is one of equally likely cells: own below the threshold, else other.
type cell struct {
	threshold  uint64
	own, other int32
}

// newTable takes prob[size] of sizes 1 and up, which it scales to sum 1. Size
// 0 has no probability.
func newTable(name string, prob []float64) *Table {
	last, sum := 0, 0.0
	for size, p := range prob {
		if p > 0 {
			last = size
		}
		sum += p
	}
	t := &Table{name: name, prob: make([]float64, last+1)}
	for size := range t.prob {
		t.prob[size] = prob[size] / sum
	}
	t.fill()
	return t
}

// fill builds the cells in Vose's way: each one that is less likely than
// average is topped up from one that is more likely.
func (t *Table) fill() {
	var sizes []int32
	for size, p := range t.prob {
		if p > 0 {
			sizes = append(sizes, int32(size))
		}
	}
	n := float64(len(sizes))
	t.cells = make([]cell, len(sizes))
	weight := make([]float64, len(sizes))
	var small, large []int
	for i, size := range sizes {
		t.cells[i] = cell{threshold: 1<<64 - 1, own: size, other: size}
		if weight[i] = t.prob[size] * n; weight[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		t.cells[s].threshold = uint64(weight[s] * (1 << 63) * 2)
		t.cells[s].other = t.cells[l].own
		if weight[l] -= 1 - weight[s]; weight[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
}

// Name implements Sizes.
func (t *Table) Name() string { return t.name }

// Max implements Sizes.
func (t *Table) Max() int { return len(t.prob) - 1 }

// Prob returns the probability of a size.
func (t *Table) Prob(size int) float64 {
	if size < 0 || size >= len(t.prob) {
		return 0
	}
	return t.prob[size]
}

// Expect implements Sizes.
func (t *Table) Expect(f func(size int) float64) float64 {
	sum := 0.0
	for size, p := range t.prob {
		if p > 0 {
			sum += p * f(size)
		}
	}
	return sum
}

// Draws implements Sizes.
func (t *Table) Draws(rng *rand.Rand) func(dst []int32) {
	n := uint64(len(t.cells))
	if n == 1 {
		return t.same
	}
	return func(dst []int32) {
		for i := range dst {
			// The high word of u*n is the cell, the low word where in it.
			index, within := bits.Mul64(rng.Uint64(), n)
			c := &t.cells[index]
			size := c.other
			if within < c.threshold {
				size = c.own
			}
			dst[i] = size
		}
	}
}

// same fills dst with the only size there is.
func (t *Table) same(dst []int32) {
	for i := range dst {
		dst[i] = t.cells[0].own
	}
}
