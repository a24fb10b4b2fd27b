package models

import "slices"

// layout places every blob that operators write, but the outputs, in one block
// of scratch memory. Blobs that are never alive together share their place, which
// keeps a worker's scratch small and near: DIN's 250 attention units run in the
// space of one. A blob that is a place in another takes no memory of its own.
type layout struct {
	offset  []int // per blob, in values; -1 for inputs, outputs and places in other blobs
	scratch []int // per operator
	total   int
}

// span is a stretch of scratch memory that is free.
type span struct{ from, to int }

// plan lays the graph out for batches of up to maxBatch items.
func (g *Graph) plan(maxBatch int) layout {
	l := layout{offset: make([]int, len(g.blobs)), scratch: make([]int, len(g.wires))}
	for i := range l.offset {
		l.offset[i] = -1
	}
	size := func(cols int) int { return (cols*maxBatch + 15) / 16 * 16 } // whole cache lines
	var free []span
	release := func(at, cols int) { free = give(free, span{at, at + size(cols)}) }
	first, last := g.uses()
	for i, w := range g.wires {
		begins, ends := first[i], last[i]
		for _, b := range begins {
			l.offset[b], free = take(free, size(g.blobs[b].cols), &l.total)
		}
		if w.scratch > 0 {
			l.scratch[i], free = take(free, size(w.scratch), &l.total)
			release(l.scratch[i], w.scratch)
		}
		for _, b := range ends {
			release(l.offset[b], g.blobs[b].cols)
		}
	}
	return l
}

// uses returns, for each operator, the blobs that need memory from it on, and
// those that do not after it: itself and its places are no longer used.
func (g *Graph) uses() (first, last [][]int) {
	first, last = make([][]int, len(g.wires)), make([][]int, len(g.wires))
	from, to := make([]int, len(g.blobs)), make([]int, len(g.blobs))
	for i := range from {
		from[i] = -1
	}
	for i, w := range g.wires {
		for _, b := range w.out {
			if root := g.place(b).root; from[root] < 0 {
				from[root] = i
			}
		}
		for _, b := range slices.Concat(w.in, w.out) {
			to[g.place(b).root] = i
		}
	}
	for b, i := range from {
		if i >= 0 && !slices.Contains(g.outputs, b) {
			first[i], last[to[b]] = append(first[i], b), append(last[to[b]], b)
		}
	}
	return first, last
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
