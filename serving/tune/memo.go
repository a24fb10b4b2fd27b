package tune

import (
	"context"
	"sync"
)

// Memo returns an Evaluate that runs each distinct trial once and remembers
// what it found, so that searches for several targets, or by several methods,
// share simulations. It changes no result: Evaluate is a pure function.
func Memo(eval Evaluate) Evaluate {
	var mu sync.Mutex
	known := map[Trial]*answer{}
	return func(ctx context.Context, t Trial) (Point, error) {
		mu.Lock()
		a, ok := known[t]
		if !ok {
			a = &answer{ready: make(chan struct{})}
			known[t] = a
		}
		mu.Unlock()
		if ok {
			select {
			case <-a.ready:
			case <-ctx.Done():
				return Point{}, ctx.Err()
			}
			return a.point, a.err
		}
		a.point, a.err = eval(ctx, t)
		if a.err != nil { // do not remember a cancellation
			mu.Lock()
			delete(known, t)
			mu.Unlock()
		}
		close(a.ready)
		return a.point, a.err
	}
}

// answer is one simulation, running until ready is closed.
type answer struct {
	ready chan struct{}
	point Point
	err   error
}
