package live

import (
	"runtime"

	"runexp/internal/stream"
	"runexp/models"
)

// inputBytes bounds the items that are drawn ahead. They are used in turn, so
// embedding rows come from memory and not from the request before; the profile
// does the same.
const inputBytes = 256 << 20

// Pool is a model with its engines and inputs, ready for any number of probes,
// one at a time.
type Pool struct {
	engines  []*engine
	maxBatch int
}

// NewPool makes so many single-threaded engines that share the model's tables.
func NewPool(m *models.Model, engines, maxBatch int, seed uint64) *Pool {
	items := int(inputBytes / max(1, m.Graph().InputBytes(1)))
	items = max(min(items, 1<<17), 2*maxBatch)
	all := m.NewBatch(items, stream.New(seed, "live/inputs"), models.Uniform{})
	p := &Pool{maxBatch: maxBatch}
	for i := range engines {
		p.engines = append(p.engines, &engine{
			run: m.NewEngine(maxBatch), all: newItems(all), next: i * items / engines,
			view: models.Batch{Indices: make([][]int32, len(all.Indices)), Lengths: make([][]int32, len(all.Lengths))},
		})
	}
	return p
}

// items are inputs of which any run of neighbours is a batch.
type items struct {
	*models.Batch
	dense   int       // dense values per item
	offsets [][]int32 // per table: where the indices of each item start
}

func newItems(b *models.Batch) *items {
	all := &items{Batch: b, dense: len(b.Dense) / b.Size}
	for _, lengths := range b.Lengths {
		offsets, at := make([]int32, b.Size+1), int32(0)
		for i, n := range lengths {
			offsets[i] = at
			at += n
		}
		offsets[b.Size] = at
		all.offsets = append(all.offsets, offsets)
	}
	return all
}

// cut points a batch at n items from one on.
func (a *items) cut(view *models.Batch, from, n int) {
	view.Size = n
	view.Dense = a.Dense[from*a.dense : (from+n)*a.dense]
	for t, offsets := range a.offsets {
		view.Indices[t] = a.Indices[t][offsets[from]:offsets[from+n]]
		view.Lengths[t] = a.Lengths[t][from : from+n]
	}
}

// warm runs every engine a few times, so that its scratch memory and the code
// are there when the clock starts.
func (p *Pool) warm() error {
	for _, e := range p.engines {
		for range 3 {
			if err := e.pass(p.maxBatch); err != nil {
				return err
			}
		}
	}
	runtime.GC() // none comes while the clock runs
	return nil
}
