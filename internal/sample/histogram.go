package sample

import (
	"math"
	"math/bits"
)

// Histogram counts non-negative values, such as durations in ns, in buckets
// that are narrow where values are small: each power of two is cut into
// 2^precision equal parts, so that a value read back is off by at most
// 2^-(precision+1) of itself, whatever its size. Values below 2^precision are
// exact. It takes the same memory however many values it has seen.
type Histogram struct {
	precision uint
	counts    []int64
	n         int64
	low, high int64 // smallest and largest value
}

// NewHistogram returns an empty histogram with 2^precision buckets per power
// of two: 10 gives quantiles within 0.05 %.
func NewHistogram(precision uint) *Histogram {
	return &Histogram{
		precision: precision,
		counts:    make([]int64, Bucket(math.MaxInt64, precision)+1),
		low:       math.MaxInt64,
	}
}

// Bucket returns the index of the bucket of a value; negative values count as
// zero.
func Bucket(x int64, precision uint) int {
	v := uint64(max(x, 0))
	shift := max(bits.Len64(v>>precision), 1) - 1
	return shift<<precision + int(v>>uint(shift))
}

// Middle returns the value that stands for a bucket.
func Middle(bucket int, precision uint) int64 {
	shift := max(bucket>>precision, 1) - 1
	from := int64(bucket-shift<<precision) << uint(shift)
	return from + (int64(1)<<uint(shift)-1)/2
}

// Add counts a value.
func (h *Histogram) Add(x int64) {
	h.counts[Bucket(x, h.precision)]++
	h.n++
	h.low, h.high = min(h.low, x), max(h.high, x)
}

// Count returns how many values were added.
func (h *Histogram) Count() int64 { return h.n }

// Max returns the largest value, exactly; 0 of nothing.
func (h *Histogram) Max() int64 { return h.high }

// Above returns the share of values in buckets above that of x.
func (h *Histogram) Above(x int64) float64 {
	var above int64
	for _, c := range h.counts[Bucket(x, h.precision)+1:] {
		above += c
	}
	return float64(above) / float64(h.n)
}

// Quantile returns the type-7 quantile of the values as far as the buckets
// tell them apart. It is NaN of nothing.
func (h *Histogram) Quantile(q float64) float64 {
	if h.n == 0 {
		return math.NaN()
	}
	rank, frac := position(int(h.n), q)
	lo := h.ranked(int64(rank))
	if frac == 0 {
		return lo
	}
	return lo + (h.ranked(int64(rank)+1)-lo)*frac
}

// ranked returns the value of a rank, counted from zero.
func (h *Histogram) ranked(rank int64) float64 {
	var below int64
	for bucket, c := range h.counts {
		if below += c; below > rank {
			return float64(min(max(Middle(bucket, h.precision), h.low), h.high))
		}
	}
	return float64(h.high)
}
