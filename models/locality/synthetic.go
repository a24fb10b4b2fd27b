package locality

import (
	"math/rand/v2"
	"sort"
)

// Synthetic is an endless trace over a table whose stack distances follow a
// profile, as the old release's data generator makes it: a distance is drawn,
// from those that are possible so far, and the row at that depth of the stack is
// accessed, or a new one for distance 0. Once every row has been accessed, the
// one that was longest ago is the new one.
type Synthetic struct {
	distances  []int64 // ascending
	cumulative []int64 // accesses up to each
	stack      stack
	scatter    scatter
	used       int64 // rows accessed so far
}

// NewSynthetic starts a trace over a table of so many rows.
func NewSynthetic(p Profile, rows int) *Synthetic {
	s := &Synthetic{scatter: newScatter(rows)}
	var sum int64
	for _, c := range p.Distances {
		sum += c.Accesses
		s.distances, s.cumulative = append(s.distances, c.Distance), append(s.cumulative, sum)
	}
	return s
}

// Next draws the next access.
func (s *Synthetic) Next(rng *rand.Rand) int32 {
	depth := s.distance(rng)
	if depth == 0 && s.used < s.scatter.rows {
		row := s.scatter.row(s.used)
		s.used++
		s.stack.push(row)
		return row
	}
	if depth == 0 {
		depth = s.used
	}
	row := s.stack.pop(s.stack.at(int(depth)))
	s.stack.push(row)
	return row
}

// distance draws one that is not more than the rows accessed so far.
func (s *Synthetic) distance(rng *rand.Rand) int64 {
	n := sort.Search(len(s.distances), func(i int) bool { return s.distances[i] > s.used })
	at := 1 + rng.Int64N(s.cumulative[n-1])
	i := sort.Search(n, func(i int) bool { return s.cumulative[i] >= at })
	return s.distances[i]
}

// replay draws lookups from a synthetic trace per table.
type replay struct {
	profile Profile
	tables  map[int]*Synthetic
}

// Draw takes the next accesses of the table's trace. A row may come twice in a
// lookup.
func (r *replay) Draw(rng *rand.Rand, table, rows int, dst []int32) {
	s := r.tables[table]
	if s == nil || s.scatter.rows != int64(rows) {
		s = NewSynthetic(r.profile, rows)
		r.tables[table] = s
	}
	for i := range dst {
		dst[i] = s.Next(rng)
	}
}
