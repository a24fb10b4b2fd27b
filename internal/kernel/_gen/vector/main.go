// Command vector generates the loops over plain slices: arithmetic, activations,
// softmax, dot products, the random fill and the calibration loops.
package main

import (
	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	for _, v := range vec.Both {
		binary(v, "add", 4, add, identity)
		unary(v, "relu", 4, relu)
		vec.Flushed(func() {
			binary(v, "mul", 4, func(a, b, dst Op) { VMULPS(a, b, dst) }, identity)
			binary(v, "addTanh", 1, add, tanh)
			unary(v, "sigmoid", 1, sigmoid)
			softmax(v)
			dots(v)
			dotLower(v)
			attend32(v)
			attend(v)
			if v == vec.AVX512 {
				recurrent64(v)
			}
		})
		uniform(v)
		highest(v)
		sum(v)
		fma(v)
	}
	Generate()
}

// A function is written down in two parts: first what is loop-invariant, then
// what it does to a register.
type function func(v vec.ISA) func(x reg.VecVirtual) reg.VecVirtual

func unary(v vec.ISA, name string, unroll int, f function) {
	v.Func(name, "func(dst, src []float32)", "is "+name+"Go.")
	dst, n := vec.Slice("dst")
	src := vec.Base("src")
	apply := f(v)
	v.Loop("", n, []reg.GPVirtual{dst, src}, unroll, func(s vec.Step) {
		s.Store(apply(s.Load(src)), dst)
	})
	v.Return()
}

// binary generates f(a op b).
func binary(v vec.ISA, name string, unroll int, op func(a, b, dst Op), f function) {
	v.Func(name, "func(dst, a, b []float32)", "is "+name+"Go.")
	dst, n := vec.Slice("dst")
	a, b := vec.Base("a"), vec.Base("b")
	apply := f(v)
	v.Loop("", n, []reg.GPVirtual{dst, a, b}, unroll, func(s vec.Step) {
		x := s.Load(a)
		op(s.Load(b), x, x)
		s.Store(apply(x), dst)
	})
	v.Return()
}

func add(a, b, dst Op) { VADDPS(a, b, dst) }

func identity(vec.ISA) func(x reg.VecVirtual) reg.VecVirtual {
	return func(x reg.VecVirtual) reg.VecVirtual { return x }
}

// sum adds up a slice in eight chains, enough to hide the latency of addition.
func sum(v vec.ISA) {
	v.Func("sum", "func(buf []float32) float32", "is sumGo.")
	buf, n := vec.Slice("buf")
	sums := v.Zeros(8)
	i := 0
	v.Loop("", n, []reg.GPVirtual{buf}, len(sums), func(s vec.Step) {
		VADDPS(s.Load(buf), sums[i%len(sums)], sums[i%len(sums)])
		i++
	})
	for step := len(sums) / 2; step > 0; step /= 2 {
		for i := range step {
			VADDPS(sums[i+step], sums[i], sums[i])
		}
	}
	Store(lowest(v, sums[0], add), ReturnIndex(0))
	v.Return()
}

// highest returns the largest of some unsigned integers.
func highest(v vec.ISA) {
	v.Func("highest", "func(x []int32) uint32", "is highestGo.")
	x, n := vec.Slice("x")
	tops := v.Zeros(4)
	i := 0
	v.Loop("", n, []reg.GPVirtual{x}, len(tops), func(s vec.Step) {
		VPMAXUD(s.Load(x), tops[i%len(tops)], tops[i%len(tops)])
		i++
	})
	umax := func(a, b, dst Op) { VPMAXUD(a, b, dst) }
	umax(tops[1], tops[0], tops[0])
	umax(tops[3], tops[2], tops[2])
	umax(tops[2], tops[0], tops[0])
	top := GP32()
	VMOVD(lowest(v, tops[0], umax), top)
	Store(top, ReturnIndex(0))
	v.Return()
}

// lowest folds all lanes of r onto the first with op.
func lowest(v vec.ISA, r reg.VecVirtual, op func(a, b, dst Op)) reg.Register {
	if v == vec.AVX512 {
		r = v.Half(r, op)
	}
	r = vec.AVX2.Half(r, op)
	t := XMM()
	for _, swap := range []uint64{0b01_00_11_10, 0b10_11_00_01} { // halves, then pairs
		VPSHUFD(Imm(swap), r, t)
		op(t, r, r)
	}
	return r
}

// chains is the number of independent multiply-adds of a round of fma: more than
// latency (4) times ports (2).
const chains = 12

func fma(v vec.ISA) {
	v.Func("fma", "func(n int) (flops int64)", "is fmaGo with more chains.")
	n := vec.Int("n")
	flops := GP64()
	IMUL3Q(U32(uint32(chains*v.Lanes*2)), n, flops)
	Store(flops, ReturnIndex(0))
	half, one := v.InReg(v.Const(0.5)), v.InReg(v.Const(1))
	x := v.Zeros(chains)
	Label("round")
	DECQ(n)
	JL(LabelRef("done"))
	for _, r := range x {
		VFMADD213PS(one, half, r) // r = r/2 + 1 tends to 2: no overflow, no denormals
	}
	JMP(LabelRef("round"))
	Label("done")
	v.Return()
}
