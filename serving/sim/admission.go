package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Admission sheds load: it turns queries away that would wait, so that those let
// in are served in time. At most one of the two rules is set; the zero value
// lets every query in. It holds for each queue by itself: that of a node's cores
// and that of its accelerators.
type Admission struct {
	Queue int           // a query is turned away where so many wait
	Wait  time.Duration // a query whose turn has not come after so long gives up
}

// longestQueue bounds the memory of a queue limit.
const longestQueue = 1 << 20

// ParseAdmission reads all, queue:N (queries) or wait:TIME.
func ParseAdmission(spec string) (Admission, error) {
	if spec == "all" {
		return Admission{}, nil
	}
	rule, value, _ := strings.Cut(spec, ":")
	switch rule {
	case "queue":
		if n, err := strconv.Atoi(value); err == nil && n > 0 && n <= longestQueue {
			return Admission{Queue: n}, nil
		}
		return Admission{}, fmt.Errorf("%q: the queue is not between 1 and %d queries long", spec, longestQueue)
	case "wait":
		if d, err := time.ParseDuration(value); err == nil && d > 0 {
			return Admission{Wait: d}, nil
		}
		return Admission{}, fmt.Errorf("%q: %q is not a time above 0, such as 50ms", spec, value)
	}
	return Admission{}, fmt.Errorf("%q is not all, queue:N or wait:TIME", spec)
}

// sheds reports whether any query may be turned away.
func (a Admission) sheds() bool { return a != Admission{} }

func (a Admission) check() error {
	switch {
	case a.Queue < 0 || a.Queue > longestQueue:
		return fmt.Errorf("admission: a queue of %d is not between 0 and %d", a.Queue, longestQueue)
	case a.Wait < 0:
		return fmt.Errorf("admission: a wait of %v is negative", a.Wait)
	case a.Queue > 0 && a.Wait > 0:
		return fmt.Errorf("admission: a queue of %d and a wait of %v; give one of them", a.Queue, a.Wait)
	}
	return nil
}

// door lets queries into one queue. As the queue is first come, first served,
// the moment at which a query would start is known when it comes.
type door struct {
	Admission
	// A ring of when the waiting queries start, ascending; full at the limit.
	starts      []int64
	head, queue int
}

func newDoor(a Admission) *door { return &door{Admission: a, starts: make([]int64, a.Queue)} }

// admits reports whether a query of this arrival that comes now, if later because
// it was sent again, and would start then is let in.
func (d *door) admits(arrival, now, start int64) bool {
	if d.Wait > 0 {
		return start-arrival <= int64(d.Wait)
	}
	for d.queue > 0 && d.starts[d.head] <= now {
		d.head, d.queue = (d.head+1)%len(d.starts), d.queue-1
	}
	if start <= now {
		return true
	}
	if d.queue == len(d.starts) {
		return false
	}
	d.starts[(d.head+d.queue)%len(d.starts)] = start
	d.queue++
	return true
}

// empty forgets who waits, as a failure does.
func (d *door) empty() { d.queue = 0 }

// turnAway ends a query that came at a time and is not let in. One that gives up
// has been in the queue until then.
func (q *Query) turnAway(at int64, a Admission) {
	end := time.Duration(at) + a.Wait
	q.Start, q.Done = end, end
	q.Wait, q.Service, q.Straggle = 0, 0, 0
	q.Requests, q.Offloaded, q.Shed = 0, false, true
}
