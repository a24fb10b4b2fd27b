package validate

import (
	"testing"

	"runexp/stages/record"
)

// A cluster that is close by chance does not count when a larger one is not.
func TestFleet(t *testing.T) {
	var trials []record.Trial
	for _, c := range []struct {
		servers int32
		p95     int64
	}{{1, 100}, {2, 130}, {4, 108}, {8, 102}, {16, 100}} {
		trials = append(trials, record.Trial{Model: "m", Servers: c.servers, RateQPS: 10.003 * float64(c.servers), P95NS: &c.p95})
	}
	rows := Fleet(trials)
	if len(rows) != 6 {
		t.Fatalf("%d rows for 5 clusters", len(rows))
	}
	if last := rows[5]; last.Metric != "servers_needed" || last.Observed != 4 || last.Expected != 16 {
		t.Errorf("%+v, want 4 of 16", last)
	}
	if !rows[0].Pass || rows[1].Pass || !rows[2].Pass {
		t.Errorf("passes %v %v %v", rows[0].Pass, rows[1].Pass, rows[2].Pass)
	}
	trials[4].P95NS = nil
	if rows := Fleet(trials); len(rows) != 0 {
		t.Errorf("a saturated fleet has a tail: %+v", rows)
	}
	if rows := Fleet(trials[:1]); len(rows) != 0 {
		t.Errorf("one cluster is compared with itself: %+v", rows)
	}
}
