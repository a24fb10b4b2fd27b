package tune

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// trace is one recorded run of the release's scheduler.
type trace struct {
	Name   string `json:"name"`
	Params struct {
		Min     float64 `json:"min_arr_range"`
		Max     float64 `json:"max_arr_range"`
		Steps   int     `json:"arr_steps"`
		Start   float64 `json:"avg_arrival_rate"`
		Target  float64 `json:"target_latency"`
		Region  float64 `json:"stable_region"`
		Timeout int     `json:"sched_timeout"`
	} `json:"params"`
	Configs []int `json:"configs"`
	Start   struct {
		Config int `json:"config"`
	} `json:"start"`
	Grid    []float64 `json:"possible_arrival_rates"`
	StartAt int       `json:"start_arr_id"`
	Calls   [][4]any  `json:"calls"` // latency ms, gap ms, configuration, still tuning
	Booked  []float64 `json:"config_rates"`
	Final   struct {
		Gap    float64 `json:"arrival_rate"`
		Config int     `json:"config"`
	} `json:"final"`
}

func readTraces(t *testing.T) []trace {
	t.Helper()
	data, err := os.ReadFile("testdata/scheduler_traces.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []trace `json:"cases"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

// The release's own scheduler, recorded: every gap and configuration must come
// out the same, to the last bit.
func TestSeedSchedulerReplaysTheRelease(t *testing.T) {
	traces, calls := readTraces(t), 0
	for _, c := range traces {
		s := NewSeedScheduler(SeedParams{
			Grid: c.Grid, StartGap: c.Params.Start, Target: c.Params.Target, StableRegion: c.Params.Region,
			Timeout: c.Params.Timeout, Configs: c.Configs, Initial: c.Start.Config,
		})
		if s.at != c.StartAt {
			t.Errorf("%s: starts at place %d, want %d", c.Name, s.at, c.StartAt)
		}
		for i, call := range c.Calls {
			got := s.Update(call[0].(float64))
			want := SeedOutput{call[1].(float64), int(call[2].(float64)), call[3].(bool)}
			if got != want {
				t.Fatalf("%s: call %d: got %v, want %v", c.Name, i, got, want)
			}
		}
		calls += len(c.Calls)
		final := SeedOutput{Gap: c.Final.Gap, Config: c.Final.Config}
		if s.out != final || s.Update(1e9) != final {
			t.Errorf("%s: settled on %v, want %v", c.Name, s.out, final)
		}
		for i, g := range c.Booked {
			if s.climb.gaps[i] != g {
				t.Errorf("%s: booked %v for configuration %d, want %v", c.Name, s.climb.gaps[i], i, g)
			}
		}
	}
	if len(traces) != 41 || calls != 8529 {
		t.Errorf("replayed %d calls of %d runs, want 8529 of 41", calls, len(traces))
	}
}

func TestSeedGrid(t *testing.T) {
	for _, c := range readTraces(t) {
		grid := SeedGrid(c.Params.Min, c.Params.Max, c.Params.Steps)
		for i, want := range c.Grid {
			if math.Abs(grid[i]/want-1) > 1e-14 { // another logarithm, not another grid
				t.Errorf("%s: gap %d is %v, want %v", c.Name, i, grid[i], want)
			}
		}
	}
}
