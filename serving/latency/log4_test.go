package latency_test

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"runexp/serving/latency"
)

// Recorded from the release's predictor: 8 models at 18 batch sizes.
func TestLog4LinearGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/predict_time.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Models map[string]struct {
			ExecMS    []float64          `json:"exec_ms"`
			Predicted map[string]float64 `json:"predicted"`
		} `json:"models"`
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for model, g := range golden.Models {
		l, err := latency.NewLog4Linear(g.ExecMS)
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range g.Predicted {
			batch, err := strconv.Atoi(key)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.At(batch); got != want {
				t.Errorf("%s at %d: %v, want %v", model, batch, got, want)
			}
		}
	}
	if len(golden.Models) != 8 {
		t.Errorf("%d models, want 8", len(golden.Models))
	}
}
