package locality

import (
	"strings"
	"testing"
)

// FuzzParseTrace checks that every row taken could be one of a table.
func FuzzParseTrace(f *testing.F) {
	f.Add("1\n2\n\n3\n")
	f.Add("-1\n")
	f.Add("99999999999\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := parseTrace(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(rows) == 0 || len(rows) > len(text) {
			t.Errorf("%d rows of %d bytes", len(rows), len(text))
		}
		for _, r := range rows {
			if r < 0 {
				t.Errorf("row %d", r)
			}
		}
	})
}
