// Package models holds the eight recommendation models as operator graphs.
package models

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"runexp/internal/npz"
	"runexp/models/op"
)

// Version is bumped whenever code of models or models/op changes: it enters
// the cache keys of measured stages.
const Version = 1

var errSoon = errors.New("models: under construction")

// Names returns the eight models in the order of the paper.
func Names() []string { return []string{"rm1", "rm2", "rm3", "ncf", "wnd", "mtwnd", "din", "dien"} }

// Config is one model file.
type Config struct{}

// Load reads a model file; warnings name unknown keys.
func Load(path string) (Config, []string, error) { return Config{}, nil, errSoon }

// ByName returns one of the eight embedded models.
func ByName(name string) (Config, error) { return Config{}, errSoon }

// Resolve takes a name of an embedded model or the path of a model file.
func Resolve(nameOrPath string) (Config, []string, error) { return Config{}, nil, errSoon }

// Name is the label of the model.
func (c Config) Name() string { return "" }

// Target is the medium p95 target of the paper; 0 if the label is not one of the eight.
func (c Config) Target() time.Duration { return 0 }

// Options say how a model is built.
type Options struct {
	Variant    string  // corrected or release; empty means the model file's
	TableScale float64 // rows of every table are multiplied by it; 0 means 1
	Seed       uint64  // of the initial weights
}

// Graph is a model without weights.
type Graph struct {
	Ops []op.Operator // in execution order
}

// Describe returns the graph of a model.
func Describe(cfg Config, o Options) (*Graph, error) { return nil, errSoon }

// Params is the number of weights, tables included.
func (g *Graph) Params() int64 { return 0 }

// TableBytes is the size of the embedding tables.
func (g *Graph) TableBytes() int64 { return 0 }

// MemoryBytes is what a built model and one engine take.
func (g *Graph) MemoryBytes(maxBatch int) int64 { return 0 }

// InputBytes and OutputBytes are what crosses to an accelerator and back.
func (g *Graph) InputBytes(batch int) int64  { return 0 }
func (g *Graph) OutputBytes(batch int) int64 { return 0 }

// Cost is the sum over all operators.
func (g *Graph) Cost(batch int) op.Cost { return op.Cost{} }

// Model is a built model.
type Model struct{ graph *Graph }

// Build makes weights and tables.
func Build(ctx context.Context, cfg Config, o Options) (*Model, error) { return nil, errSoon }

// Graph is the model's graph.
func (m *Model) Graph() *Graph { return m.graph }

// Close gives the memory back.
func (m *Model) Close() error { return nil }

// NewEngine returns a worker's inference engine.
func (m *Model) NewEngine(maxBatch int) *Engine { return nil }

// Engine runs a model on one goroutine.
type Engine struct{}

// Output is one result tensor, row-major.
type Output struct {
	Name string
	Cols int
	Data []float32
}

// Run runs one forward pass.
func (e *Engine) Run(b *Batch, after func(opIndex int)) ([]Output, error) { return nil, errSoon }

// IndexDist draws the rows of one lookup.
type IndexDist interface {
	Name() string
	Draw(rng *rand.Rand, table, rows int, dst []int32)
}

// Uniform draws rows uniformly, without repetition inside one lookup.
type Uniform struct{}

func (Uniform) Name() string                                      { return "uniform" }
func (Uniform) Draw(rng *rand.Rand, table, rows int, dst []int32) {}

// Batch holds the inputs of one forward pass.
type Batch struct{ Size int }

// NewBatch draws fresh inputs.
func (m *Model) NewBatch(size int, rng *rand.Rand, dist IndexDist) *Batch { return nil }

// FromTensors builds a model and its inputs from given arrays.
func FromTensors(cfg Config, variant string, arrays map[string]npz.Array) (*Model, *Batch, error) {
	return nil, nil, errSoon
}

// RelativeError is max|got-want| / max|want|.
func RelativeError(got, want []float32) float64 { return 0 }
