package main

import (
	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// uniform fills a slice from a hashed counter. Multiplication and addition stay
// apart so that every instruction set rounds the same way.
func uniform(v vec.ISA) {
	v.Func("uniform", "func(dst []float32, key uint64, lo, span float32)", "is uniformGo.")
	dst, n := vec.Slice("dst")
	counter, other, lo, span := v.Reg(), v.Reg(), v.Reg(), v.Reg()
	key, half := Load(Param("key"), GP64()), XMM()
	VMOVQ(key, half)
	VPBROADCASTD(half, counter)
	VPADDD(vec.Iota(), counter, counter)
	SHRQ(Imm(32), key)
	VMOVQ(key, half)
	VPBROADCASTD(half, other)
	VBROADCASTSS(vec.Addr("lo"), lo)
	VBROADCASTSS(vec.Addr("span"), span)
	step, one := v.Bits(uint32(v.Lanes)), v.Const(1)
	first, second := v.Bits(0x7feb352d), v.Bits(0x846ca68b)
	v.Loop("", n, []reg.GPVirtual{dst}, 1, func(s vec.Step) {
		x := v.Reg()
		VMOVAPS(counter, x)
		VPADDD(step, counter, counter)
		shiftXor(v, x, 16)
		VPMULLD(first, x, x)
		v.Xor(other, x, x)
		shiftXor(v, x, 15)
		VPMULLD(second, x, x)
		shiftXor(v, x, 16)
		VPSRLD(Imm(9), x, x)
		v.Or(one, x, x)
		VSUBPS(one, x, x)
		VMULPS(span, x, x)
		VADDPS(lo, x, x)
		s.Store(x, dst)
	})
	v.Return()
}

func shiftXor(v vec.ISA, x reg.VecVirtual, shift uint64) {
	t := v.Reg()
	VPSRLD(Imm(shift), x, t)
	v.Xor(t, x, x)
}
