package validate

import (
	"slices"

	"runexp/serving/sim"
)

// passesNow is how often a pass is timed at each batch size of the curve, before
// a live run and after it.
const passesNow = 15

// around does something between two looks at the curve, and returns the node as
// it is now: with the curve of the profile moved to the mean of both. A shared
// machine is 10 or 20 % faster or slower minutes later, which no simulation
// knows.
func (b *bench) around(run func() error) (sim.Node, error) {
	name := b.model.Config.Name()
	batches := slices.DeleteFunc(b.curves.Batches(name, platform, engine), func(n int) bool { return n > b.policy.BatchSize })
	before, err := b.pool.Curve(b.place, batches, passesNow)
	if err != nil {
		return sim.Node{}, err
	}
	if err := run(); err != nil {
		return sim.Node{}, err
	}
	after, err := b.pool.Curve(b.place, batches, passesNow)
	if err != nil {
		return sim.Node{}, err
	}
	ratio := func(batch int) float64 {
		i, known := slices.BinarySearch(batches, batch)
		if !known {
			i = len(batches) - 1 // larger than any request
		}
		profiled := b.node.Service.Table(len(b.place.Engines), batches[i])
		return float64(before[i]+after[i]) / 2 / float64(profiled)
	}
	return b.curves.Scaled(name, platform, engine, ratio).Node(name, engine, b.machine, b.config.Live.Options)
}
