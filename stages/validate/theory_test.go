package validate

import (
	"reflect"
	"testing"

	"runexp/stages/record"
)

func theoryConfig() Config {
	return Config{Seed: 1, Replications: 10, Queries: 20_000}
}

func silent(int, int, string) {}

// Every row passes at the default seed, whatever the number of workers.
func TestTheory(t *testing.T) {
	c := theoryConfig()
	var first []record.Validation
	for _, c.Workers = range []int{1, 2} {
		rows, err := Theory(t.Context(), c, silent)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if !r.Pass {
				t.Errorf("%s: %s: %v is not in [%v, %v] (%s)", r.CaseName, r.Metric, r.Expected, *r.Lo, *r.Hi, r.Note)
			}
		}
		if first == nil {
			first = rows
		} else if !reflect.DeepEqual(first, rows) {
			t.Error("rows depend on the number of workers")
		}
	}
}
