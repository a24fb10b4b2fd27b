// Package kernel holds the float32 loops that every model spends its time in:
// fully connected layers, embedding sums, activations, softmax and the memory
// that tables live in. It knows slices, strides and nothing about models.
//
// Its stance: a matrix is packed once and multiplied many times; nothing
// allocates after that; bad indices are errors because they come from data,
// wrong slice lengths are panics because they come from code. Each loop has a
// twin in plain Go that does the same arithmetic, and runs in its place where
// the processor or the build (tag noasm) has nothing better. GODEBUG=
// cpu.avx512f=off, or cpu.avx2=off, makes a processor look older than it is.
//
// Start reading at FC (fc.go) and SparseLengthsSum (sls.go); loops.go says what
// an instruction set has to bring, and _gen writes the assembly.
package kernel

// Version names the arithmetic and the speed of this package. It enters cache
// keys, so that no measurement of older loops is taken for one of these; a test
// over the sources fails until it is raised together with them.
const Version = 6

// ISA returns the instruction set in use: "avx512", "avx2" or "portable".
func ISA() string { return active.isa }

// Activation is the function applied to the outputs of FC.
type Activation uint8

const (
	None    Activation = iota // identity
	Relu                      // max(0, x)
	Sigmoid                   // 1/(1+exp(-x))
)
