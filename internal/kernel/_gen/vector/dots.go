package main

import (
	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// group is the number of rows that dots takes at once.
const group = 4

// dots computes the dot product of x with each of some rows, four rows at a
// time. Where fewer are left it does the last one several times over: results
// do not depend on how rows are grouped.
func dots(v vec.ISA) {
	v.Func("dots", "func(dst []float32, ldd int, x, y []float32, ldy, rows int, bias, floor float32)", "is dotsGo.")
	dst, y := vec.Base("dst"), vec.Base("y")
	ldd, ldy := vec.Stride("ldd"), vec.Stride("ldy")
	rows := vec.Int("rows")
	Label("group")
	in := pointers(y, ldy, rows)
	x, n := vec.Slice("x")
	sums := v.Zeros(group)
	v.Loop("", n, append(in, x), 1, func(s vec.Step) {
		a := s.Load(x)
		for i := range sums {
			VFMADD231PS(s.Load(in[i]), a, sums[i])
		}
	})
	r := fold(v, sums)
	limit := XMM()
	VBROADCASTSS(vec.Addr("bias"), limit)
	VADDPS(limit, r, r)
	VBROADCASTSS(vec.Addr("floor"), limit)
	VMAXPS(r, limit, r)
	out := pointers(dst, ldd, rows)
	for i := group - 1; i > 0; i-- {
		VEXTRACTPS(Imm(uint64(i)), r, Mem{Base: out[i]})
	}
	VMOVSS(r, Mem{Base: out[0]})
	LEAQ(Mem{Base: dst, Index: ldd, Scale: group}, dst)
	LEAQ(Mem{Base: y, Index: ldy, Scale: group}, y)
	SUBQ(Imm(group), rows)
	JG(LabelRef("group"))
	v.Return()
}

// pointers returns the addresses of the next rows, of which those past the last
// are the last's.
func pointers(base, stride, rows reg.GPVirtual) []reg.GPVirtual {
	p := make([]reg.GPVirtual, group)
	for i := range p {
		p[i] = GP64()
		if i == 0 {
			MOVQ(base, p[i])
			continue
		}
		LEAQ(Mem{Base: p[i-1], Index: stride, Scale: 1}, p[i])
		CMPQ(rows, Imm(uint64(i)))
		CMOVQLE(p[i-1], p[i])
	}
	return p
}

// fold adds up the lanes of four registers into the four lanes of one.
func fold(v vec.ISA, sums []reg.VecVirtual) reg.VecVirtual {
	y := make([]reg.VecVirtual, group)
	for i, s := range sums {
		y[i] = s
		if v == vec.AVX512 {
			y[i] = v.Half(s, add)
		}
	}
	VHADDPS(y[1], y[0], y[0])
	VHADDPS(y[3], y[2], y[2])
	VHADDPS(y[2], y[0], y[0])
	return vec.AVX2.Half(y[0], add)
}
