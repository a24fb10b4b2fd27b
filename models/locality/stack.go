package locality

// stack is rows in the order of their last access. Every access takes the next
// slot of time; a Fenwick tree over the slots counts those that are still a row's
// last, so that a row's depth, or the row at a depth, takes O(log n). When time
// runs out the slots left are renumbered, into twice their number.
type stack struct {
	rows  []int32 // by slot; undefined where the slot is not live
	live  []bool
	tree  []int32 // tree[i] counts the live slots of the i&-i that end with i-1
	now   int     // next slot
	size  int     // live slots
	moved func(row int32, slot int)
}

// push puts a row on top and returns its slot.
func (s *stack) push(row int32) int {
	if s.now == len(s.rows) {
		s.renumber()
	}
	slot := s.now
	s.rows[slot], s.live[slot] = row, true
	s.now++
	s.add(slot, 1)
	return slot
}

// pop takes the row of a live slot out.
func (s *stack) pop(slot int) int32 {
	s.live[slot] = false
	s.add(slot, -1)
	return s.rows[slot]
}

func (s *stack) add(slot int, n int32) {
	s.size += int(n)
	for i := slot + 1; i < len(s.tree); i += i & -i {
		s.tree[i] += n
	}
}

// depth is the number of live slots from this one on.
func (s *stack) depth(slot int) int {
	before := 0
	for i := slot; i > 0; i -= i & -i {
		before += int(s.tree[i])
	}
	return s.size - before
}

// at returns the live slot of depth 1..size.
func (s *stack) at(depth int) int {
	before := int32(s.size - depth) // live slots before it
	slot := 0
	for step := len(s.rows); step > 0; step /= 2 {
		if next := slot + step; next < len(s.tree) && s.tree[next] <= before {
			slot = next
			before -= s.tree[next]
		}
	}
	return slot
}

// leastSlots is a power of two, as their number always is.
const leastSlots = 1 << 10

func (s *stack) renumber() {
	rows, live := s.rows, s.live
	slots := max(len(rows), leastSlots)
	if 2*s.size > slots {
		slots *= 2
	}
	s.rows, s.live, s.tree = make([]int32, slots), make([]bool, slots), make([]int32, slots+1)
	s.now, s.size = 0, 0
	for slot, row := range rows {
		if live[slot] {
			to := s.push(row)
			if s.moved != nil {
				s.moved(row, to)
			}
		}
	}
}
