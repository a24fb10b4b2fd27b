package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"runexp/internal/stream"
	"runexp/internal/timing"
	"runexp/models"
)

// turns is how often the engines change places at one point.
const turns = 10

// turnTime is how long the slower engine's turn lasts about, where passes are
// short enough: long enough that what another process left in the caches does
// not count.
const turnTime = 20 * time.Millisecond

// maxPasses bounds a turn's passes.
const maxPasses = 500

// settling is how long passes run before the first that counts. For about a
// second after gigabytes of memory were taken or given back, passes of any engine
// take up to 40 times as long: on a virtual machine that tells its host which
// pages are free, the host then changes its mappings.
const settling = 3 * time.Second

// inputs is the stream that batches are drawn from.
func inputs() *rand.Rand { return stream.New(seed, "inputs") }

// pair is runexp and a peer with the same parameters.
type pair struct {
	model *models.Model
	ours  *models.Engine
	peer  *child
	rng   *rand.Rand
}

// beside measures one model on runexp and on a peer, in turns.
func beside(ctx context.Context, stderr io.Writer, o options, cfg models.Config, e engine) (points []Point, err error) {
	peer, err := start(ctx, stderr, o.scripts, e, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = peer.close(err) }()
	p, err := draw(peer.spec, cfg.Dim)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.free()) }()
	if err := p.send(peer); err != nil {
		return nil, err
	}
	var memory struct{ RSS, Huge int64 }
	if err := peer.hear(&memory); err != nil {
		return nil, err
	}
	m, err := p.model(cfg, peer.spec)
	if err != nil {
		return nil, err
	}
	w := &pair{m, m.NewEngine(slices.Max(o.batches)), peer, inputs()}
	for start := timing.Now(); timing.Now()-start < settling; {
		if _, err := w.turn(1, maxPasses/10); err != nil {
			return nil, err
		}
	}
	for _, batch := range o.batches {
		q, err := w.point(batch, o.reps)
		if err != nil {
			return nil, fmt.Errorf("batch %d: %w", batch, err)
		}
		q.Engine, q.Version, q.Pages, q.Model = peer.spec.Engine, peer.spec.Version, e.pages(), cfg.Name()
		q.HugeShare = float64(memory.Huge) / float64(memory.RSS)
		fmt.Fprintf(stderr, "%-5s %4d  %s, %s: %s; runexp: %s; ratio %.2f\n", q.Model, batch, q.Engine, q.Pages,
			time.Duration(q.MedianNS), time.Duration(q.OursMedianNS), q.RatioMedian)
		points = append(points, q)
	}
	return points, nil
}

// point measures one batch size.
func (w *pair) point(batch, reps int) (Point, error) {
	var s series
	first, err := w.turn(batch, 2)
	if err != nil {
		return Point{}, err
	}
	slower := time.Duration(max(first.ours[1], first.peer[1], 1))
	passes := min(max(int(turnTime/slower), (reps+turns-1)/turns), maxPasses)
	for range turns {
		t, err := w.turn(batch, 1+passes)
		if err != nil {
			return Point{}, err
		}
		s.add(t)
	}
	q := s.point()
	q.BatchSize = int32(batch)
	return q, s.agree()
}

// turn is what one turn of each engine measured: the times of its passes.
type turn struct {
	ours, peer []int64
	got, want  []float32 // the outputs, ours and the peer's
}

// turn runs both engines on the same fresh batches.
func (w *pair) turn(batch, passes int) (turn, error) {
	batches := make([]*models.Batch, passes)
	for i := range batches {
		batches[i] = w.model.NewBatch(batch, w.rng, models.Uniform{})
	}
	ours, got, err := w.run(batches)
	if err != nil {
		return turn{}, err
	}
	peer, want, err := w.peer.turn(batches)
	if err != nil {
		return turn{}, err
	}
	if len(ours) != len(peer) {
		return turn{}, fmt.Errorf("%d passes timed, not %d", len(peer), len(ours))
	}
	return turn{ours, peer, got, want}, nil
}

// run times runexp's passes, with the collector at rest.
func (w *pair) run(batches []*models.Batch) ([]int64, []float32, error) {
	ns := make([]int64, len(batches))
	var all []float32
	runtime.GC()
	for i, b := range batches {
		start := timing.Now()
		outputs, err := w.ours.Run(b, nil)
		ns[i] = int64(timing.Now() - start)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range outputs {
			all = append(all, o.Data...)
		}
	}
	return ns, all, nil
}
