package models

import "slices"

// layout places every blob that operators write in one block of scratch
// memory. Blobs that are never alive together share their place, which keeps a
// worker's scratch small and near: DIN's 250 attention units run in the space
// of one.
type layout struct {
	offset []int // per blob, in values; -1 for blobs that are inputs
	size   []int // per blob, in values
	total  int
}

// span is a stretch of scratch memory that is free.
type span struct{ from, to int }

// plan lays the graph out for batches of up to maxBatch items.
func (g *Graph) plan(maxBatch int) layout {
	l := layout{offset: make([]int, len(g.blobs)), size: make([]int, len(g.blobs))}
	for i, b := range g.blobs {
		l.offset[i] = -1
		l.size[i] = (b.cols*maxBatch + 15) / 16 * 16 // whole cache lines
	}
	last := g.lastUse()
	var free []span
	for i, w := range g.wires {
		l.offset[w.out], free = take(free, l.size[w.out], &l.total)
		for k, in := range w.in {
			if last[in] == i && l.offset[in] >= 0 && !slices.Contains(w.in[:k], in) {
				free = give(free, span{l.offset[in], l.offset[in] + l.size[in]})
			}
		}
		if last[w.out] < 0 { // nobody reads it
			free = give(free, span{l.offset[w.out], l.offset[w.out] + l.size[w.out]})
		}
	}
	return l
}

// lastUse returns the last operator that reads each blob, -1 if none does, and
// one past the last operator for outputs, which outlive the pass.
func (g *Graph) lastUse() []int {
	last := make([]int, len(g.blobs))
	for i := range last {
		last[i] = -1
	}
	for i, w := range g.wires {
		for _, in := range w.in {
			last[in] = i
		}
	}
	for _, o := range g.outputs {
		last[o] = len(g.wires)
	}
	return last
}

// take finds the first free span of n values, or extends the block.
func take(free []span, n int, total *int) (int, []span) {
	for i, s := range free {
		if s.to-s.from >= n {
			if free[i].from += n; free[i].from == s.to {
				free = slices.Delete(free, i, i+1)
			}
			return s.from, free
		}
	}
	from := *total
	if k := len(free) - 1; k >= 0 && free[k].to == *total { // grow the last span
		from = free[k].from
		free = free[:k]
	}
	*total = from + n
	return from, free
}

// give returns a span, keeping the list sorted and neighbours joined.
func give(free []span, s span) []span {
	i, _ := slices.BinarySearchFunc(free, s.from, func(f span, at int) int { return f.from - at })
	free = slices.Insert(free, i, s)
	if i+1 < len(free) && free[i].to == free[i+1].from {
		free[i].to = free[i+1].to
		free = slices.Delete(free, i+1, i+2)
	}
	if i > 0 && free[i-1].to == free[i].from {
		free[i-1].to = free[i].to
		free = slices.Delete(free, i, i+1)
	}
	return free
}
