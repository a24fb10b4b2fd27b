package validate

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"runexp/stages/record"
)

func theoryConfig() Config {
	return Config{Seed: 1, Replications: 10, Queries: 20_000}
}

func silent(int, int, string) {}

// digest fails where rows changed for the same Config, by this package or by the
// simulator: bump Version, then take the new digest.
func digest(t *testing.T, rows []record.Validation) {
	if runtime.GOARCH != "amd64" {
		return // other processors fuse multiplications and additions
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	const want = "v4 2e8215e4f8cf0eb1"
	if got := fmt.Sprintf("v%d %.8x", Version, sha256.Sum256(text)); got != want {
		t.Errorf("rows changed: digest %s, was %s; bump Version", got, want)
	}
}

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
			digest(t, rows)
		} else if !reflect.DeepEqual(first, rows) {
			t.Error("rows depend on the number of workers")
		}
	}
}
