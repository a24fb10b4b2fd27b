package sim

import (
	"math/rand/v2"
	"slices"

	"runexp/internal/stream"
)

// watchful is every router once more, for clusters whose nodes come and go: it
// knows which are up and how many queries each holds, also those whose end is
// not known yet. It draws the same numbers as the plain routers do, ties of the
// shortest queue aside.
type watchful struct {
	name   string
	rng    *rand.Rand
	up     []int   // nodes, ascending
	inside []times // by node: when the queries in it will be done
	open   []int   // by node: queries whose end is not known
	turn   int     // the next node in turn
}

func newWatchful(t *trial) *watchful {
	n := len(t.servers)
	w := &watchful{name: t.config.Router, rng: stream.New(t.config.Seed, "router"), inside: make([]times, n), open: make([]int, n)}
	for i := range n {
		w.up = append(w.up, i)
	}
	return w
}

// pick returns the node of a query that arrives now, or -1 if none is up.
func (w *watchful) pick(now int64) int {
	n := len(w.up)
	switch {
	case n == 0:
		return -1
	case n == 1:
		return w.up[0]
	}
	switch w.name {
	case Random:
		return w.up[w.rng.IntN(n)]
	case RoundRobin:
		return w.inTurn()
	case JSQ:
		return w.shortest(now)
	}
	a, b := w.rng.IntN(n), w.rng.IntN(n-1)
	if b >= a {
		b++
	}
	if w.holds(w.up[b], now) < w.holds(w.up[a], now) {
		return w.up[b]
	}
	return w.up[a]
}

func (w *watchful) inTurn() int {
	i, _ := slices.BinarySearch(w.up, w.turn)
	node := w.up[i%len(w.up)]
	w.turn = node + 1
	return node
}

// shortest looks at every node; of equals each is as likely.
func (w *watchful) shortest(now int64) int {
	best, least, equals := 0, -1, 0
	for _, node := range w.up {
		switch holds := w.holds(node, now); {
		case least < 0 || holds < least:
			best, least, equals = node, holds, 1
		case holds == least:
			if equals++; w.rng.IntN(equals) == 0 {
				best = node
			}
		}
	}
	return best
}

func (w *watchful) holds(node int, now int64) int {
	w.inside[node].dropUntil(now)
	return len(w.inside[node]) + w.open[node]
}

// sent tells when the query just picked for will be done, queued that nobody
// knows yet, planned that now one does.
func (w *watchful) sent(node int, done int64) {
	if w.name == JSQ || w.name == PowerOfTwo {
		w.inside[node].push(done)
	}
}

func (w *watchful) queued(node int) { w.open[node]++ }

func (w *watchful) planned(node int, done int64) {
	w.open[node]--
	w.sent(node, done)
}

func (w *watchful) fail(node int) {
	w.inside[node], w.open[node] = nil, 0
	w.up = slices.DeleteFunc(w.up, func(n int) bool { return n == node })
}

func (w *watchful) recover(node int) {
	if i, up := slices.BinarySearch(w.up, node); !up {
		w.up = slices.Insert(w.up, i, node)
	}
}
