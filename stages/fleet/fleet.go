// Package fleet plans a day: how many machines of each kind are on in each hour
// so that every model's demand is served within its tail-latency target at
// least cost, or power.
//
// Its stance: a plan says how far from the best it may be. The best is found by
// an integer program whose linear relaxation bounds it from below; what an
// operator would do without one (the cheapest machine first, one kind of
// machine only, everything always on) stands beside it.
//
// Three assumptions carry the answer. A random router splits Poisson arrivals
// into Poisson arrivals, so machines add up: n of them serve n times the
// max_qps of one at the same tail. A machine that several models share serves
// each in its share of the time, at that share of the model's max_qps. Turning
// a machine on or off within the hour is free.
//
// Start reading at Config, then program (the mathematics), then plans.
package fleet

import (
	"fmt"
	"slices"

	"runexp/stages/node"
	"runexp/stages/record"
)

// What a plan minimises.
const (
	Cost  = "cost"  // dollars per hour of the machines that are on
	Power = "power" // watts: idle of what is on, and the rest with its load
)

// Objectives lists what Config.Objective may name.
func Objectives() []string { return []string{Cost, Power} }

// maxCount bounds the machines of one type: more than any company has, and few
// enough for the solver to tell one machine from none.
const maxCount = 1_000_000

// Config says what is planned for, and with what.
type Config struct {
	Models    []string `json:"models"`
	Engine    string   `json:"engine"`
	Target    string   `json:"target"` // of the operating points: low, medium, high
	Types     []Type   `json:"types"`
	Demand    []Demand `json:"demand"`
	Objective string   `json:"objective"`
	// Share lets several models run on one machine; without it each machine
	// serves one model for the whole hour.
	Share bool `json:"share"`
	// Headroom is the share of every machine's max_qps that is kept free.
	Headroom float64 `json:"headroom"`
	// Solves is the most linear programs that one hour may take.
	Solves int `json:"solves"`
}

// Type is one kind of machine and how many there are.
type Type struct {
	node.Machine
	Count int `json:"count"`
}

// Platform is what tables call the kind.
func (t Type) Platform() string {
	if t.Accel == record.None {
		return t.CPU
	}
	return t.CPU + "+" + t.Accel
}

// Validate names the first key that is out of range.
func (c Config) Validate() error {
	switch {
	case len(c.Models) == 0:
		return fmt.Errorf("models: none given")
	case len(c.Types) == 0:
		return fmt.Errorf("nodes: none given")
	case len(c.Demand) == 0:
		return fmt.Errorf("demand: no lines")
	case !slices.Contains(Objectives(), c.Objective):
		return fmt.Errorf("objective: %q is not %s or %s", c.Objective, Cost, Power)
	case !(c.Headroom >= 0 && c.Headroom < 1):
		return fmt.Errorf("headroom: %v is not in [0, 1)", c.Headroom)
	case c.Solves < 1:
		return fmt.Errorf("solves: %d is not at least 1", c.Solves)
	}
	seen := map[string]bool{}
	for _, t := range c.Types {
		if err := t.Machine.Validate(); err != nil {
			return err
		}
		switch {
		case t.Count < 1:
			return fmt.Errorf("nodes: %s: count %d is not at least 1", t.Platform(), t.Count)
		case t.Count > maxCount:
			return fmt.Errorf("nodes: %s: count %d is more than %d", t.Platform(), t.Count, maxCount)
		case seen[t.Platform()]:
			return fmt.Errorf("nodes: %s stands twice", t.Platform())
		case c.Objective == Cost && t.PricePerHour <= 0:
			return fmt.Errorf("nodes: %s: the price is not known", t.Platform())
		case c.Objective == Power && t.PowerW(1, 0, 0) == nil:
			return fmt.Errorf("nodes: %s: the watts are not known", t.Platform())
		}
		seen[t.Platform()] = true
	}
	for _, d := range c.Demand {
		if !slices.Contains(c.Models, d.Model) {
			return fmt.Errorf("demand: hour %d: model %q is not in the experiment", d.Hour, d.Model)
		}
	}
	return nil
}
