package vec

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Step is one register's worth of a loop over slices: with it the body reads
// and writes the same place of each.
type Step struct {
	v    ISA
	disp int
	mask *Mask // of the last values, or nil
}

// Load loads the values of the slice at base.
func (s Step) Load(base reg.Register) reg.VecVirtual {
	r := s.v.Reg()
	m := Mem{Base: base, Disp: s.disp}
	if s.mask == nil {
		VMOVUPS(m, r)
	} else {
		s.v.Load(m, *s.mask, r)
	}
	return r
}

// Store stores them.
func (s Step) Store(r reg.VecVirtual, base reg.Register) {
	m := Mem{Base: base, Disp: s.disp}
	if s.mask == nil {
		VMOVUPS(r, m)
	} else {
		s.v.Store(r, *s.mask, m)
	}
}

// Pick sets r = x in the lanes that are values.
func (s Step) Pick(x, r reg.VecVirtual) {
	switch {
	case s.mask == nil:
		VMOVAPS(x, r)
	case s.v == AVX512:
		VMOVAPS(x, s.mask.op, r)
	default:
		VBLENDVPS(s.mask.op, x, r, r)
	}
}

// Loop runs body over n values, unroll registers at a time, then one, then a
// masked last. It consumes n and advances each base to the end. Labels begin
// with name.
func (v ISA) Loop(name string, n reg.GPVirtual, bases []reg.GPVirtual, unroll int, body func(Step)) {
	turn := func(label string, registers int) {
		lanes := U32(uint32(registers * v.Lanes))
		Label(name + label)
		CMPQ(n, lanes)
		JL(LabelRef(name + label + "Done"))
		for u := range registers {
			body(Step{v: v, disp: u * v.Bytes()})
		}
		for _, b := range bases {
			ADDQ(U32(uint32(registers*v.Bytes())), b)
		}
		SUBQ(lanes, n)
		JMP(LabelRef(name + label))
		Label(name + label + "Done")
	}
	if unroll > 1 {
		turn("Main", unroll)
	}
	turn("One", 1)
	TESTQ(n, n)
	JZ(LabelRef(name + "End"))
	mask := v.Tail(n)
	body(Step{v: v, mask: &mask})
	for _, b := range bases {
		LEAQ(Mem{Base: b, Index: n, Scale: 4}, b)
	}
	Label(name + "End")
}

// Slice returns the base and length of a slice parameter.
func Slice(name string) (base, n reg.GPVirtual) {
	return Base(name), Load(Param(name).Len(), GP64()).(reg.GPVirtual)
}

// Base returns the base of a slice parameter.
func Base(name string) reg.GPVirtual {
	return Load(Param(name).Base(), GP64()).(reg.GPVirtual)
}

// Int returns an int or pointer parameter.
func Int(name string) reg.GPVirtual {
	return Load(Param(name), GP64()).(reg.GPVirtual)
}

// Stride returns an int parameter that counts values, in bytes.
func Stride(name string) reg.GPVirtual {
	n := Int(name)
	SHLQ(Imm(2), n)
	return n
}

// Addr returns where a parameter of a basic type is.
func Addr(name string) Mem {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err) // the signature has no such parameter
	}
	return p.Addr
}
