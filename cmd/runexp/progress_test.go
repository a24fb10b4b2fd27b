package main

import (
	"strings"
	"testing"
	"time"

	"runexp/pipeline"
)

func TestLines(t *testing.T) {
	var b strings.Builder
	p := newProgress("plain", &b, 2)
	p.StageStarted("fit")
	p.Step("fit", 1, 4, "rm1") // too soon after the line before
	for range mostWarnings + 3 {
		p.Warn("fit", "a range is wide")
	}
	p.StageDone("fit", pipeline.Outcome{Status: pipeline.Ran, Took: 1500 * time.Millisecond})
	p.StageDone("simulate", pipeline.Outcome{Status: pipeline.Hit})
	p.Close()
	want := "fit       started\n" + strings.Repeat("runexp: warning: fit: a range is wide\n", mostWarnings) +
		"runexp: warning: fit: and 3 more, in its sidecars and in the report\n" +
		"fit       done in 1.5 s; 1 of 2 stages remain\n" +
		"simulate  is up to date; 0 of 2 stages remain\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// A quiet run still says what to doubt.
func TestQuiet(t *testing.T) {
	var b strings.Builder
	p := newProgress("none", &b, 1)
	p.StageStarted("fit")
	p.Warn("fit", "a range is wide")
	p.StageDone("fit", pipeline.Outcome{})
	if b.String() != "runexp: warning: fit: a range is wide\n" {
		t.Error(b.String())
	}
}

func TestTimeLeft(t *testing.T) {
	for _, tc := range []struct {
		done, total int
		want        string
		reason      string
	}{
		{0, 10, "", "nothing to go by"},
		{2, 10, ", about 40s left", "as long as before"},
		{10, 10, "", "nothing left"},
	} {
		if got := timeLeft(tc.done, tc.total, 10*time.Second); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.reason, got, tc.want)
		}
	}
}

// Bars end whatever happened to their stages.
func TestBarsClose(t *testing.T) {
	var b strings.Builder
	p := newBars(&b)
	p.StageStarted("profile")
	p.Step("profile", 1, 3, "rm1")
	p.StageStarted("fit")
	p.StageDone("fit", pipeline.Outcome{Status: pipeline.Ran})
	p.Warn("profile", "busy machine")
	p.Close() // returns although profile never ended
}

// A stage that is up to date, or came from the cache, ends without having
// started.
func TestBarsOfHits(t *testing.T) {
	var b strings.Builder
	p := newBars(&b)
	p.StageDone("fit", pipeline.Outcome{Status: pipeline.Hit})
	p.StageDone("simulate", pipeline.Outcome{Status: pipeline.Restored})
	p.Close()
	if len(p.bar) != 2 || p.what["fit"].Load() != "is up to date" {
		t.Errorf("bars %v, fit %v", p.bar, p.what["fit"])
	}
}
