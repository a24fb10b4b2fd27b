package words

import (
	"strings"
	"testing"
)

func TestClosest(t *testing.T) {
	known := []string{"targets", "queries", "seed", "rm1", "rm2", "mtwnd"}
	for _, tc := range []struct{ word, want, reason string }{
		{"target", "targets", "one letter missing"},
		{"tragets", "targets", "two letters swapped"},
		{"qeurise", "queries", "two slips in seven letters"},
		{"wnd", "mtwnd", "the end of a word"},
		{"Quer", "queries", "the beginning of a word"},
		{"td", "", "two letters are not enough"},
		{"rm9", "rm1", "the first of equals"},
		{"zzz", "", "nothing is near"},
		{strings.Repeat("x", 1000), "", "too long to be a key"},
	} {
		if got := Closest(tc.word, known); got != tc.want {
			t.Errorf("%s: %q, want %q (%s)", tc.word, got, tc.want, tc.reason)
		}
	}
}
