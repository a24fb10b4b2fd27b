// Package op holds the operators that the recommendation models are made of:
// what each costs and how it runs.
//
// The stance: an operator is a struct of shapes. Cost needs nothing else, so a
// model of many gigabytes can be costed without building it; Run needs the
// weights too, and the operands of one call. Operators do no arithmetic of
// their own: every loop over float32 is in internal/kernel.
//
// Start with Operator, Cost and Args in this file; then Linear and FC, the
// simplest operator with weights. Operators that stand for several others, run
// as one, are in fused.go.
package op

import "runexp/internal/kernel"

// Kind says what an operator does, in the words of the framework on which the
// published operator breakdowns were measured.
type Kind string

// The kinds in use.
const (
	KindFC               Kind = "FC"
	KindSparseLengthsSum Kind = "SparseLengthsSum"
	KindConcat           Kind = "Concat"
	KindSum              Kind = "Sum"
	KindMul              Kind = "Mul"
	KindRelu             Kind = "Relu"
	KindSigmoid          Kind = "Sigmoid"
	KindSoftmax          Kind = "Softmax"
	KindRecurrentNetwork Kind = "RecurrentNetwork"
	KindBatchMatMul      Kind = "BatchMatMul"
	KindBatchGather      Kind = "BatchGather"
)

// Operator is one node of a model's graph. An operator is read-only while it
// runs, so that any number of workers may share it.
type Operator interface {
	Kind() Kind
	// Name is the name of the operator's output, unique in its graph.
	Name() string
	// Cost follows from the shapes alone, for batch items.
	Cost(batch int) Cost
	// Run computes a.Out. It allocates nothing, and fails only on indices or
	// lengths that do not fit the table. Running without weights panics.
	Run(a *Args) error
}

// Args are the operands of one call. What a tensor's rows and columns mean is
// said by each operator. Slices may be longer than the batch needs.
type Args struct {
	Batch   int      // items
	In      []Tensor // one per input
	Out     Tensor
	Scratch []float32       // AttentionUnits: one value per item and unit
	Lookups []kernel.Lookup // one per table that the operator looks up
	Lengths []int32         // RecurrentNetwork: steps of each item, or nil for all
}

// float is the size of a value, index of an index or a length, in bytes.
const float, index = 4, 4

// Cost is what one call of an operator asks of a machine. A multiply-add counts
// as two operations, an elementary function (exp, tanh) as one; a bias starts
// its accumulator and adds none.
type Cost struct {
	FLOPs       int64 // floating-point operations
	Bytes       int64 // all traffic: weights once, activations in and out, gathered rows, indices
	WeightBytes int64 // the part of Bytes that is weights, the same for every batch
	Rows        int64 // rows gathered at random places of a table
	RowBytes    int64 // bytes of one such row
	TableBytes  int64 // bytes of the table gathered from: says which level of memory serves the rows
	Launches    int   // kernels that the old framework launches on an accelerator
}

// Plus returns the cost of running both. RowBytes is the larger one (the tables
// of a model have rows of one size).
func (c Cost) Plus(d Cost) Cost {
	return Cost{
		FLOPs:       c.FLOPs + d.FLOPs,
		Bytes:       c.Bytes + d.Bytes,
		WeightBytes: c.WeightBytes + d.WeightBytes,
		Rows:        c.Rows + d.Rows,
		RowBytes:    max(c.RowBytes, d.RowBytes),
		TableBytes:  c.TableBytes + d.TableBytes,
		Launches:    c.Launches + d.Launches,
	}
}
