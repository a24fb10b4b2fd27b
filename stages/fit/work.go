package fit

import (
	"runexp/hw"
	"runexp/models"
	"runexp/models/op"
)

// passWork is what one forward pass asks of a machine, by operator kind.
type passWork struct {
	kinds []kindWork // in order of first appearance
	load  hw.Load    // but for who else is active
}

// kindWork is all operators of one kind in a pass.
type kindWork struct {
	kind       string
	work       []hw.Work // one per operator: each has a roof of its own
	dispatches float64   // calls that a framework makes for them
}

// describe takes the costs of a graph at a batch size.
func describe(g *models.Graph, batch int) passWork {
	var p passWork
	index := map[op.Kind]int{}
	for _, o := range g.Ops {
		c := o.Cost(batch)
		i, seen := index[o.Kind()]
		if !seen {
			i = len(p.kinds)
			index[o.Kind()] = i
			p.kinds = append(p.kinds, kindWork{kind: string(o.Kind())})
		}
		k := &p.kinds[i]
		k.work = append(k.work, hw.Work{
			FLOPs: float64(c.FLOPs), Bytes: float64(c.Bytes), WeightBytes: float64(c.WeightBytes),
			Rows: float64(c.Rows), RowBytes: float64(c.RowBytes),
		})
		k.dispatches += dispatches(o.Kind(), c)
		p.load.Weights += float64(c.WeightBytes)
		p.load.Gather += float64(c.Rows * c.RowBytes)
	}
	p.load.Tables = float64(g.TableBytes())
	return p
}

// dispatches counts the calls of one operator: one, but a recurrent network
// makes several per step.
func dispatches(kind op.Kind, c op.Cost) float64 {
	if kind == op.KindRecurrentNetwork {
		return float64(c.Launches)
	}
	return 1
}

// place says where the pass finds its data with so many cores active.
func (p passWork) place(r hw.Rates, active int, shared bool) hw.Residence {
	l := p.load
	l.Active, l.Shared = active, shared
	return r.Place(l)
}

// roofNS is the roofline time of all operators of the kind.
func (k kindWork) roofNS(r hw.Rates, at hw.Residence) float64 {
	var sum float64
	for _, w := range k.work {
		sum += r.TimeNS(w, at)
	}
	return sum
}

// memoryBytes is the traffic to memory of all operators of the kind.
func (k kindWork) memoryBytes(r hw.Rates, at hw.Residence) float64 {
	var sum float64
	for _, w := range k.work {
		sum += r.MemoryBytes(w, at)
	}
	return sum
}
