package profile

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"runexp/internal/stream"
	"runexp/internal/timing"
	"runexp/models"
	"runexp/models/op"
)

// poolBytes bounds the inputs drawn ahead for one worker and point.
const poolBytes = 256 << 20

// point is one model at one batch size with some workers, run in one way:
// passes[w][i][o] is the time of operator o in the i-th measured pass of worker
// w.
type point struct {
	model   models.Config
	variant string
	fusion  models.Fusion
	ops     []op.Operator // as they run
	batch   int
	workers int
	passes  [][][]time.Duration
}

// measureModel builds a model once, measures all its points and gives its
// memory back.
func measureModel(ctx context.Context, c Config, m models.Config, step func(what string)) ([]point, error) {
	step(m.Name() + ": build")
	variant := cmp.Or(c.Variant, m.Variant, "corrected")
	built, err := models.Build(ctx, m, models.Options{Variant: variant, TableScale: c.TableScale, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	defer built.Close()
	var points []point
	for _, fusion := range c.Fusion {
		pool := newPool(built, c, fusion)
		for _, n := range c.Workers {
			for _, batch := range c.BatchSizes {
				if len(points) > 0 { // the first point's step is the build
					step(fmt.Sprintf("%s: fusion %s, batch %d, %d workers", m.Name(), fusion, batch, n))
				}
				p := point{model: m, variant: variant, fusion: fusion, ops: pool[0].engine.Ops(), batch: batch, workers: n}
				if p.passes, err = measurePoint(ctx, c, built, pool[:n], batch); err != nil {
					return nil, err
				}
				points = append(points, p)
			}
		}
	}
	return points, nil
}

// newPool returns as many workers as are ever wanted at once.
func newPool(m *models.Model, c Config, fusion models.Fusion) []*worker {
	pool := make([]*worker, slices.Max(c.Workers))
	for i := range pool {
		pool[i] = newWorker(m.NewEngineAs(slices.Max(c.BatchSizes), fusion))
	}
	return pool
}

// worker is one engine with the times of the pass under way.
type worker struct {
	engine    *models.Engine
	inputs    []*models.Batch
	stampCost time.Duration
	last      time.Duration   // when the operator before ended
	times     []time.Duration // per operator
	stamp     func(int)
}

func newWorker(e *models.Engine) *worker {
	w := &worker{engine: e, times: make([]time.Duration, len(e.Ops()))}
	w.stamp = func(i int) {
		now := timing.Now()
		w.times[i] += max(0, now-w.last-w.stampCost)
		w.last = now
	}
	return w
}

// pass runs the i-th input and leaves the time of each operator: all of it since
// the one before, less the cost of a stamp.
func (w *worker) pass(i int) error {
	clear(w.times)
	w.last = timing.Now()
	_, err := w.engine.Run(w.inputs[i%len(w.inputs)], w.stamp)
	return err
}

// measurePoint runs all workers at once until each has its repetitions. A
// worker that is done keeps running unmeasured passes until the last one is,
// so that no measured pass runs with less company than asked for.
func measurePoint(ctx context.Context, c Config, m *models.Model, workers []*worker, batch int) ([][][]time.Duration, error) {
	cost := stampCost()
	for i, w := range workers {
		w.stampCost = cost
		w.inputs = drawInputs(c, m, batch, i)
	}
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no collection inside a measurement

	reps, err := repetitions(ctx, c, workers[0])
	if err != nil {
		return nil, err
	}
	passes := make([][][]time.Duration, len(workers))
	errs := make([]error, len(workers))
	var busy atomic.Int64
	busy.Store(int64(len(workers)))
	var wg sync.WaitGroup
	for i, w := range workers {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			passes[i], errs[i] = w.collect(ctx, c.Warmup, reps, &busy)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return passes, nil
}

// collect runs the warm-up, then reps measured passes, then company for the
// workers that are still measuring.
func (w *worker) collect(ctx context.Context, warmup, reps int, busy *atomic.Int64) ([][]time.Duration, error) {
	passes := make([][]time.Duration, 0, reps)
	left := func() { busy.Add(-1) }
	defer func() { left() }()
	for i := 0; i < warmup+reps; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := w.pass(i); err != nil {
			return nil, err
		}
		if i >= warmup {
			passes = append(passes, slices.Clone(w.times))
		}
	}
	left()
	left = func() {}
	for i := 0; busy.Load() > 0 && ctx.Err() == nil; i++ {
		if err := w.pass(i); err != nil {
			return nil, err
		}
	}
	return passes, nil
}

// drawInputs draws fresh inputs for every pass of a point, or as many as fit
// the pool; then they are used in turn.
func drawInputs(c Config, m *models.Model, batch, worker int) []*models.Batch {
	rng := stream.New(c.Seed, fmt.Sprintf("profile/inputs/batch=%d/worker=%d", batch, worker))
	n := int(poolBytes / max(1, m.Graph().InputBytes(batch)))
	inputs := make([]*models.Batch, min(max(n, 2), c.Warmup+c.Repetitions))
	dist := c.Indices.New()
	for i := range inputs {
		inputs[i] = m.NewBatch(batch, rng, dist)
	}
	return inputs
}

// repetitions says how many passes fit the time of a point, going by one pass.
func repetitions(ctx context.Context, c Config, w *worker) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	start := timing.Now()
	if err := w.pass(0); err != nil {
		return 0, err
	}
	n := int(c.MaxSeconds / max((timing.Now()-start).Seconds(), 1e-9))
	return min(max(n, c.MinRepetitions), c.Repetitions), nil
}

// stampCost is the time between two stamps with nothing between them: the
// least of many, so that an interruption does not count.
func stampCost() time.Duration {
	least := time.Hour
	for range 1000 {
		t := timing.Now()
		least = min(least, timing.Now()-t)
	}
	return least
}
