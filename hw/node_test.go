package hw

import (
	"math"
	"testing"
)

// The paper's accounting: the node with a GPU counts exactly twice the node
// without.
func TestNodePowerOfThePaper(t *testing.T) {
	n, err := NodeOf("skylake", "gtx1080ti")
	if err != nil {
		t.Fatal(err)
	}
	p, err := n.Power(PowerISCA20)
	if err != nil {
		t.Fatal(err)
	}
	if p.CPUTDP != 250 || p.CPUIdle != 250 || (p.CPUIdle+p.AccelIdle)/p.CPUIdle != 2 {
		t.Errorf("%+v: want 2 x 125 W and 250 W whatever the load", p)
	}
}

func TestNode(t *testing.T) {
	for _, tc := range []struct {
		cpu, accel string
		cores      int
		accels     int
	}{
		{"skylake", None, 40, 0},
		{"broadwell", "t4", 28, 1},
	} {
		n, err := NodeOf(tc.cpu, tc.accel)
		if err != nil {
			t.Fatal(err)
		}
		bare, err := NodeOf(tc.cpu, None)
		if err != nil {
			t.Fatal(err)
		}
		p, err := n.Power(PowerLinear)
		if err != nil {
			t.Fatal(err)
		}
		if n.Cores != tc.cores || n.Accelerators != tc.accels {
			t.Errorf("%s + %s: %+v", tc.cpu, tc.accel, n)
		}
		if (n.PricePerHour > bare.PricePerHour) != (tc.accels > 0) {
			t.Errorf("%s + %s: price %v against %v without", tc.cpu, tc.accel, n.PricePerHour, bare.PricePerHour)
		}
		if !(p.CPUIdle > 0 && p.CPUIdle < p.CPUTDP) || (p.AccelTDP > 0) != (tc.accels > 0) {
			t.Errorf("%s + %s: %+v", tc.cpu, tc.accel, p)
		}
		if _, err := n.Power("full"); err == nil {
			t.Error("unknown preset accepted")
		}
	}
	if _, err := NodeOf("nosuch", None); err == nil {
		t.Error("unknown CPU accepted")
	}
	if _, err := NodeOf("skylake", "nosuch"); err == nil {
		t.Error("unknown accelerator accepted")
	}
}

// Two accelerators cost, and draw, twice what one does.
func TestNodeWith(t *testing.T) {
	none, err := NodeOf("skylake", None)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := NodeWith("skylake", "t4", 1)
	two, _ := NodeWith("skylake", "t4", 2)
	if two.Accelerators != 2 || one.Accelerators != 1 || none.Accelerators != 0 {
		t.Errorf("%d, %d and %d accelerators", two.Accelerators, one.Accelerators, none.Accelerators)
	}
	if a, b := one.PricePerHour-none.PricePerHour, two.PricePerHour-none.PricePerHour; math.Abs(b-2*a) > 1e-9 || a <= 0 {
		t.Errorf("one costs %v an hour, two %v", a, b)
	}
}
