package report

import (
	"strings"
	"testing"
)

func TestExplorerStartsWhereTrialsAre(t *testing.T) {
	in := input{testConfig(), testTables()}
	e, ok := in.explorer()
	if !ok || e.Arrivals != "poisson" || e.Sizes != "production" {
		t.Fatalf("nothing to explore in %d trials: %+v", len(in.Trial), e)
	}
	for _, s := range e.Starts {
		m := e.Machines[s.Machine]
		if e.Curves[s.Model+"/"+m.CPU+"/"+m.Engine] == nil || m.Accelerators > 0 && e.Curves[s.Model+"/"+m.Accel+"/accelerator"] == nil {
			t.Errorf("%s on %s has no curve", s.Model, m.Title)
		}
		if s.Rate <= 0 || s.Batch < 1 {
			t.Errorf("%s on %s starts at %v queries/s in batches of %d", s.Model, m.Title, s.Rate, s.Batch)
		}
	}
}

// A page without trials, or of a load that lies in a file of the user's, has no
// explorer and no program in it.
func TestExplorerIsLeftOut(t *testing.T) {
	for why, change := range map[string]func(*Tables){
		"no trials": func(t *Tables) { t.Trial = nil },
		"a trace": func(t *Tables) {
			for i := range t.Trial {
				t.Trial[i].Arrivals = "trace:queries.csv"
			}
		},
	} {
		tables := testTables()
		change(&tables)
		page := testPage(t, testConfig(), tables)
		if strings.Contains(page, "explorer-program") || strings.Contains(page, `href="#explorer"`) {
			t.Errorf("%s: the page has an explorer", why)
		}
	}
	if page := testPage(t, testConfig(), testTables()); !strings.Contains(page, `id="explorer-program"`) {
		t.Error("with trials the page lacks the explorer")
	}
}

// What is put into a script element unescaped must not end it.
func TestExplorerPartsStayInside(t *testing.T) {
	for name, text := range map[string]string{"worker.js": explorerWorker, "explorer.js": explorerJS, "page.js": pageJS} {
		if strings.Contains(strings.ToLower(text), "</script") || strings.Contains(text, "<!--") {
			t.Errorf("%s would end its element", name)
		}
	}
}
