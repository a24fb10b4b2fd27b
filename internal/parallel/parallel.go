// Package parallel runs the independent parts of one job on a few goroutines.
//
// Its stance: parallelism changes how long a job takes and nothing else. Part i
// writes only what belongs to i, so results are the same for any number of
// workers; among several errors the one with the smallest i is returned.
package parallel

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// Each calls do(ctx, i) for every i in [0, n), at most workers at a time (at
// least one), and waits for all. The first failure cancels the ctx of the
// others and no further part is started.
func Each(ctx context.Context, workers, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, min(workers, n)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = do(ctx, i); errs[i] != nil {
					cancel()
				}
			}
		})
	}
	wg.Wait()
	return first(errs, context.Cause(ctx))
}

// first prefers a failure that is not merely the echo of the cancellation that
// another failure caused.
func first(errs []error, cancelled error) error {
	var echo error
	for _, err := range errs {
		switch {
		case err == nil:
		case !errors.Is(err, context.Canceled):
			return err
		case echo == nil:
			echo = err
		}
	}
	if echo == nil {
		echo = cancelled
	}
	return echo
}
