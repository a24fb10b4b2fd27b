package report

import (
	"regexp"
	"strings"
	"testing"
)

func testPage(t *testing.T, cfg Config, tables Tables) string {
	t.Helper()
	in := input{cfg, tables}
	drawn, err := in.drawings()
	if err != nil {
		t.Fatal(err)
	}
	page, err := in.page(drawn)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestPageStandsAlone(t *testing.T) {
	page := testPage(t, testConfig(), testTables())
	if m := regexp.MustCompile(`(?i)(https?:)?//[a-z]|<link|<img|@import|[^a-z]url\(|src=`).FindString(stripScriptComments(page)); m != "" {
		t.Errorf("the page refers to something outside itself: %q", m)
	}
	for _, want := range []string{
		`<html lang="en">`, `default-src 'none'`, `prefers-color-scheme: dark`, `@media print`, `<main>`, `class="skip"`,
		"runexp cat results/reproduce/operating_point.parquet", "runexp why results/reproduce/report.html", "runexp verify reproduce",
		"Intel Xeon Platinum 8481C", "repetitions stopped at the time limit", "--fig-222222:",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the template escaped something it could not place")
	}
}

// stripScriptComments removes the one kind of text that may hold "//".
func stripScriptComments(page string) string {
	return regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(page, "")
}

func TestIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(testPage(t, testConfig(), testTables()), -1) {
		if seen[m[1]] {
			t.Errorf("id %s comes twice", m[1])
		}
		seen[m[1]] = true
	}
}

// The answer comes before everything else, and every link leads somewhere.
func TestPageOrder(t *testing.T) {
	page := testPage(t, testConfig(), testTables())
	at := -1
	for _, mark := range []string{"<h1>reproduce</h1>", "the best policy found serves between 3× and 7.2×", `id="best-policies"`, `id="figures"`,
		`id="gain_skylake_runexp_gtx1080ti"`, `id="tables"`, `id="warnings"`, `id="provenance"`} {
		i := strings.Index(page, mark)
		if i < at || i < 0 {
			t.Errorf("%q is missing or out of place", mark)
		}
		at = i
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("link to #%s leads nowhere", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`<a [^>]*href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "#") {
			t.Errorf("a link leads out of the file: %s", m[1])
		}
	}
	if regexp.MustCompile(`<li>\d+ more, listed in report\.html`).MatchString(page) {
		t.Error("a footnote sends the reader of the page to the page")
	}
}

// Names and warnings come from files of the user's own.
func TestHostileTextIsEscaped(t *testing.T) {
	const evil = `<script>alert("x")</script>`
	cfg, tables := testConfig(), testTables()
	cfg.Question = evil
	cfg.Titles["skylake"] = evil
	tables.Warnings = append(tables.Warnings, "fit: "+evil)
	for i := range tables.Curve {
		if tables.Curve[i].Model == "rm1" {
			tables.Curve[i].Model = evil
		}
	}
	if page := testPage(t, cfg, tables); strings.Contains(page, evil) {
		t.Error("text reached the page as markup")
	}
}

func TestMissingAnswers(t *testing.T) {
	cfg := testConfig()
	for _, tc := range []struct {
		name, want string
		tables     Tables
	}{
		{"nothing", "answer none of the questions", Tables{}},
		{"static meets no target", "the static policy meets no target to compare with", func() Tables {
			x := testTables()
			for i := range x.Point {
				if x.Point[i].Policy == staticPolicy {
					x.Point[i].MaxQPS = 0
				}
			}
			return Tables{Point: x.Point}
		}()},
		{"profile alone", "Operator kind that takes most", Tables{OpDetail: testTables().OpDetail}},
	} {
		if page := testPage(t, cfg, tc.tables); !strings.Contains(page, tc.want) {
			t.Errorf("%s: the page lacks %q", tc.name, tc.want)
		}
	}
}
