package speed

import (
	"testing"

	"runexp/serving/sim"
)

// Every trial runs, every repetition has a row with a rate, and the figure has
// a line per router.
func TestMeasure(t *testing.T) {
	c := Config{Servers: []int{1, 3}, Routers: []string{sim.Random, sim.PowerOfTwo}, Queries: 1000, Repetitions: 2}
	rows, err := Measure(t.Context(), c, func(int, int, string) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != (2*2+1)*2 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		if r.RequestsPer <= 0 || r.WallNS <= 0 || r.Requests < 1000 {
			t.Errorf("row %+v", r)
		}
	}
	if got := lines(rows); len(got) != 2 || len(got[0].Points) != 2 || got[1].Points[1].Size != 3 {
		t.Errorf("lines %+v", got)
	}
}
