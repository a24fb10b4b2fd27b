package simulate

import (
	"fmt"
	"slices"

	"runexp/serving/policy"
	"runexp/serving/sim"
	"runexp/stages/node"
	"runexp/stages/record"
)

// Config says which trials are run: every combination of model, engine, machine,
// policy and rate.
type Config struct {
	Experiment string         `json:"experiment"`
	Seed       uint64         `json:"seed"`
	Models     []string       `json:"models"`
	Engines    []string       `json:"engines"`
	Nodes      []node.Machine `json:"nodes"`
	Servers    int            `json:"servers"`
	// Clusters are more numbers of servers to simulate beside Servers.
	Clusters []int `json:"clusters,omitempty"`
	// Mixes are clusters of servers that differ.
	Mixes        []node.Mix `json:"mixes,omitempty"`
	Router       string     `json:"router"` // any with one server
	Arrivals     string     `json:"arrivals"`
	Sizes        string     `json:"sizes"`
	MaxQuerySize int        `json:"max_query_size"`
	// Static adds the production baseline of each machine to Policies.
	Static   bool     `json:"static"`
	Policies []Policy `json:"policies"`
	// Utilisation are offered rates as shares of what the cluster can sustain
	// under the policy; RatesQPS are absolute ones. Both are run.
	Utilisation []float64 `json:"utilisation"`
	RatesQPS    []float64 `json:"rates_qps"`
	Queries     int       `json:"queries"` // counted in each trial, after a warm-up
	// Admission are the rules by which a busy server turns queries away, as
	// sim.ParseAdmission reads them; all are run. TargetNS are the p95 targets of
	// models, which count the queries answered in time.
	Admission []string         `json:"admission"`
	TargetNS  map[string]int64 `json:"target_ns,omitempty"`
	// Failures are servers that go down and come back, as sim.ParseFailure reads
	// them. AccelBatch and AccelDelayNS let an accelerator serve several queries
	// at once.
	Failures     []string `json:"failures,omitempty"`
	AccelBatch   int      `json:"accel_batch,omitempty"`
	AccelDelayNS int64    `json:"accel_delay_ns,omitempty"`
	// Precision, unless 0, lengthens each trial until the interval of its p95 is
	// within this share of it, or Budget queries are counted.
	Precision float64 `json:"precision,omitempty"`
	Budget    int     `json:"budget,omitempty"`
	node.Options

	// Workers is how many trials run at once, 0 for one per processor. It does
	// not change the rows.
	Workers int `json:"-"`
}

// Policy is one given policy. One that offloads is run only on machines with an
// accelerator.
type Policy struct {
	BatchSize        int `json:"batch_size"`
	OffloadThreshold int `json:"offload_threshold"` // 0 never offloads
}

func (p Policy) policy() policy.Policy {
	return policy.Policy{BatchSize: p.BatchSize, OffloadThreshold: p.OffloadThreshold}
}

// servers lists the sizes of cluster to simulate.
func (c Config) servers() []int {
	list := append([]int{c.Servers}, c.Clusters...)
	slices.Sort(list)
	return slices.Compact(list)
}

// fewest is how many servers the smallest cluster has.
func (c Config) fewest() int {
	n := slices.Min(c.servers())
	for _, m := range c.Mixes {
		n = min(n, m.Servers())
	}
	return n
}

// Validate names the first key that is out of range.
func (c Config) Validate() error {
	if _, err := node.ParseArrivals(c.Arrivals); err != nil {
		return err
	}
	if _, err := node.ParseSizes(c.Sizes, c.MaxQuerySize); err != nil {
		return err
	}
	for _, m := range c.Nodes {
		if err := m.Validate(); err != nil {
			return err
		}
	}
	for _, m := range c.Mixes {
		if err := m.Validate(); err != nil {
			return err
		}
	}
	for _, p := range c.Policies {
		if err := p.policy().Validate(); err != nil {
			return fmt.Errorf("policies: %w", err)
		}
	}
	for _, u := range c.Utilisation {
		if !(u > 0 && u < 10) {
			return fmt.Errorf("utilisation: %v is not a share of the capacity in (0, 10)", u)
		}
	}
	for _, r := range c.RatesQPS {
		if !(r > 0 && r < 1e12) {
			return fmt.Errorf("rates_qps: %v is not a rate in (0, 1e12)", r)
		}
	}
	for _, spec := range c.Failures {
		f, err := sim.ParseFailure(spec)
		if err != nil {
			return fmt.Errorf("failures: %w", err)
		}
		if fewest := c.fewest(); f.Node < 0 || f.Node >= fewest {
			return fmt.Errorf("failures: %s: the smallest cluster has %d servers, counted from 0", spec, fewest)
		}
	}
	for _, spec := range c.Admission {
		if _, err := sim.ParseAdmission(spec); err != nil {
			return fmt.Errorf("admission: %w", err)
		}
	}
	switch {
	case len(c.Admission) == 0:
		return fmt.Errorf("admission: none given; %s lets every query in", record.AdmitAll)
	case c.AccelBatch < 0:
		return fmt.Errorf("accel_batch: %d is negative", c.AccelBatch)
	case c.AccelDelayNS < 0:
		return fmt.Errorf("accel_delay_ns: %d is negative", c.AccelDelayNS)
	case len(c.Models) == 0:
		return fmt.Errorf("models: none given")
	case len(c.Engines) == 0:
		return fmt.Errorf("engines: none given")
	case len(c.Nodes) == 0:
		return fmt.Errorf("nodes: none given")
	case !c.Static && len(c.Policies) == 0:
		return fmt.Errorf("policies: none given, and static is off")
	case len(c.Utilisation)+len(c.RatesQPS) == 0:
		return fmt.Errorf("utilisation: no rate given, nor in rates_qps")
	case slices.Min(c.servers()) < 1:
		return fmt.Errorf("servers: %d is not at least 1", slices.Min(c.servers()))
	case c.Precision < 0 || c.Precision >= 1:
		return fmt.Errorf("precision: %v is not a share of the p95 in [0, 1)", c.Precision)
	case c.Precision > 0 && c.Budget < c.Queries:
		return fmt.Errorf("budget: %d is below queries, %d", c.Budget, c.Queries)
	case c.Queries < 1:
		return fmt.Errorf("queries: %d is not at least 1", c.Queries)
	}
	return nil
}
