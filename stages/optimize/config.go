package optimize

import (
	"fmt"
	"slices"
	"strings"

	"runexp/serving/tune"
	"runexp/stages/node"
)

// Config says which operating points are looked for: every combination of
// model, engine, machine, target and policy search.
type Config struct {
	Seed    uint64         `json:"seed"`
	Models  []Model        `json:"models"`
	Targets []Target       `json:"targets"`
	Engines []string       `json:"engines"`
	Nodes   []node.Machine `json:"nodes"`
	Servers int            `json:"servers"`
	// Mixes are clusters of servers that differ, tuned beside the machines.
	Mixes    []node.Mix `json:"mixes,omitempty"`
	Router   string     `json:"router"` // any with one server
	Arrivals string     `json:"arrivals"`
	// Sizes is the law of query sizes that is served. Policies are tuned on it
	// and, to see what tuning on the wrong sizes costs, on each of TunedOn.
	Sizes        string   `json:"sizes"`
	TunedOn      []string `json:"tuned_on"`
	MaxQuerySize int      `json:"max_query_size"`
	// Policies are the searches: static, deeprecsched, seed_hillclimb, joint,
	// exhaustive. The exhaustive one runs only on the cells that Oracle names,
	// or on all if it names none.
	Policies []string `json:"policies"`
	Oracle   []Cell   `json:"oracle"`
	// Cells are the combinations that are searched, all if it names none.
	Cells []Cell `json:"cells"`
	// Objectives are what searches maximise: QPS, QPSPerWatt, QPSPerDollar.
	Objectives []string `json:"objectives"`
	// Batches and Thresholds are the joint grid of exhaustive; Thresholds are
	// also the ladder of deeprecsched. Empty means DefaultBatches and
	// DefaultThresholds up to the largest query.
	Batches    []int `json:"batches"`
	Thresholds []int `json:"thresholds"`
	// Queries is the length of a simulation and Tolerance the relative accuracy
	// of a MaxQPS. MapTolerance is the coarser one of the map that exhaustive
	// draws; 0 leaves the map to what the search happens to learn.
	Queries      int     `json:"queries"`
	Tolerance    float64 `json:"tolerance"`
	MapTolerance float64 `json:"map_tolerance"`
	node.Options
	Choices Choices `json:"choices"` // of joint
	// JudgeQueries is how many fresh queries a simulation has that compares what
	// the searches chose, by QPS, with the baseline and the oracle; 0 compares
	// nothing.
	JudgeQueries int `json:"judge_queries"`
	// Pareto asks for the front of rate, p95 and power of each machine.
	Pareto bool `json:"pareto"`

	// Workers is how many cells are searched at once, 0 for one per processor.
	// It does not change the rows.
	Workers int `json:"-"`
}

// Choices widen the space of joint beyond batch size and threshold; the zero
// value does not. See policy.Policy.
type Choices struct {
	EqualSplit    bool  `json:"equal_split"`
	SmallestFirst bool  `json:"smallest_first"`
	ActiveCores   []int `json:"active_cores"`
	AccelBatches  []int `json:"accel_batches"`
}

// Objectives. The price of a machine does not depend on how it is driven, so the
// policy of the most queries per dollar is that of the most queries.
const (
	QPS          = "qps"
	QPSPerWatt   = "qps_per_watt"
	QPSPerDollar = "qps_per_dollar"
)

// Objectives lists what Config.Objectives may name.
func Objectives() []string { return []string{QPS, QPSPerWatt, QPSPerDollar} }

// Model is one model and its medium target.
type Model struct {
	Name  string `json:"name"`
	SLANS int64  `json:"sla_ns"` // p95 at most
}

// Target scales the medium target of every model.
type Target struct {
	Name   string  `json:"name"`
	Factor float64 `json:"factor"`
}

// DefaultTargets are those of the paper.
func DefaultTargets() []Target { return []Target{{"low", 0.5}, {"medium", 1}, {"high", 1.5}} }

// DefaultBatches are the powers of two, which deeprecsched climbs, and steps
// between them where a core's time per item still falls. The largest query,
// unsplit, follows them.
func DefaultBatches() []int {
	return []int{1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512}
}

// DefaultThresholds start at everything on the accelerator and are close
// together between 100 and 300 items, where the production sizes are.
func DefaultThresholds() []int {
	return []int{1, 64, 96, 112, 128, 144, 160, 176, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896}
}

// Cell names cells by pattern: an empty field stands for any.
type Cell struct {
	Model  string `json:"model"`
	Target string `json:"target"`
	CPU    string `json:"cpu"`
	Accel  string `json:"accel"`
	Engine string `json:"engine"`
}

// anyOf reports whether a cell is one of those that patterns name: no patterns
// name every cell.
func anyOf(patterns []Cell, x Cell) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p Cell) bool { return p.matches(x) })
}

// String writes a pattern as ParseCell reads it.
func (c Cell) String() string {
	parts := []string{c.Model, c.Target, c.CPU, c.Accel, c.Engine}
	for i, p := range parts {
		if p == "" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// ParseCell reads "MODEL/TARGET/CPU/ACCEL" or "MODEL/TARGET/CPU/ACCEL/ENGINE",
// where * stands for any.
func ParseCell(spec string) (Cell, error) {
	parts := strings.Split(spec, "/")
	if len(parts) < 4 || len(parts) > 5 || slices.Contains(parts, "") {
		return Cell{}, fmt.Errorf("%q is not MODEL/TARGET/CPU/ACCEL[/ENGINE] with * for any", spec)
	}
	for i, p := range parts {
		if p == "*" {
			parts[i] = ""
		}
	}
	c := Cell{Model: parts[0], Target: parts[1], CPU: parts[2], Accel: parts[3]}
	if len(parts) == 5 {
		c.Engine = parts[4]
	}
	return c, nil
}

func (c Cell) matches(o Cell) bool {
	fits := func(pattern, word string) bool { return pattern == "" || pattern == word }
	return fits(c.Model, o.Model) && fits(c.Target, o.Target) && fits(c.CPU, o.CPU) &&
		fits(c.Accel, o.Accel) && fits(c.Engine, o.Engine)
}

// searchers are the policy searches by name, in the order of their rows.
var searchers = []tune.Searcher{tune.Static{}, tune.DeepRecSched{}, tune.SeedHillClimb{}, tune.Joint{}, tune.Exhaustive{}}

// PolicyNames lists the searches that Config.Policies may name.
func PolicyNames() []string {
	var names []string
	for _, s := range searchers {
		names = append(names, s.Name())
	}
	return names
}

// Validate names the first key that is out of range.
func (c Config) Validate() error {
	if _, err := node.ParseArrivals(c.Arrivals); err != nil {
		return err
	}
	for _, s := range append([]string{c.Sizes}, c.TunedOn...) {
		if _, err := node.ParseSizes(s, c.MaxQuerySize); err != nil {
			return err
		}
	}
	for _, m := range c.Models {
		if m.SLANS <= 0 {
			return fmt.Errorf("models: %s: target of %d ns is not positive", m.Name, m.SLANS)
		}
	}
	for _, t := range c.Targets {
		if !(t.Factor > 0 && t.Factor < 1000) {
			return fmt.Errorf("targets: %s: factor %v is not in (0, 1000)", t.Name, t.Factor)
		}
	}
	for _, m := range c.Nodes {
		if err := m.Validate(); err != nil {
			return err
		}
		if err := c.space(m).Validate(); err != nil {
			return err
		}
	}
	for _, m := range c.Mixes {
		if err := m.Validate(); err != nil {
			return err
		}
	}
	for _, p := range c.Policies {
		if !slices.Contains(PolicyNames(), p) {
			return fmt.Errorf("policies: unknown policy %q; known: %s", p, strings.Join(PolicyNames(), ", "))
		}
	}
	for _, o := range c.Objectives {
		if err := c.objective(o); err != nil {
			return err
		}
	}
	if err := c.options().Validate(); err != nil {
		return err
	}
	if err := c.offloading(); err != nil {
		return err
	}
	switch {
	case len(c.Models) == 0:
		return fmt.Errorf("models: none given")
	case len(c.Targets) == 0:
		return fmt.Errorf("targets: none given")
	case len(c.Engines) == 0:
		return fmt.Errorf("engines: none given")
	case len(c.Nodes) == 0:
		return fmt.Errorf("nodes: none given")
	case len(c.Policies) == 0:
		return fmt.Errorf("policies: none given")
	case len(c.Objectives) == 0:
		return fmt.Errorf("objectives: none given")
	case c.Servers < 1:
		return fmt.Errorf("servers: %d is not at least 1", c.Servers)
	case c.Queries < 1:
		return fmt.Errorf("queries: %d is not at least 1", c.Queries)
	case c.JudgeQueries < 0:
		return fmt.Errorf("judge_queries: %d is negative", c.JudgeQueries)
	}
	return nil
}

// offloading reports keys that speak of an accelerator where there is none.
func (c Config) offloading() error {
	if slices.ContainsFunc(c.Nodes, func(m node.Machine) bool { return m.Accelerators > 0 }) {
		return nil
	}
	switch {
	case len(c.Thresholds) > 0:
		return fmt.Errorf("thresholds: %v, but no machine has an accelerator to offload to", c.Thresholds)
	case len(c.Choices.AccelBatches) > 0:
		return fmt.Errorf("accel_batches: %v, but no machine has an accelerator", c.Choices.AccelBatches)
	}
	return nil
}

// objective reports one that is unknown, or that some machine has no figure for.
func (c Config) objective(name string) error {
	if !slices.Contains(Objectives(), name) {
		return fmt.Errorf("objectives: unknown objective %q; known: %s", name, strings.Join(Objectives(), ", "))
	}
	for _, m := range c.Nodes {
		if name == QPSPerWatt && m.PowerW(1, 0, 0) == nil {
			return fmt.Errorf("objectives: %s: the watts of %s + %s are not known", name, m.CPU, m.Accel)
		}
		if name == QPSPerDollar && m.PricePerHour == 0 {
			return fmt.Errorf("objectives: %s: the price of %s + %s is not known", name, m.CPU, m.Accel)
		}
	}
	return nil
}

func (c Config) options() tune.Options {
	return tune.Options{Tolerance: c.Tolerance, Queries: c.Queries, MapTolerance: c.MapTolerance}
}

// space is what a search may choose from on a machine.
func (c Config) space(m node.Machine) tune.Space {
	s := tune.Space{MaxQuery: c.MaxQuerySize, Cores: m.Cores, Accelerators: m.Accelerators, Batches: c.Batches, Thresholds: c.Thresholds, Choices: tune.Choices(c.Choices)}
	if m.Accelerators == 0 {
		s.Choices.AccelBatches = nil
	}
	if len(s.Batches) == 0 { // the largest query unsplit ends the list, as it ends deeprecsched's climb
		s.Batches = append(upTo(DefaultBatches(), c.MaxQuerySize-1), c.MaxQuerySize)
	}
	if len(s.Thresholds) == 0 {
		s.Thresholds = upTo(DefaultThresholds(), c.MaxQuerySize)
	}
	return s
}

// upTo cuts an ascending list at the largest query.
func upTo(xs []int, maxQuery int) []int {
	i, _ := slices.BinarySearch(xs, maxQuery+1)
	return xs[:i:i]
}
