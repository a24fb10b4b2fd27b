// Package validate says how far the simulator can be trusted: against closed
// forms of queueing theory, which know the answer, and against the real models
// on the real cores of this machine, which are the answer.
//
// Its stance: a comparison is a row, with the interval of each side, and never
// a sentence. A closed form must lie in the 99.9 % interval of independent
// replications at seeds fixed beforehand. A live run may differ by a stated
// tolerance, or by its own noise where that is more; a row that fails stays.
//
// Start reading at Config, then Theory and Live.
package validate

import (
	"fmt"

	"runexp/models"
	"runexp/stages/node"
	"runexp/stages/record"
)

// Version is bumped when the rows change for the same inputs and Config.
const Version = 4

// Config says what is compared.
type Config struct {
	Seed uint64 `json:"seed"`
	// Replications is how many independent runs a closed form is compared with,
	// Queries how many queries each of them counts.
	Replications int `json:"replications"`
	Queries      int `json:"queries"`
	// Fleet compares clusters of one simulated sweep with the largest of them.
	Fleet bool `json:"fleet,omitempty"`
	// Live is nil where nothing is run in real time.
	Live *LiveConfig `json:"live,omitempty"`

	// Workers is how many simulations run at once, 0 for one per processor. It
	// does not change the rows.
	Workers int `json:"-"`
}

// LiveConfig says which real-time runs are made.
type LiveConfig struct {
	Experiment   string   `json:"experiment"` // column of the trials
	Models       []Model  `json:"models"`
	Variant      string   `json:"variant"`
	TableScale   float64  `json:"table_scale"`
	Placements   []string `json:"placements"`
	Arrivals     string   `json:"arrivals"`
	Sizes        string   `json:"sizes"`
	MaxQuerySize int      `json:"max_query_size"`
	BatchSize    int      `json:"batch_size"`
	// OffloadThreshold sends large queries to an accelerator that is emulated by
	// its curve; Accel is record.None without one.
	OffloadThreshold int    `json:"offload_threshold"`
	Accel            string `json:"accel"`
	// Utilisation are offered rates as shares of what the simulated node sustains.
	Utilisation []float64 `json:"utilisation"`
	Seconds     float64   `json:"seconds"` // of one probe, at most
	MaxQPS      bool      `json:"max_qps"` // whether the largest rate under the target is looked for too
	node.Options
}

// Model is a model and its p95 target.
type Model struct {
	Config models.Config `json:"config"`
	SLANS  int64         `json:"sla_ns"`
}

// Placements of engines on the cores of this machine.
const (
	// Apart gives the generator a core of its own and every other core an engine.
	Apart = "apart"
	// Shared gives every core an engine; the generator shares one of them.
	Shared = "shared"
)

// Validate names the first key that is out of range.
func (c Config) Validate() error {
	switch {
	case c.Replications < 2:
		return fmt.Errorf("replications: %d is not at least 2", c.Replications)
	case c.Queries < 1000:
		return fmt.Errorf("queries: %d is not at least 1000", c.Queries)
	case c.Live != nil:
		return c.Live.validate()
	}
	return nil
}

func (l *LiveConfig) validate() error {
	for _, p := range l.Placements {
		if p != Apart && p != Shared {
			return fmt.Errorf("placements: unknown %q; want %s or %s", p, Apart, Shared)
		}
	}
	for _, u := range l.Utilisation {
		if !(u > 0 && u < 1) {
			return fmt.Errorf("utilisation: %v is not a share of the capacity in (0, 1)", u)
		}
	}
	switch {
	case len(l.Models) == 0:
		return fmt.Errorf("models: none given")
	case len(l.Placements) == 0:
		return fmt.Errorf("placements: none given")
	case !(l.Seconds > 0 && l.Seconds <= 20):
		return fmt.Errorf("seconds: %v is not a probe of at most 20 s", l.Seconds)
	case l.BatchSize < 1:
		return fmt.Errorf("batch_size: %d is not at least 1", l.BatchSize)
	case l.OffloadThreshold < 0:
		return fmt.Errorf("offload_threshold: %d is negative", l.OffloadThreshold)
	case (l.OffloadThreshold > 0) != (l.Accel != record.None):
		return fmt.Errorf("offload_threshold: %d with accelerator %q", l.OffloadThreshold, l.Accel)
	}
	return nil
}
