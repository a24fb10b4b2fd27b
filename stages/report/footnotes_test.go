package report

import (
	"encoding/json"
	"strings"
	"testing"

	"runexp/stages/record"
)

func TestFootnotes(t *testing.T) {
	in := input{Tables: Tables{
		Curve: []record.LatencyCurve{{Platform: "skylake"}, {Platform: "t4"}, {Platform: "host"}},
		Warnings: []string{"fit: applies to all", "fit: skylake: a projection", "fit: din on t4: roofline", "profile: busy",
			"fit: skylake and t4: both", "fit: skylakes are no platform", "fit: " + strings.Repeat("long ", 100)},
	}}
	for _, tc := range []struct {
		name  string
		scope scope
		want  []string
	}{
		{"another stage's warnings do not concern it", scope{[]string{"profile"}, []string{"host"}}, []string{"profile: busy"}},
		{"only its own platforms, or none named", scope{[]string{"fit"}, []string{"t4"}},
			[]string{"fit: applies to all", "fit: din on t4: roofline", "fit: skylake and t4: both", "2 more, listed in report.html"}},
		{"nothing to say", scope{[]string{"simulate"}, nil}, nil},
	} {
		got := in.footnotes(tc.scope)
		if strings.Join(got, "|") != strings.Join(tc.want, "|") {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	in.Warnings = in.Warnings[6:]
	if got := in.footnotes(scope{stages: []string{"fit"}}); len([]rune(got[0])) > longestNote+2 || !strings.HasSuffix(got[0], "…") {
		t.Errorf("long warning became %q", got)
	}
	if !strings.HasSuffix(in.Warnings[0], "long ") {
		t.Error("the warning itself was cut")
	}
}

// The published rows enter the action ID by their JSON: it must hold all that
// is drawn, always in one order.
func TestPublishedJSON(t *testing.T) {
	p := Published{Breakdown: []PublishedShare{{"gpu", "rm1", 16, "Sum", 0}, {"gpu", "rm1", 16, "FC", 60.5}, {"cpu", "rm1", 1, "FC", 100}}}
	got, err := json.Marshal(p)
	want := `{"breakdown":{"cpu rm1 1":{"FC":100},"gpu rm1 16":{"FC":60.5}},"gain":null}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
