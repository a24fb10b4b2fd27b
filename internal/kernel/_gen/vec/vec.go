// Package vec lets one generator write a loop for two vector instruction sets.
// It hides what differs between them: the width of a register, and how the last
// few values, fewer than a register holds, are loaded and stored.
package vec

import (
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

var (
	AVX512 = ISA{"AVX512", 16}
	AVX2   = ISA{"AVX2", 8}
)

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

// Zero clears a register.
func (v ISA) Zero(r reg.VecVirtual) {
	if v == AVX512 {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

// Mask selects the first values of a register: a mask register, or a vector of
// ones and zeros.
type Mask struct{ Op reg.Register }

// Tail returns the mask of the first n values, n a register between 0 and
// Lanes.
func (v ISA) Tail(n reg.GPVirtual) Mask { return v.Masks(n, 1)[0] }

// Masks returns the masks of the first n values of a run of registers, n a
// register between 0 and all their lanes.
func (v ISA) Masks(n reg.GPVirtual, registers int) []Mask {
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

// Load loads the masked values at m, and zeros for the others.
func (v ISA) Load(m Mem, mask Mask, r reg.VecVirtual) {
	if v == AVX512 {
		VMOVUPS_Z(m, mask.Op, r)
	} else {
		VMASKMOVPS(m, mask.Op, r)
	}
}

// Store stores the masked values at m.
func (v ISA) Store(r reg.VecVirtual, mask Mask, m Mem) {
	if v == AVX512 {
		VMOVUPS(r, mask.Op, m)
	} else {
		VMASKMOVPS(r, mask.Op, m)
	}
}

// stepOnes is the number of ones, then of zeros, in the table that AVX2 masks
// are cut from: enough for two registers.
const stepOnes = 16

var stepTable *Mem

func steps() Mem {
	if stepTable == nil {
		m := GLOBL("steps", 8|16) // RODATA|NOPTR
		for i := range stepOnes {
			DATA(4*i, U32(math.MaxUint32))
		}
		for i := range stepOnes {
			DATA(4*(stepOnes+i), U32(0))
		}
		stepTable = &m
	}
	return *stepTable
}
