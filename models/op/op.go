// Package op holds the operators that the recommendation models are made of:
// what each costs and how it runs.
//
// The stance: an operator is a struct of shapes. Cost needs nothing else, so a
// model of many gigabytes can be costed without building it; Run needs the
// weights too, and the operands of one call. Operators do no work of their own
// on floats: every loop over float32 is in internal/kernel.
//
// Start with Operator, Cost and Args in this file; then FC, the simplest.
package op

// Kind names what an operator does, with the names of the framework that the
// published operator breakdowns were measured on.
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

// Cost is what one call of an operator asks of a machine. A multiply-add counts
// as two operations, an elementary function (exp, tanh) as one.
type Cost struct {
	FLOPs       int64 // floating-point operations
	Bytes       int64 // all traffic: weights once, activations in and out, gathered rows, indices
	WeightBytes int64 // the part of Bytes that is weights, the same for every batch
	Rows        int64 // rows gathered at random places of a table
	RowBytes    int64 // bytes of one such row
	TableBytes  int64 // bytes of the table gathered from: says which level of memory serves the rows
	Launches    int   // kernels that a framework launches for the call
}

// Operator is one node of a model's graph.
type Operator interface {
	Kind() Kind
	// Name is the name of the operator's output, unique in its graph.
	Name() string
	// Cost follows from the shapes alone, for batch items.
	Cost(batch int) Cost
}
