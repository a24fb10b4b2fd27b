package parallel

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestEachRunsEveryPartOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 7, 100} {
		got := make([]int32, 50)
		err := Each(t.Context(), workers, len(got), func(_ context.Context, i int) error {
			atomic.AddInt32(&got[i], 1)
			return nil
		})
		if err != nil {
			t.Fatalf("workers %d: %v", workers, err)
		}
		for i, n := range got {
			if n != 1 {
				t.Errorf("workers %d: part %d ran %d times", workers, i, n)
			}
		}
	}
}

func TestEachKeepsToItsWorkers(t *testing.T) {
	var running, most atomic.Int32
	err := Each(t.Context(), 3, 200, func(context.Context, int) error {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		running.Add(-1)
		return nil
	})
	if err != nil || most.Load() > 3 {
		t.Errorf("%d parts ran at once, err %v", most.Load(), err)
	}
}

func TestEachStops(t *testing.T) {
	broken := errors.New("part 2: broken")
	var ran atomic.Int32
	err := Each(t.Context(), 1, 100, func(_ context.Context, i int) error {
		ran.Add(1)
		if i == 2 {
			return broken
		}
		return nil
	})
	if err != broken || ran.Load() != 3 {
		t.Errorf("after a failure: err %v, %d parts ran", err, ran.Load())
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = Each(ctx, 2, 100, func(context.Context, int) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before the start: err %v", err)
	}

	err = Each(t.Context(), 2, 2, func(ctx context.Context, i int) error {
		if i == 1 {
			return broken
		}
		<-ctx.Done() // the echo of part 1's failure
		return ctx.Err()
	})
	if err != broken {
		t.Errorf("a failure among echoes: err %v", err)
	}
}
