package figure

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// checker collects the first thing that is wrong with a figure's data.
// Subjects read from the general to the special: "latency: rm1: batch 4".
type checker struct {
	subject string
	err     error
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("figure: %s: %s", c.subject, fmt.Sprintf(format, args...))
	}
}

func (c *checker) that(ok bool, format string, args ...any) {
	if !ok {
		c.fail(format, args...)
	}
}

// text wants a title and a caption: a figure that does not say what it shows
// is not finished.
func (c *checker) text(t Text) {
	c.that(t.Title != "", "no title")
	c.that(t.Caption != "", "no caption")
}

// positive wants finite values above zero: all axes of times and rates are
// logarithmic or start at zero.
func (c *checker) positive(what string, vs ...float64) {
	for _, v := range vs {
		c.that(v > 0 && !math.IsInf(v, 0), "%s %v is not a positive number", what, v)
	}
}

func (c *checker) times(what string, ds ...time.Duration) {
	for _, d := range ds {
		c.that(d > 0, "%s %v is not positive", what, d)
	}
}

// interval wants lo <= mid <= hi.
func (c *checker) interval(what string, lo, mid, hi float64) {
	c.positive(what, lo, mid, hi)
	c.that(lo <= mid && mid <= hi, "%s: interval %v..%v does not hold %v", what, lo, hi, mid)
}

// ascending wants xs to grow strictly.
func ascending[T int | float64](c *checker, what string, xs []T) {
	for i := 1; i < len(xs); i++ {
		c.that(xs[i] > xs[i-1], "%s %v follows %v", what, xs[i], xs[i-1])
	}
}

// order returns the distinct values of key in order of first appearance.
func order[T any, K comparable](rows []T, key func(T) K) []K {
	var ks []K
	for _, r := range rows {
		if k := key(r); !slices.Contains(ks, k) {
			ks = append(ks, k)
		}
	}
	return ks
}
