package sim

import "math/rand/v2"

// shortest joins the shortest queue. Nodes are kept sorted by the number of
// queries in them, so that one more or less is one swap with the edge of a run
// of equals, and the shortest are the first run, whatever the size of the
// cluster.
type shortest struct {
	rng    *rand.Rand
	order  []int32 // nodes by number of queries inside, ascending
	place  []int32 // of each node in order
	inside []int32 // queries in each node
	ends   []int32 // ends[k]: how many nodes have at most k queries inside
	leaves departures
}

func newShortest(nodes int, rng *rand.Rand) *shortest {
	s := &shortest{
		rng:   rng,
		order: make([]int32, nodes), place: make([]int32, nodes), inside: make([]int32, nodes),
		ends: []int32{int32(nodes)},
	}
	for i := range s.order {
		s.order[i], s.place[i] = int32(i), int32(i)
	}
	return s
}

func (s *shortest) pick(now int64) int {
	for len(s.leaves) > 0 && s.leaves[0].at <= now {
		s.leave(s.leaves.drop())
	}
	least := s.inside[s.order[0]]
	return int(s.order[s.rng.IntN(int(s.ends[least]))])
}

func (s *shortest) sent(node int, done int64) {
	s.leaves.push(departure{done, int32(node)})
	k := s.inside[node]
	if s.ends[k]--; int(k)+1 == len(s.ends) {
		s.ends = append(s.ends, int32(len(s.order)))
	}
	s.swap(int32(node), s.ends[k]) // to the end of its run, now the start of the next
	s.inside[node]++
}

func (s *shortest) leave(node int32) {
	k := s.inside[node] - 1
	s.swap(node, s.ends[k]) // to the start of its run, now the end of the one before
	s.ends[k]++
	s.inside[node]--
}

// swap moves a node to a place in the order.
func (s *shortest) swap(node, to int32) {
	from, other := s.place[node], s.order[to]
	s.order[from], s.order[to] = other, node
	s.place[other], s.place[node] = from, to
}

// departure is a query leaving a node.
type departure struct {
	at   int64
	node int32
}

// departures is a min-heap by time; the order of equal times does not matter.
type departures []departure

func (h *departures) push(d departure) {
	*h = append(*h, d)
	s := *h
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if s[parent].at <= d.at {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = d
}

// drop removes the first departure and returns its node.
func (h *departures) drop() int32 {
	s := *h
	node, last := s[0].node, len(s)-1
	x := s[last]
	s = s[:last]
	*h = s
	if last == 0 {
		return node
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= last {
			break
		}
		if right := child + 1; right < last && s[right].at < s[child].at {
			child = right
		}
		if x.at <= s[child].at {
			break
		}
		s[i] = s[child]
		i = child
	}
	s[i] = x
	return node
}
