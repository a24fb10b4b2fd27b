package profile

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
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

// point is one model at one batch size with some workers: passes[w][i][o] is
// the time of operator o in the i-th measured pass of worker w.
type point struct {
	model   models.Config
	variant string
	ops     []op.Operator
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
	most := c.Workers[len(c.Workers)-1]
	largest := c.BatchSizes[len(c.BatchSizes)-1]
	pool := make([]*worker, most)
	for i := range pool {
		pool[i] = newWorker(built, largest)
	}
	var points []point
	for _, n := range c.Workers {
		for _, batch := range c.BatchSizes {
			if len(points) > 0 { // the first point's step is the build
				step(fmt.Sprintf("%s: batch %d, %d workers", m.Name(), batch, n))
			}
			p := point{model: m, variant: variant, ops: built.Graph().Ops, batch: batch, workers: n}
			if p.passes, err = measurePoint(ctx, c, built, pool[:n], batch); err != nil {
				return nil, err
			}
			points = append(points, p)
		}
	}
	return points, nil
}

// worker is one engine with the stamps of the pass under way.
type worker struct {
	engine *models.Engine
	inputs []*models.Batch
	stamps []time.Duration
	stamp  func(int)
}

func newWorker(m *models.Model, maxBatch int) *worker {
	w := &worker{engine: m.NewEngine(maxBatch), stamps: make([]time.Duration, 0, len(m.Graph().Ops)+1)}
	w.stamp = func(int) { w.stamps = append(w.stamps, timing.Now()) }
	return w
}

// pass runs the i-th input and leaves its stamps.
func (w *worker) pass(i int) error {
	w.stamps = append(w.stamps[:0], timing.Now())
	_, err := w.engine.Run(w.inputs[i%len(w.inputs)], w.stamp)
	return err
}

// durations are the times between stamps, less the cost of a stamp.
func (w *worker) durations(stampCost time.Duration) []time.Duration {
	d := make([]time.Duration, len(w.stamps)-1)
	for i := range d {
		d[i] = max(0, w.stamps[i+1]-w.stamps[i]-stampCost)
	}
	return d
}

// measurePoint runs all workers at once until each has its repetitions. A
// worker that is done keeps running unmeasured passes until the last one is,
// so that no measured pass runs with less company than asked for.
func measurePoint(ctx context.Context, c Config, m *models.Model, workers []*worker, batch int) ([][][]time.Duration, error) {
	for i, w := range workers {
		w.inputs = drawInputs(c, m, batch, i)
	}
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no collection inside a measurement

	reps, err := repetitions(ctx, c, workers[0])
	if err != nil {
		return nil, err
	}
	cost := stampCost()
	passes := make([][][]time.Duration, len(workers))
	errs := make([]error, len(workers))
	var busy atomic.Int64
	busy.Store(int64(len(workers)))
	var wg sync.WaitGroup
	for i, w := range workers {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			passes[i], errs[i] = w.collect(ctx, c.Warmup, reps, cost, &busy)
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
func (w *worker) collect(ctx context.Context, warmup, reps int, stampCost time.Duration, busy *atomic.Int64) ([][]time.Duration, error) {
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
			passes = append(passes, w.durations(stampCost))
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
	for i := range inputs {
		inputs[i] = m.NewBatch(batch, rng, models.Uniform{})
	}
	return inputs
}

// repetitions says how many passes fit the time of a point, going by one pass.
func repetitions(ctx context.Context, c Config, w *worker) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := w.pass(0); err != nil {
		return 0, err
	}
	took := w.stamps[len(w.stamps)-1] - w.stamps[0]
	n := int(c.MaxSeconds / max(took.Seconds(), 1e-9))
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
