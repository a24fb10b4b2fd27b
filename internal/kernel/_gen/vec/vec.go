// Package vec lets one generator write a loop for two vector instruction sets.
// It hides what differs between them: the width of a register, and how the last
// few values, fewer than a register holds, are loaded and stored.
package vec

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ISA is a vector instruction set.
type ISA struct {
	Name  string // ends the names of its functions
	Lanes int    // float32 values in a register
}

// The instruction sets, and both.
var (
	AVX512 = ISA{"AVX512", 16}
	AVX2   = ISA{"AVX2", 8}
	Both   = []ISA{AVX512, AVX2}
)

// Func starts a function of this instruction set.
func (v ISA) Func(name, signature, doc string) {
	TEXT(name+v.Name, NOSPLIT, signature)
	Pragma("noescape")
	if flushed {
		doc += " Denormals count as zero."
		LDMXCSR(control("flush", flushControl))
	}
	Doc(name + v.Name + " " + doc)
}

// Return ends it. Upper halves left behind would slow the SSE code around.
func (v ISA) Return() {
	if flushed {
		LDMXCSR(control("default", defaultControl))
	}
	VZEROUPPER()
	RET()
}

// The control word that Go runs with, and the same with denormals taken as zero
// and flushed to zero.
const (
	defaultControl = 0x1f80
	flushControl   = defaultControl | 1<<15 | 1<<6
)

var flushed bool

// Flushed generates functions that take denormals as zero: a multiplication with
// one takes a hundred times as long as another. Switching takes the time of some
// twenty additions, as it waits for what is under way.
func Flushed(generate func()) {
	flushed = true
	generate()
	flushed = false
}

func control(name string, word uint32) Mem {
	return table(name+"Control", func() { DATA(0, U32(word)) })
}

// Bytes is the size of a register.
func (v ISA) Bytes() int { return 4 * v.Lanes }

// Reg returns a fresh register.
func (v ISA) Reg() reg.VecVirtual {
	if v == AVX512 {
		return ZMM()
	}
	return YMM()
}

// Regs returns n fresh registers.
func (v ISA) Regs(n int) []reg.VecVirtual {
	r := make([]reg.VecVirtual, n)
	for i := range r {
		r[i] = v.Reg()
	}
	return r
}

// Zeros returns n fresh registers of zeros.
func (v ISA) Zeros(n int) []reg.VecVirtual {
	regs := v.Regs(n)
	for _, r := range regs {
		v.Xor(r, r, r)
	}
	return regs
}

// Xor sets dst = a ^ b.
func (v ISA) Xor(a, b Op, dst reg.VecVirtual) {
	if v == AVX512 {
		VPXORD(a, b, dst)
	} else {
		VPXOR(a, b, dst)
	}
}

// Or sets dst = a | b.
func (v ISA) Or(a, b Op, dst reg.VecVirtual) {
	if v == AVX512 {
		VPORD(a, b, dst)
	} else {
		VPOR(a, b, dst)
	}
}

// ZeroIfLess clears the lanes of r where x < limit; a NaN is not less.
func (v ISA) ZeroIfLess(x, limit Op, r reg.VecVirtual) {
	const notLess = 5 // NLT_US
	if v == AVX512 {
		k := K()
		VCMPPS(Imm(notLess), limit, x, k)
		VMOVAPS_Z(r, k, r)
		return
	}
	keep := YMM()
	VCMPPS(Imm(notLess), limit, x, keep)
	VANDPS(keep, r, r)
}

// Half returns the lower half of r after folding the upper onto it with op,
// which takes two sources and a destination.
func (v ISA) Half(r reg.VecVirtual, op func(a, b, dst Op)) reg.VecVirtual {
	lower, upper := r.AsX(), reg.VecVirtual(XMM())
	if v == AVX512 {
		lower, upper = r.AsY(), YMM()
		VEXTRACTF64X4(Imm(1), r, upper)
	} else {
		VEXTRACTF128(Imm(1), r, upper)
	}
	op(upper, lower, lower)
	return lower.(reg.VecVirtual)
}

// Mask selects the first values of a register: a mask register, or a vector of
// ones and zeros.
type Mask struct{ op reg.Register }

// Masks returns the masks of the first n values of a run of registers, n a
// register between 0 and all their lanes.
func (v ISA) Masks(n reg.Register, registers int) []Mask {
	masks := make([]Mask, registers)
	if v == AVX512 {
		bits := GP64()
		MOVQ(I32(-1), bits)
		BZHIQ(n, bits, bits)
		for i := range masks {
			k := K()
			KMOVW(bits.As32(), k)
			masks[i] = Mask{k}
			if i+1 < registers {
				SHRQ(Imm(16), bits)
			}
		}
		return masks
	}
	at, minus := GP64(), GP64()
	LEAQ(steps(), at)
	MOVQ(n, minus)
	NEGQ(minus)
	for i := range masks {
		y := YMM()
		VMOVDQU(Mem{Base: at, Index: minus, Scale: 4, Disp: stepOnes*4 + i*32}, y)
		masks[i] = Mask{y}
	}
	return masks
}

// Tail returns the mask of the first n values, n a register between 0 and
// Lanes.
func (v ISA) Tail(n reg.Register) Mask { return v.Masks(n, 1)[0] }

// Load loads the masked values at m, and zeros for the others.
func (v ISA) Load(m Mem, mask Mask, r reg.VecVirtual) {
	if v == AVX512 {
		VMOVUPS_Z(m, mask.op, r)
	} else {
		VMASKMOVPS(m, mask.op, r)
	}
}

// Store stores the masked values at m.
func (v ISA) Store(r reg.VecVirtual, mask Mask, m Mem) {
	if v == AVX512 {
		VMOVUPS(r, mask.op, m)
	} else {
		VMASKMOVPS(r, mask.op, m)
	}
}

// stepOnes is the number of ones, then of zeros, in the table that AVX2 masks
// are cut from: enough for four registers.
const stepOnes = 32

func steps() Mem {
	return table("steps", func() {
		for i := range 2 * stepOnes {
			ones := U32(math.MaxUint32)
			if i >= stepOnes {
				ones = 0
			}
			DATA(4*i, ones)
		}
	})
}

// Const returns a register's worth of f, as an operand for the loop that
// follows.
func (v ISA) Const(f float32) Op { return v.Bits(math.Float32bits(f)) }

// Bits is Const of a 32-bit pattern. AVX-512 has registers to spare and keeps
// it in one, as 64 bytes of memory often straddle cache lines: the linker aligns
// to 32. AVX2 reads it where it is used.
func (v ISA) Bits(b uint32) Op {
	m := table(fmt.Sprintf("all%08x", b), func() {
		for i := range AVX2.Lanes {
			DATA(4*i, U32(b))
		}
	})
	if v == AVX2 {
		return m
	}
	r := v.Reg()
	VBROADCASTSS(m, r)
	return r
}

// InReg returns the operand x in a register, for instructions that want it so.
func (v ISA) InReg(x Op) Op {
	if IsM256(x) {
		r := v.Reg()
		VMOVUPS(x, r)
		return r
	}
	return x
}

// Iota returns 0, 1, 2, ... in memory.
func Iota() Mem {
	return table("iota", func() {
		for i := range AVX512.Lanes {
			DATA(4*i, U32(i))
		}
	})
}

var tables = map[string]Mem{}

func table(name string, fill func()) Mem {
	m, ok := tables[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		fill()
		tables[name] = m
	}
	return m
}
