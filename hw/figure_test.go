package hw

import (
	"strings"
	"testing"
)

// every figure of every platform is usable: in its range, positive, with a
// unit and a source.
func TestEveryFigureIsStated(t *testing.T) {
	for _, p := range All() {
		if p.Title == "" {
			t.Errorf("%s: no title", p.Name)
		}
		for _, f := range p.Figures {
			switch {
			case !(f.Lo <= f.Value && f.Value <= f.Hi):
				t.Errorf("%s: %s: %v is not in [%v, %v]", p.Name, f.Name, f.Value, f.Lo, f.Hi)
			case !(f.Lo > 0):
				t.Errorf("%s: %s: %v is not positive", p.Name, f.Name, f.Lo)
			case f.Unit == "" || f.Source == "":
				t.Errorf("%s: %s: no unit or no source", p.Name, f.Name)
			case f.Assumed() && f.Lo == f.Hi:
				t.Errorf("%s: %s: assumed, but without a range", p.Name, f.Name)
			}
		}
	}
}

func TestFiguresOfThePaper(t *testing.T) {
	for _, tc := range []struct {
		cpu            string
		cores          int
		clock, gbps, w float64
		inclusive      bool
	}{
		{"skylake", 40, 2.0, 85, 125, false},
		{"broadwell", 28, 2.4, 77, 120, true},
	} {
		c, err := CPUByName(tc.cpu)
		if err != nil {
			t.Fatal(err)
		}
		if c.Cores() != tc.cores || c.ClockGHz.Value != tc.clock || c.SocketGBps.Value != tc.gbps ||
			c.SocketTDP.Value != tc.w || c.Inclusive != tc.inclusive {
			t.Errorf("%s: %+v", tc.cpu, c)
		}
	}
	a, err := AccelByName("gtx1080ti")
	if err != nil {
		t.Fatal(err)
	}
	if g := a.PeakGFLOPS.Value; g < 11_300 || g > 11_400 {
		t.Errorf("gtx1080ti: %v GFLOP/s, want 3584 x 2 x 1.58", g)
	}
}

func TestUnknownPlatform(t *testing.T) {
	for _, tc := range []struct{ name, want, reason string }{
		{"skylak", "did you mean skylake", "one letter short"},
		{"Broadwel", "did you mean broadwell", "capitals do not matter"},
		{"sapphire", "did you mean sapphirerapids", "a beginning"},
		{"epyc", "known: host, sapphirerapids, skylake, broadwell", "nothing near: the list"},
	} {
		_, err := CPUByName(tc.name)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), tc.name) {
			t.Errorf("%s (%s): %v, want %s", tc.name, tc.reason, err, tc.want)
		}
	}
	if _, err := AccelByName("1080ti"); err == nil || !strings.Contains(err.Error(), "did you mean gtx1080ti?") {
		t.Errorf("1080ti (an ending): %v", err)
	}
	if _, err := AccelByName("skylake"); err == nil {
		t.Error("a CPU is no accelerator")
	}
}
