package main

import (
	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// group is the number of rows that dots takes at once.
const group = 4

// dots multiplies x with rows of y.
func dots(v vec.ISA) {
	v.Func("dots", "func(dst []float32, ldd int, x, y []float32, ldy, rows int, bias, floor float32)", "is dotsGo.")
	dst, y := vec.Base("dst"), vec.Base("y")
	ldd, ldy := vec.Stride("ldd"), vec.Stride("ldy")
	rows := vec.Int("rows")
	dotRows(v, dst, spaced(ldd), y, ldy, rows, func() (reg.GPVirtual, reg.GPVirtual) { return vec.Slice("x") }, func(sums reg.Register) {
		limit := XMM()
		VBROADCASTSS(vec.Addr("bias"), limit)
		VADDPS(limit, sums, sums)
		VBROADCASTSS(vec.Addr("floor"), limit)
		VMAXPS(sums, limit, sums)
	})
	v.Return()
}

// dotLower multiplies each vector of x with those before it, and with itself if
// diagonal is 1.
func dotLower(v vec.ISA) {
	v.Func("dotLower", "func(dst, x []float32, f, dim, diagonal int)", "is dotLowerGo.")
	dst, row := vec.Base("dst"), vec.Base("x")
	size, count := vec.Stride("dim"), vec.Int("diagonal")
	Label("vector")
	TESTQ(count, count)
	JZ(LabelRef("next"))
	out, y, rows := GP64(), vec.Base("x"), GP64()
	MOVQ(dst, out)
	MOVQ(count, rows)
	dotRows(v, out, adjacent, y, size, rows, func() (reg.GPVirtual, reg.GPVirtual) {
		x := GP64()
		MOVQ(row, x)
		return x, vec.Int("dim")
	}, func(reg.Register) {})
	LEAQ(Mem{Base: dst, Index: count, Scale: 4}, dst)
	Label("next")
	INCQ(count)
	ADDQ(size, row)
	end := vec.Int("f")
	ADDQ(vec.Addr("diagonal"), end)
	CMPQ(count, end)
	JNE(LabelRef("vector"))
	v.Return()
}

// A stride addresses what is n rows after base.
type stride func(base reg.GPVirtual, n int) Mem

func spaced(by reg.GPVirtual) stride {
	return func(base reg.GPVirtual, n int) Mem { return Mem{Base: base, Index: by, Scale: uint8(n)} }
}

func adjacent(base reg.GPVirtual, n int) Mem { return Mem{Base: base, Disp: 4 * n} }

// dotRows computes the dot products of x, which it asks for anew each time, with
// rows of y, four at a time, and stores them after finish has seen them. Where
// fewer are left it does the last one several times over: results do not depend
// on how rows are grouped. It consumes dst, y and rows.
func dotRows(v vec.ISA, dst reg.GPVirtual, ldd stride, y, ldy, rows reg.GPVirtual, x func() (base, n reg.GPVirtual), finish func(sums reg.Register)) {
	Label("group")
	in := pointers(y, spaced(ldy), rows)
	a, n := x()
	sums := v.Zeros(group)
	v.Loop("", n, append(in, a), 1, func(s vec.Step) {
		r := s.Load(a)
		for i := range sums {
			VFMADD231PS(s.Load(in[i]), r, sums[i])
		}
	})
	r := fold(v, sums)
	finish(r)
	out := pointers(dst, ldd, rows)
	for i := group - 1; i > 0; i-- {
		VEXTRACTPS(Imm(uint64(i)), r, Mem{Base: out[i]})
	}
	VMOVSS(r, Mem{Base: out[0]})
	LEAQ(ldd(dst, group), dst)
	LEAQ(Mem{Base: y, Index: ldy, Scale: group}, y)
	SUBQ(Imm(group), rows)
	JG(LabelRef("group"))
}

// pointers returns the addresses of the next rows, of which those past the last
// are the last's.
func pointers(base reg.GPVirtual, ld stride, rows reg.GPVirtual) []reg.GPVirtual {
	p := make([]reg.GPVirtual, group)
	for i := range p {
		p[i] = GP64()
		if i == 0 {
			MOVQ(base, p[i])
			continue
		}
		LEAQ(ld(p[i-1], 1), p[i])
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
