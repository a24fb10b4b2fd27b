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
	round   = 3 << 22
	expMin  = -87
	tanhMax = 9.01
)

// exponential returns scale and e with exp(x) = scale * (1 + e), and consumes
// x. It is expParts of math_portable.go.
func exponential(v vec.ISA, x reg.VecVirtual) (scale, e reg.VecVirtual) {
	n, bits, p := v.Reg(), v.Reg(), v.Reg()
	VMOVUPS(vec.Const(round), bits)
	VMOVAPS(bits, n)
	VFMADD231PS(vec.Const(log2e), x, bits)
	VSUBPS(n, bits, n)
	VFNMADD231PS(vec.Const(ln2High), n, x)
	VFNMADD231PS(vec.Const(ln2Low), n, x)
	VMOVUPS(vec.Const(expCoefficients[0]), p)
	for _, c := range expCoefficients[1:] {
		VFMADD213PS(vec.Const(c), x, p)
	}
	VMULPS(x, p, p)
	VFMADD213PS(x, x, p)
	VPADDD(vec.Bits(127), bits, bits)
	VPSLLD(Imm(23), bits, bits)
	return bits, p
}

// clamp limits x from below and above, and lets NaN through: minimum and maximum
// return their second operand, x, if either is NaN.
func clamp(v vec.ISA, x reg.VecVirtual, lo, hi float32) {
	limit := v.Reg()
	VMOVUPS(vec.Const(lo), limit)
	VMAXPS(x, limit, x)
	VMOVUPS(vec.Const(hi), limit)
	VMINPS(x, limit, x)
}

// tanh returns t/(t+2) for t = exp(2x)-1, and consumes x.
func tanh(v vec.ISA, x reg.VecVirtual) reg.VecVirtual {
	clamp(v, x, -tanhMax, tanhMax)
	VADDPS(x, x, x)
	scale, e := exponential(v, x)
	t, d := v.Reg(), v.Reg()
	VSUBPS(vec.Const(1), scale, t)
	VFMADD213PS(t, scale, e)
	VADDPS(vec.Const(2), e, d)
	if v == vec.AVX2 {
		VDIVPS(d, e, e)
		return e
	}
	VMULPS(reciprocal(d), e, e)
	one := v.Reg()
	VMOVUPS(vec.Const(1), one)
	VMINPS(e, one, e)
	return e
}

// sigmoid returns 1/(1+exp(-x)).
func sigmoid(v vec.ISA, x reg.VecVirtual) reg.VecVirtual {
	y := v.Zeros(1)[0]
	VSUBPS(x, y, y)
	clamp(v, y, expMin, -expMin)
	scale, e := exponential(v, y)
	VFMADD213PS(scale, scale, e)
	VADDPS(vec.Const(1), e, e)
	r := v.Reg()
	if v == vec.AVX2 {
		VMOVUPS(vec.Const(1), r)
		VDIVPS(e, r, r)
	} else {
		r = reciprocal(e)
	}
	limit := v.Reg()
	VMOVUPS(vec.Const(expMin), limit)
	v.ZeroIfLess(x, limit, r)
	return r
}

// reciprocal returns 1/d to within a rounding, by one Newton step from an
// estimate of 14 bits: a quarter of the time of a division.
func reciprocal(d reg.VecVirtual) reg.VecVirtual {
	r, e := ZMM(), ZMM()
	VRCP14PS(d, r)
	VMOVAPS(d, e)
	VFNMADD213PS(vec.Const(1), r, e)
	VFMADD231PS(e, r, r)
	return r
}

// softmax computes rows of exp(x-max)/sum.
func softmax(v vec.ISA) {
	v.Func("softmax", "func(dst []float32, ldd int, src []float32, lds, rows, cols int)", "is softmaxGo.")
	dst, src := vec.Base("dst"), vec.Base("src")
	ldd, lds := vec.Stride("ldd"), vec.Stride("lds")
	rows := vec.Int("rows")
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
	limit := v.Reg()
	VMOVUPS(vec.Const(expMin), limit)
	v.Loop("exp", n, begin(true), 1, func(s vec.Step) {
		x := s.Load(in)
		y := v.Reg()
		VSUBPS(top, x, x)
		VMAXPS(x, limit, y)
		scale, e := exponential(v, y)
		VFMADD213PS(scale, scale, e)
		v.ZeroIfLess(x, limit, e)
		s.Store(e, out)
		picked := v.Zeros(1)[0]
		s.Pick(e, picked)
		VADDPS(picked, total, total)
	})
	broadcast(v, total, func(a, b, dst Op) { VADDPS(a, b, dst) })

	one := v.Reg()
	VMOVUPS(vec.Const(1), one)
	VDIVPS(total, one, total)
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
