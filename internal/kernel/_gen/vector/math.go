package main

import (
	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The constants of math_portable.go, which says where they come from.
var expCoefficients = []float32{0.00139261817, 0.008363178, 0.0416665561, 0.166665763, 0.5}

const (
	log2e   = 1.44269504
	ln2High = 0.693359375
	ln2Low  = -2.12194440e-4
	round   = 3<<22 + 127
	ln2Half = 0.34657359
	expMin  = -87
	tanhMax = 9.01
)

// exponential returns the function expParts of math_portable.go: it gives scale
// and e with exp(x) = scale * (1 + e), and consumes x.
func exponential(v vec.ISA) func(x reg.VecVirtual) (scale, e reg.VecVirtual) {
	cRound, cLog2e := v.Const(round), v.Const(log2e)
	high, low := v.Const(ln2High), v.Const(ln2Low)
	var c []Op
	for _, f := range expCoefficients {
		c = append(c, v.Const(f))
	}
	return func(x reg.VecVirtual) (scale, e reg.VecVirtual) {
		n, bits, p := v.Reg(), v.Reg(), v.Reg()
		VMOVUPS(cRound, bits)
		VFMADD231PS(cLog2e, x, bits)
		VSUBPS(cRound, bits, n)
		VFNMADD231PS(high, n, x)
		VFNMADD231PS(low, n, x)
		VMOVUPS(c[0], p)
		for _, c := range c[1:] {
			VFMADD213PS(c, x, p)
		}
		VMULPS(x, p, p)
		VFMADD213PS(x, x, p)
		VPSLLD(Imm(23), bits, bits)
		return bits, p
	}
}

// atLeast sets x = max(x, limit), and lets NaN through: the maximum is the
// second operand, x, if either is NaN.
func atLeast(v vec.ISA, x reg.VecVirtual, limit Op) { VMAXPS(x, v.InReg(limit), x) }

// atMost sets x = min(x, limit) in the same way.
func atMost(v vec.ISA, x reg.VecVirtual, limit Op) { VMINPS(x, v.InReg(limit), x) }

func relu(v vec.ISA) func(x reg.VecVirtual) reg.VecVirtual {
	zero := v.Zeros(1)[0]
	return func(x reg.VecVirtual) reg.VecVirtual {
		atLeast(v, x, zero)
		return x
	}
}

// tanh is t/(t+2) for t = exp(2x)-1, as in math_portable.go.
func tanh(v vec.ISA) func(x reg.VecVirtual) reg.VecVirtual {
	divide := quotient(v)
	lo, hi, one, two := v.Const(-tanhMax), v.Const(tanhMax), v.Const(1), v.Const(2)
	cRound, cLog2e, half := v.Const(round), v.Const(2*log2e), v.Const(ln2Half)
	var c []Op
	for i, f := range expCoefficients {
		c = append(c, v.Const(f*float32(int(64)>>i)))
	}
	return func(x reg.VecVirtual) reg.VecVirtual {
		atLeast(v, x, lo)
		atMost(v, x, hi)
		n, scale, p := v.Reg(), v.Reg(), v.Reg()
		VMOVUPS(cRound, scale)
		VFMADD231PS(cLog2e, x, scale)
		VSUBPS(cRound, scale, n)
		VFNMADD231PS(half, n, x)
		VMOVUPS(c[0], p)
		for _, c := range append(c[1:], two) {
			VFMADD213PS(c, x, p)
		}
		VMULPS(x, p, p)
		VPSLLD(Imm(23), scale, scale)
		t, d := v.Reg(), v.Reg()
		VSUBPS(one, scale, t)
		VFMADD213PS(t, scale, p)
		VADDPS(two, p, d)
		divide(p, d)
		atMost(v, p, one) // what rounding puts above
		return p
	}
}

// sigmoid is 1/(1+exp(-x)), or 0 where that is next to denormal.
func sigmoid(v vec.ISA) func(x reg.VecVirtual) reg.VecVirtual {
	exp, divide := exponential(v), quotient(v)
	lo, hi, one, zero := v.Const(expMin), v.Const(-expMin), v.Const(1), v.Zeros(1)[0]
	return func(x reg.VecVirtual) reg.VecVirtual {
		y, r := v.Reg(), v.Reg()
		VSUBPS(x, zero, y)
		atLeast(v, y, lo)
		atMost(v, y, hi)
		scale, e := exp(y)
		VFMADD213PS(scale, scale, e)
		VADDPS(one, e, e)
		VMOVUPS(one, r)
		divide(r, e)
		v.ZeroIfLess(x, lo, r)
		return r
	}
}

// quotient returns a function that sets n = n/d, to within two roundings. With
// AVX-512 it multiplies by the reciprocal, from an estimate of 14 bits and one
// Newton step: a quarter of the time of a division.
func quotient(v vec.ISA) func(n, d reg.VecVirtual) {
	if v == vec.AVX2 {
		return func(n, d reg.VecVirtual) { VDIVPS(d, n, n) }
	}
	one := v.Const(1)
	return func(n, d reg.VecVirtual) {
		r := v.Reg()
		VRCP14PS(d, r)
		VFNMADD213PS(one, r, d)
		VFMADD231PS(d, r, r)
		VMULPS(r, n, n)
	}
}

// softmax computes rows of exp(x-max)/sum.
func softmax(v vec.ISA) {
	v.Func("softmax", "func(dst []float32, ldd int, src []float32, lds, rows, cols int)", "is softmaxGo.")
	dst, src := vec.Base("dst"), vec.Base("src")
	ldd, lds := vec.Stride("ldd"), vec.Stride("lds")
	rows := vec.Int("rows")
	exp, limit, one := exponential(v), v.Const(expMin), v.Const(1)
	n, in, out := GP64(), GP64(), GP64()
	begin := func(withDst bool) []reg.GPVirtual {
		Load(Param("cols"), n)
		MOVQ(src, in)
		if !withDst {
			return []reg.GPVirtual{in}
		}
		MOVQ(dst, out)
		return []reg.GPVirtual{in, out}
	}
	Label("row")

	top, x := v.Reg(), v.Reg()
	VBROADCASTSS(Mem{Base: src}, top)
	v.Loop("top", n, begin(false), 1, func(s vec.Step) {
		VMOVAPS(top, x)
		s.Pick(s.Load(in), x)
		VMAXPS(x, top, top)
	})
	broadcast(v, top, func(a, b, dst Op) { VMAXPS(a, b, dst) })

	total := v.Zeros(1)[0]
	v.Loop("exp", n, begin(true), 1, func(s vec.Step) {
		x := s.Load(in)
		y := v.Reg()
		VSUBPS(top, x, x)
		VMOVAPS(x, y)
		atLeast(v, y, limit)
		scale, e := exp(y)
		VFMADD213PS(scale, scale, e)
		v.ZeroIfLess(x, limit, e)
		s.Store(e, out)
		picked := v.Zeros(1)[0]
		s.Pick(e, picked)
		VADDPS(picked, total, total)
	})
	broadcast(v, total, add)

	VDIVPS(total, v.InReg(one), total)
	MOVQ(dst, out)
	Load(Param("cols"), n)
	v.Loop("scale", n, []reg.GPVirtual{out}, 1, func(s vec.Step) {
		x := s.Load(out)
		VMULPS(total, x, x)
		s.Store(x, out)
	})

	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	v.Return()
}

// broadcast folds all lanes of r with op and spreads the result over them.
func broadcast(v vec.ISA, r reg.VecVirtual, op func(a, b, dst Op)) {
	t := v.Reg()
	if v == vec.AVX512 {
		VSHUFF64X2(Imm(0b01_00_11_10), r, r, t) // halves
		op(t, r, r)
		VSHUFF64X2(Imm(0b10_11_00_01), r, r, t) // quarters
		op(t, r, r)
	} else {
		VPERM2F128(Imm(1), r, r, t)
		op(t, r, r)
	}
	VPERMILPS(Imm(0b01_00_11_10), r, t)
	op(t, r, r)
	VPERMILPS(Imm(0b10_11_00_01), r, t)
	op(t, r, r)
}
