package policy

import (
	"slices"
	"testing"
)

func TestParts(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		size   int
		want   []int
		reason string
	}{
		{Policy{BatchSize: 4}, 10, []int{4, 4, 2}, "full requests and a remainder"},
		{Policy{BatchSize: 4, SmallestFirst: true}, 10, []int{2, 4, 4}, "the remainder first"},
		{Policy{BatchSize: 4, EqualSplit: true}, 10, []int{4, 3, 3}, "as equal as can be"},
		{Policy{BatchSize: 4, EqualSplit: true, SmallestFirst: true}, 10, []int{3, 3, 4}, "as equal as can be, the smallest first"},
		{Policy{BatchSize: 5, EqualSplit: true}, 10, []int{5, 5}, "nothing left over"},
		{Policy{BatchSize: 64, SmallestFirst: true}, 10, []int{10}, "a single request"},
	} {
		var got []int
		left := c.size
		for n := c.policy.Requests(c.size); n > 0; n-- {
			part := c.policy.Part(left, n)
			got, left = append(got, part), left-part
		}
		if left != 0 || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %d items become %v, want %v (%s)", c.policy, c.size, got, c.want, c.reason)
		}
	}
}

// Whatever the choices, a query of n items becomes ceil(n/batch) requests of 1
// to batch items that add up to it.
func TestPartsAddUp(t *testing.T) {
	for size := 1; size <= 60; size++ {
		for batch := 1; batch <= 61; batch++ {
			for choice := range 4 {
				p := Policy{BatchSize: batch, EqualSplit: choice&1 > 0, SmallestFirst: choice&2 > 0}
				left := size
				for n := p.Requests(size); n > 0; n-- {
					part := p.Part(left, n)
					if part < 1 || part > batch {
						t.Fatalf("%+v: a request of %d items", p, part)
					}
					left -= part
				}
				if left != 0 {
					t.Fatalf("%+v: %d of %d items are left", p, left, size)
				}
			}
		}
	}
}

func TestCores(t *testing.T) {
	for _, c := range []struct{ active, want int }{{0, 8}, {3, 3}, {8, 8}, {20, 8}} {
		if got := (Policy{ActiveCores: c.active}).Cores(8); got != c.want {
			t.Errorf("%d active of 8: %d, want %d", c.active, got, c.want)
		}
	}
	if (Policy{BatchSize: 1, ActiveCores: -1}).Validate() == nil {
		t.Error("a negative number of cores is accepted")
	}
}
