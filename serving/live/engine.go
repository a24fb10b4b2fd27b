package live

import (
	"time"

	"runexp/internal/timing"
	"runexp/models"
)

// engine is one worker.
type engine struct {
	run  *models.Engine
	all  *items
	next int // item that the next request starts at
	view models.Batch
	log  []span
}

// work serves the queue until it is empty for good. Times count from start.
func (e *engine) work(q *queue, start time.Duration, spin bool) error {
	for {
		i, ok := q.take(spin)
		if !ok {
			return nil
		}
		from := timing.Now()
		if err := e.pass(int(q.requests[i].batch)); err != nil {
			q.stop.Store(true)
			return err
		}
		e.log = append(e.log, span{i, from - start, timing.Now() - start})
	}
}

// pass runs the model over the next n items.
func (e *engine) pass(n int) error {
	if e.next+n > e.all.Size {
		e.next = 0
	}
	e.all.cut(&e.view, e.next, n)
	e.next += n
	_, err := e.run.Run(&e.view, nil)
	return err
}
