package sim

import "math/rand/v2"

// router chooses the node of each query, in order of arrival.
type router interface {
	// pick returns the node of a query that arrives now.
	pick(now int64) int
	// sent tells when the query just picked for will be done.
	sent(node int, done int64)
}

// newRouter returns the router of a checked config, nil for a single node.
func newRouter(name string, nodes int, rng *rand.Rand) router {
	if nodes == 1 {
		return nil
	}
	switch name {
	case Random:
		return &random{nodes: nodes, rng: rng}
	case RoundRobin:
		return &roundRobin{nodes: nodes}
	case JSQ:
		return newShortest(nodes, rng)
	default:
		return &powerOfTwo{inside: make([]times, nodes), rng: rng}
	}
}

type roundRobin struct{ nodes, next int }

func (r *roundRobin) pick(int64) int {
	node := r.next
	if r.next++; r.next == r.nodes {
		r.next = 0
	}
	return node
}
func (*roundRobin) sent(int, int64) {}

type random struct {
	nodes int
	rng   *rand.Rand
}

func (r *random) pick(int64) int { return r.rng.IntN(r.nodes) }
func (*random) sent(int, int64)  {}

// powerOfTwo knows for each node when the queries in it will be done. Only the
// two nodes drawn are brought up to date.
type powerOfTwo struct {
	inside []times
	rng    *rand.Rand
}

func (r *powerOfTwo) pick(now int64) int {
	n := len(r.inside)
	a, b := r.rng.IntN(n), r.rng.IntN(n-1)
	if b >= a {
		b++
	}
	r.inside[a].dropUntil(now)
	r.inside[b].dropUntil(now)
	if len(r.inside[b]) < len(r.inside[a]) {
		return b
	}
	return a
}

func (r *powerOfTwo) sent(node int, done int64) { r.inside[node].push(done) }
