package sim

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Failure takes a node down for a while. What it was doing is lost and done
// again: each query in it is sent to another node at once, and waits where there
// is none. The node comes back empty.
type Failure struct {
	Node    int
	At, For time.Duration
}

// ParseFailure reads NODE@TIME+TIME, such as 0@10s+5s: node 0 is down from 10 s
// to 15 s.
func ParseFailure(spec string) (Failure, error) {
	server, rest, ok := strings.Cut(spec, "@")
	at, span, ok2 := strings.Cut(rest, "+")
	n, err := strconv.Atoi(server)
	from, err2 := time.ParseDuration(at)
	length, err3 := time.ParseDuration(span)
	if !ok || !ok2 || cmp.Or(err, err2, err3) != nil {
		return Failure{}, fmt.Errorf("%q is not SERVER@TIME+TIME, such as 0@10s+5s", spec)
	}
	return Failure{Node: n, At: from, For: length}, nil
}
