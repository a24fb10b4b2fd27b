package experiments

import (
	"testing"

	"runexp/hw"
)

// Figures and tables have room for what people call a platform.
func TestShortTitles(t *testing.T) {
	want := map[string]string{"skylake": "Skylake", "broadwell": "Broadwell", "gtx1080ti": "GTX 1080 Ti", "t4": "T4"}
	for _, p := range hw.All() {
		got := shortTitle(p.Title)
		if w, ok := want[p.Name]; ok && got != w {
			t.Errorf("%s: %q is shortened to %q, not %q", p.Name, p.Title, got, w)
		}
		if p.Name != hw.HostName && (got == "" || len(got) > 18) {
			t.Errorf("%s: %q is shortened to %q", p.Name, p.Title, got)
		}
	}
}
