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

// keep returns what a point came to: what measure makes of it now, or what it
// made of it before the same run was stopped.
type keep func(key string, measure func() (rows, error)) (rows, error)

// measureModel measures all points of a model and makes rows of them.
// It builds the model at the first point that is not kept, and gives its memory
// back at the end.
func measureModel(ctx context.Context, c Config, m models.Config, toRows func(point) rows, keep keep, step func(what string)) (all rows, err error) {
	b := bench{config: c, model: m, pools: map[models.Fusion][]*worker{}}
	defer b.close()
	for _, batch := range c.BatchSizes {
		for _, fusion := range c.Fusion {
			for _, n := range c.Workers {
				what := fmt.Sprintf("%s: fusion %s, batch %d, %d workers", m.Name(), fusion, batch, n)
				step(what)
				r, err := keep(what, func() (rows, error) {
					p, err := b.measure(ctx, point{model: m, fusion: fusion, batch: batch, workers: n})
					if err != nil {
						return rows{}, err
					}
					return toRows(p), nil
				})
				if err != nil {
					return rows{}, err
				}
				all.join(r)
			}
		}
	}
	return all, nil
}

// bench holds a model that is measured, its engines, and the inputs of one batch
// size, which all its points share.
type bench struct {
	config Config
	model  models.Config
	built  *models.Model // nil before the first measurement
	pools  map[models.Fusion][]*worker
	batch  int               // of inputs
	inputs [][]*models.Batch // by worker
}

// measure fills in what a point lacks.
func (b *bench) measure(ctx context.Context, p point) (point, error) {
	p.variant = cmp.Or(b.config.Variant, b.model.Variant, "corrected")
	var err error
	if b.built == nil {
		o := models.Options{Variant: p.variant, TableScale: b.config.TableScale, Seed: b.config.Seed}
		if b.built, err = models.Build(ctx, b.model, o); err != nil {
			return p, err
		}
		b.built.Touch()
	}
	pool := b.pools[p.fusion]
	if pool == nil {
		pool = newPool(b.built, b.config, p.fusion)
		b.pools[p.fusion] = pool
	}
	p.ops = pool[0].engine.Ops()
	for i, inputs := range b.draw(p.batch, p.workers) {
		pool[i].inputs = inputs
	}
	if p.passes, err = measurePoint(ctx, b.config, pool[:p.workers]); err != nil {
		return p, fmt.Errorf("%s: %w", b.model.Name(), err)
	}
	return p, nil
}

// draw returns the inputs of so many workers.
func (b *bench) draw(batch, workers int) [][]*models.Batch {
	if b.batch != batch {
		b.batch, b.inputs = batch, nil
	}
	for i := len(b.inputs); i < workers; i++ {
		b.inputs = append(b.inputs, drawInputs(b.config, b.built, batch, i))
	}
	return b.inputs[:workers]
}

func (b *bench) close() {
	if b.built != nil {
		b.built.Close()
	}
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
func measurePoint(ctx context.Context, c Config, workers []*worker) ([][][]time.Duration, error) {
	cost := stampCost()
	for _, w := range workers {
		w.stampCost = cost
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

// drawInputs draws fresh inputs for every pass of a worker, or as many as fit
// the pool; then they are used in turn.
func drawInputs(c Config, m *models.Model, batch, worker int) []*models.Batch {
	rng := stream.New(c.Seed, fmt.Sprintf("profile/inputs/batch=%d/worker=%d", batch, worker))
	inputs := make([]*models.Batch, c.inputs(m.Graph(), batch))
	dist := c.Indices.New()
	for i := range inputs {
		inputs[i] = m.NewBatch(batch, rng, dist)
	}
	return inputs
}

// inputs is how many batches a worker draws ahead.
func (c Config) inputs(g *models.Graph, batch int) int {
	n := int(poolBytes / max(1, g.InputBytes(batch)))
	return min(max(n, 2), c.Warmup+c.Repetitions)
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
