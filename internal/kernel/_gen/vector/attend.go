package main

import (
	"fmt"

	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// attention walks over units and, within, over items.
type attention struct {
	x, in, out, bias reg.GPVirtual // of this unit and item
	dst, p           reg.GPVirtual // of this item
}

// walk runs item, which leaves all pointers but x as they are, for every item of
// every unit; step(q) moves a pointer on by the bytes of a vector.
func walk(step func(q reg.GPVirtual), item func(a attention)) {
	a := attention{x: vec.Base("x"), in: vec.Base("in"), out: vec.Base("out"), bias: vec.Base("bias"), dst: GP64(), p: GP64()}
	first, units := vec.Base("p"), vec.Int("units")
	Label("unit")
	Load(Param("dst").Base(), a.dst)
	MOVQ(first, a.p)
	n := vec.Int("batch")
	Label("item")
	item(a)
	ldd, ldp := vec.Stride("ldd"), vec.Stride("ldp")
	step(a.x)
	ADDQ(ldd, a.dst)
	ADDQ(ldp, a.p)
	DECQ(n)
	JNZ(LabelRef("item"))
	ADDQ(Imm(4), first)
	for _, q := range []reg.GPVirtual{a.in, a.out, a.bias} {
		step(q)
	}
	DECQ(units)
	JNZ(LabelRef("unit"))
}

// gate returns max(0, p + the sum of x's lanes) in all lanes.
func gate(v vec.ISA, x reg.VecVirtual, p reg.GPVirtual, zero reg.VecVirtual) reg.VecVirtual {
	s, g := lowest(v, x, add).(reg.VecVirtual), v.Reg()
	VADDSS(Mem{Base: p}, s, s)
	VBROADCASTSS(s, g)
	VMAXPS(g, zero, g)
	return g
}

// attend32 is for vectors of 32 values.
func attend32(v vec.ISA) {
	const dim = 32
	v.Func(fmt.Sprintf("attend%d", dim), "func(dst []float32, ldd int, x, p []float32, ldp, batch, units int, in, out, bias []float32)",
		fmt.Sprintf("is attendGo for vectors of %d values.", dim))
	zero := v.Zeros(1)[0]
	walk(func(q reg.GPVirtual) { SUBQ(I8(-4*dim), q) }, func(a attention) {
		at := func(q reg.GPVirtual, i int) Mem { return Mem{Base: q, Disp: i * v.Bytes()} }
		sums, r := v.Regs(2), v.Reg()
		for i := range dim / v.Lanes {
			VMOVUPS(at(a.x, i), r)
			if i < 2 {
				VMULPS(at(a.in, i), r, sums[i])
			} else {
				VFMADD231PS(at(a.in, i), r, sums[i%2])
			}
		}
		VADDPS(sums[1], sums[0], sums[0])
		g := gate(v, sums[0], a.p, zero)
		for i := range dim / v.Lanes {
			r := v.Reg()
			VMOVUPS(at(a.bias, i), r)
			VFMADD231PS(at(a.out, i), g, r)
			VMAXPS(r, zero, r)
			VADDPS(at(a.dst, i), r, r)
			VMOVUPS(r, at(a.dst, i))
		}
	})
	v.Return()
}

// attend is for vectors of any size.
func attend(v vec.ISA) {
	v.Func("attend", "func(dst []float32, ldd int, x, p []float32, ldp, batch, units, dim int, in, out, bias []float32)", "is attendGo.")
	zero := v.Zeros(1)[0]
	walk(func(q reg.GPVirtual) { ADDQ(vec.Stride("dim"), q) }, func(a attention) {
		copies := func(of ...reg.GPVirtual) []reg.GPVirtual {
			to := make([]reg.GPVirtual, len(of))
			for i, q := range of {
				to[i] = GP64()
				MOVQ(q, to[i])
			}
			return to
		}
		sum := v.Zeros(1)[0]
		q := copies(a.x, a.in)
		v.Loop("dot", vec.Int("dim"), q, 1, func(s vec.Step) {
			VFMADD231PS(s.Load(q[0]), s.Load(q[1]), sum)
		})
		g := gate(v, sum, a.p, zero)
		q = copies(a.out, a.bias, a.dst)
		v.Loop("add", vec.Int("dim"), q, 1, func(s vec.Step) {
			r := s.Load(q[1])
			VFMADD231PS(s.Load(q[0]), g, r)
			VMAXPS(r, zero, r)
			VADDPS(s.Load(q[2]), r, r)
			s.Store(r, q[2])
		})
	})
	v.Return()
}
