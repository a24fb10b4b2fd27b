// Package report turns the tables of an experiment into what people look at:
// figures (SVG and PNG) and one self-contained HTML page.
//
// Its stance: it computes no statistic and invents no number. Every figure and
// every cell of the page is a row of a table, a published value that arrived
// in the Config, or plain arithmetic between them (a share, a ratio, a
// crossing of two straight lines). It works with whichever stages the
// experiment has; a figure whose tables are missing is left out. Equal tables
// give equal bytes, so nothing in the output depends on when it was drawn.
//
// Start reading at Config, then Render; tables.go reads the input, one file per
// kind of figure selects its rows, page.go builds the HTML page.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"runexp/pipeline"
)

// Version is bumped whenever the same tables give other figures or another page.
const Version = 4

// Config says what to draw and what to set beside it. All of it is plain data,
// filled where the experiment is wired.
type Config struct {
	// Experiment is the experiment's name: the folder under results/, which
	// the commands on the page refer to.
	Experiment string `json:"experiment"`
	// Question is what the experiment asks, in one sentence.
	Question string `json:"question"`
	// Stages are the experiment's stages, in order. The report comes after all
	// of them and reads the tables it knows.
	Stages []Stage `json:"stages"`
	// Models gives the order of panels and tables; a model found only in the
	// data comes last.
	Models []string `json:"models"`
	// Nodes picks the machines to draw, the headline first. Empty: every one
	// in the tables, in order of appearance.
	Nodes []Node `json:"nodes"`
	// Titles are the names of platforms as people write them, such as gtx1080ti:
	// GTX 1080 Ti. One that is not here is shown as it is.
	Titles map[string]string `json:"titles"`
	// Targets are the p95 targets drawn as lines on the tail latency figures.
	Targets []Target `json:"targets"`
	// Power is the preset by which watts were modelled.
	Power string `json:"power,omitempty"`
	// MaxQuery is the size in items that queries are clipped to.
	MaxQuery int32 `json:"max_query"`
	// Program is the digest of what the page is made with; New fills it in.
	Program string `json:"program"`
	// Figures names the kinds of figure to draw, out of Kinds. Empty: all that
	// the tables support.
	Figures []string `json:"figures"`
	// Published is drawn beside our own numbers, labelled as published.
	Published Published `json:"published"`
}

// Stage is one stage of the experiment: what its tables are called, and the
// version of the code that makes them.
type Stage struct {
	Name    string   `json:"name"`
	Version int      `json:"version"`
	Host    bool     `json:"host"` // measured on the machine that ran it
	Tables  []string `json:"tables"`
}

// StagesOf describes the stages of a graph for Config.Stages.
func StagesOf(stages ...pipeline.Stage) []Stage {
	var list []Stage
	for _, s := range stages {
		d := Stage{Name: s.Name, Version: s.Version, Host: s.Host}
		for _, t := range s.Tables {
			d.Tables = append(d.Tables, t.Name)
		}
		list = append(list, d)
	}
	return list
}

// Node is a machine as the tables name it. Accel is "none" for one without an
// accelerator.
type Node struct {
	CPU    string `json:"cpu"`
	Engine string `json:"engine"`
	Accel  string `json:"accel"`
}

// Target is a model's p95 target.
type Target struct {
	Model   string `json:"model"`
	Name    string `json:"name"` // low, medium, high
	LimitNS int64  `json:"limit_ns"`
}

// Published holds the public reference rows that figures are drawn beside.
type Published struct {
	// Breakdown is the share of run time per operator kind (DeepRecSys
	// release): rows of reference op_breakdown.
	Breakdown []PublishedShare `json:"breakdown"`
	// Gain is relative throughput (ISCA 2020, Fig. 11).
	Gain []PublishedGain `json:"gain"`
}

// PublishedShare is one operator kind's share of run time.
type PublishedShare struct {
	Device  string  `json:"device"` // cpu (Skylake) or gpu (GTX 1080 Ti)
	Model   string  `json:"model"`
	Batch   int     `json:"batch"`
	Kind    string  `json:"kind"`
	Percent float64 `json:"percent"`
}

// MarshalJSON writes the shares by bar and leaves zeros out. The Config stands
// in the sidecar of every figure, where row by row they would be most of it.
func (p Published) MarshalJSON() ([]byte, error) {
	bars := map[string]map[string]float64{}
	for _, s := range p.Breakdown {
		bar := fmt.Sprintf("%s %s %d", s.Device, s.Model, s.Batch)
		if bars[bar] == nil {
			bars[bar] = map[string]float64{}
		}
		if s.Percent != 0 {
			bars[bar][s.Kind] = s.Percent
		}
	}
	return json.Marshal(map[string]any{"breakdown": bars, "gain": p.Gain})
}

// PublishedGain is the throughput of the three policies of the paper relative
// to the static one at the low target, and the gain in queries per watt of the
// accelerated one over the static one at the same target.
type PublishedGain struct {
	Model           string  `json:"model"`
	Target          string  `json:"target"`
	Static          float64 `json:"static"`
	TunedCPU        float64 `json:"tuned_cpu"`
	TunedAccel      float64 `json:"tuned_accel"`
	AccelQPSPerWatt float64 `json:"accel_qps_per_watt"`
}

// Kinds lists what Config.Figures may name.
func Kinds() []string {
	return []string{"gain", "efficiency", "breakdown", "speedup", "latency", "tail", "overload", "mix", "batch", "heat", "fleet"}
}

// Validate reports a Config that cannot be drawn.
func (c Config) Validate() error {
	if c.Experiment == "" {
		return errors.New("report: experiment: no name")
	}
	if len(c.Stages) == 0 {
		return errors.New("report: stages: there is nothing to report on")
	}
	for _, f := range c.Figures {
		if !slices.Contains(Kinds(), f) {
			return fmt.Errorf("report: figures: unknown figure %q; known: %s", f, strings.Join(Kinds(), ", "))
		}
	}
	for _, t := range c.Targets {
		if t.LimitNS <= 0 {
			return fmt.Errorf("report: targets: %s %s: %d ns is not positive", t.Model, t.Name, t.LimitNS)
		}
	}
	return nil
}

// wants reports whether figures of this kind are to be drawn.
func (c Config) wants(kind string) bool {
	return len(c.Figures) == 0 || slices.Contains(c.Figures, kind)
}
