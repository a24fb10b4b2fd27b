package optimize

import (
	"fmt"
	"time"

	"runexp/serving/policy"
	"runexp/serving/tune"
)

// hopeless returns the service time of the smallest request there can be, one
// item on the fastest idle device, if it is above the target, else 0: then
// every policy misses the target with every query, and none is simulated.
func (x cell) hopeless() (time.Duration, error) {
	r, err := x.rigs.get(rigKey{x.model.Name, x.engine, x.config.Sizes, x.machine, x.config.Seed})
	if err != nil {
		return 0, err
	}
	n := r.base.Nodes[0]
	least := n.Service.Mean(1, 1)
	if n.Accelerators > 0 {
		least = min(least, n.AccelService.Mean(1, 1))
	}
	if least > x.sla().Limit {
		return least, nil
	}
	return 0, nil
}

// impossible makes the rows of such a cell.
func (x cell) impossible(least time.Duration) Output {
	var out Output
	for _, objective := range x.config.Objectives {
		t := table{cell: x, objective: objective}
		for _, s := range searchers {
			if x.wants(s) {
				t.point(s.Name(), x.config.Sizes, tune.Bound{Policy: policy.Static(x.config.MaxQuerySize, x.machine.Cores), Status: tune.Infeasible}, 0)
			}
		}
		out.Points = append(out.Points, t.out.Points...)
	}
	out.Impossible = fmt.Sprintf("%s: the target of %v is below %v, the service time of a single request of one item: no policy can meet it",
		x, x.sla().Limit, least)
	out.Warnings = []string{out.Impossible}
	return out
}
