package sim

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// longest is how far virtual time may go: int64 nanoseconds end at 292 years.
const longest = 100 * 365 * 24 * time.Hour

// check reports what makes a config meaningless, before any work.
func (c *Config) check() error {
	if err := c.checkLoad(); err != nil {
		return err
	}
	if err := cmp.Or(c.Policy.Validate(), c.Admission.check()); err != nil {
		return err
	}
	switch c.Router {
	case Random, RoundRobin, JSQ, PowerOfTwo:
	case "":
		if len(c.Nodes) > 1 {
			return fmt.Errorf("router: none for %d nodes", len(c.Nodes))
		}
	default:
		return fmt.Errorf("router: unknown %q; want %s, %s, %s or %s", c.Router, Random, RoundRobin, JSQ, PowerOfTwo)
	}
	if len(c.Nodes) == 0 {
		return errors.New("nodes: none")
	}
	if err := c.checkFailures(); err != nil {
		return err
	}
	seen := map[Node]bool{}
	for i, n := range c.Nodes {
		if seen[n] {
			continue
		}
		seen[n] = true
		if err := c.checkNode(n); err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
	}
	return nil
}

func (c *Config) checkLoad() error {
	switch {
	case c.Arrivals == nil:
		return errors.New("arrivals: none")
	case c.Sizes == nil:
		return errors.New("sizes: none")
	case !(c.RateQPS > 0) || math.IsInf(c.RateQPS, 0):
		return fmt.Errorf("rate: %v queries/s is not a positive number", c.RateQPS)
	case c.Queries < 1:
		return fmt.Errorf("queries: %d is not at least 1", c.Queries)
	case c.Target < 0:
		return fmt.Errorf("target: %v is negative", c.Target)
	case c.Warmup < 0:
		return fmt.Errorf("warmup: %d is negative", c.Warmup)
	case (float64(c.Queries)+float64(c.Warmup))/c.RateQPS > longest.Seconds():
		return fmt.Errorf("rate: %v queries/s makes %d queries take over a century", c.RateQPS, c.Queries)
	}
	return nil
}

// mostHeld is how many queries a trial can hold back: all that come in an outage.
const mostHeld = 1e8

// checkFailures reports failures that cannot happen.
func (c *Config) checkFailures() error {
	ends := map[int]time.Duration{}
	down := slices.Clone(c.Failures)
	slices.SortFunc(down, func(a, b Failure) int { return cmp.Compare(a.At, b.At) })
	for _, f := range down {
		switch {
		case c.downAt(f.At) > len(c.Nodes):
			return fmt.Errorf("failures: %d at once, at %v, are more failures than nodes (%d)", c.downAt(f.At), f.At, len(c.Nodes))
		case f.Node < 0 || f.Node >= len(c.Nodes):
			return fmt.Errorf("failures: node %d of %d, which count from 0", f.Node, len(c.Nodes))
		case f.At < 0 || f.For <= 0 || f.At > longest || f.For > longest:
			return fmt.Errorf("failures: node %d fails at %v for %v", f.Node, f.At, f.For)
		case f.For.Seconds()*c.RateQPS > mostHeld:
			return fmt.Errorf("failures: node %d is down for %v, in which %.2g queries come: more than the %.0e that can be held back", f.Node, f.For, f.For.Seconds()*c.RateQPS, mostHeld)
		case f.At < ends[f.Node]:
			return fmt.Errorf("failures: node %d fails at %v while it is down until %v", f.Node, f.At, ends[f.Node])
		}
		ends[f.Node] = f.At + f.For
	}
	return nil
}

// downAt counts the failures under way at a time.
func (c *Config) downAt(at time.Duration) int {
	n := 0
	for _, f := range c.Failures {
		if f.At <= at && at < f.At+f.For {
			n++
		}
	}
	return n
}

// checkNode reports a node that cannot serve every query it may be given.
func (c *Config) checkNode(n Node) error {
	p := c.policyOf(n)
	switch {
	case n.Policy != nil && p.Validate() != nil:
		return p.Validate()
	case n.Cores < 1:
		return fmt.Errorf("cores: %d is not at least 1", n.Cores)
	case n.Service == nil:
		return errors.New("service: none")
	case n.Accelerators < 0:
		return fmt.Errorf("accelerators: %d is negative", n.Accelerators)
	case n.Accelerators > 0 && n.AccelService == nil:
		return fmt.Errorf("accelerators: %d without a service", n.Accelerators)
	}
	if n.AccelBatch.MaxItems < 0 || n.AccelBatch.MaxDelay < 0 {
		return fmt.Errorf("accelerator batching: %d items within %v", n.AccelBatch.MaxItems, n.AccelBatch.MaxDelay)
	}
	if n.AccelBatch.MaxItems > 0 && n.Accelerators == 0 {
		return errors.New("accelerator batching: no accelerator")
	}
	if w := c.Admission.Wait; n.AccelBatch.MaxItems > 0 && w > 0 && n.AccelBatch.MaxDelay > w {
		return fmt.Errorf("admission: queries give up after %v, before a batch of the accelerator is due, after %v", w, n.AccelBatch.MaxDelay)
	}
	largest := c.Sizes.Max() // of the queries that stay on the cores
	if n.Accelerators > 0 && p.Offloads(largest) {
		if err := n.AccelService.Check(max(largest, n.AccelBatch.MaxItems)); err != nil {
			return err
		}
		if n.AccelService.Mean(1, largest).Seconds()*float64(c.Queries+c.Warmup) > longest.Seconds() {
			return fmt.Errorf("service %s: %d queries take over a century", n.AccelService.Name(), c.Queries+c.Warmup)
		}
		largest = p.OffloadThreshold - 1
	}
	if largest == 0 { // all queries are offloaded
		return nil
	}
	request := min(largest, p.BatchSize)
	if err := n.Service.Check(request); err != nil {
		return err
	}
	work := n.Service.Mean(p.Cores(n.Cores), request).Seconds() * float64(p.Requests(largest))
	if work*float64(c.Queries+c.Warmup) > longest.Seconds() {
		return fmt.Errorf("service %s: %d queries take over a century", n.Service.Name(), c.Queries+c.Warmup)
	}
	return nil
}
