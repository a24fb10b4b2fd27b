package report

import (
	"strings"
	"testing"
)

func TestValidationIsOnThePage(t *testing.T) {
	page := testPage(t, testConfig(), testTables())
	for why, want := range map[string]string{
		"the lead counts":                "in 2 of 3 comparisons, within their interval or tolerance.",
		"a failure is named as the row":  "rm1 apart at load 0.5, max_qps",
		"its size is signed":             "−22.2 %",
		"an interval stands with it":     "700 (690–715)",
		"a closed form has none":         `>20 ms</td>`,
		"and the reason is in the table": "the host was busy",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: the page lacks %q", why, want)
		}
	}
	tables := testTables()
	tables.Validation = nil
	if strings.Contains(testPage(t, testConfig(), tables), `id="validation"`) {
		t.Error("without rows there is no table")
	}
}
