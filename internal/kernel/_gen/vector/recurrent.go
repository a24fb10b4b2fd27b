package main

import (
	"fmt"

	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// hidden is the number of units that recurrent64 is for, in panels of so many
// columns.
const hidden, panel = 64, 32

// recurrent64 takes a step of a recurrent network, for AVX-512: three rows at a
// time, then two or one. A sum has two chains, one for each half of the state
// before: three rows by four registers by two are as many as hide the latency of
// a multiply-add several times over, and a row alone does not wait for itself.
func recurrent64(v vec.ISA) {
	v.Func("recurrent64", "func(h *float32, ldh int, x *float32, ldx int, previous *float32, ldp, rows int, w, bias *float32)", "is recurrentGo for 64 units.")
	h, x, previous := rowsOf("h", "ldh"), rowsOf("x", "ldx"), rowsOf("previous", "ldp")
	rows := vec.Int("rows")
	zero := v.Zeros(1)[0]
	for m := 3; m > 0; m-- {
		name := fmt.Sprintf("rows%d", m)
		Label(name)
		CMPQ(rows, Imm(uint64(m)))
		JL(LabelRef(name + "Done"))
		for i, s := range recurrentSums(v, m, name, x, previous, zero) {
			VMOVUPS(s, h.at(v, i))
		}
		apply, y := tanh(v), v.Reg()
		for i := range m * hidden / v.Lanes { // stored before: there is no room beside the constants of tanh
			VMOVUPS(h.at(v, i), y)
			VMOVUPS(apply(y), h.at(v, i))
		}
		for _, p := range []states{h, x, previous} {
			for range m {
				ADDQ(p.ld, p.base)
			}
		}
		SUBQ(Imm(uint64(m)), rows)
		JMP(LabelRef(name))
		Label(name + "Done")
	}
	v.Return()
}

// states are rows of units.
type states struct{ base, ld reg.GPVirtual }

func rowsOf(name, ld string) states { return states{vec.Int(name), vec.Stride(ld)} }

// row addresses what is some bytes into row 0, 1 or 2.
func (s states) row(r, disp int) Mem {
	m := Mem{Base: s.base, Disp: disp}
	if r > 0 {
		m.Index, m.Scale = s.ld, uint8(r)
	}
	return m
}

// at addresses register i of the rows one after the other.
func (s states) at(v vec.ISA, i int) Mem {
	n := hidden / v.Lanes
	return s.row(i/n, i%n*v.Bytes())
}

// recurrentSums returns bias + x + W previous for m rows, row after row.
func recurrentSums(v vec.ISA, m int, name string, x, previous states, zero reg.VecVirtual) []reg.VecVirtual {
	n := hidden / v.Lanes
	bias, w, k := vec.Int("bias"), vec.Int("w"), GP64()
	state := states{GP64(), previous.ld}
	sums := [2][]reg.VecVirtual{v.Regs(m * n), v.Regs(m * n)}
	for i := range m * n {
		VMOVUPS(Mem{Base: bias, Disp: i % n * v.Bytes()}, sums[0][i])
		VADDPS(x.at(v, i), sums[0][i], sums[0][i])
		VMOVAPS(zero, sums[1][i])
	}
	MOVQ(previous.base, state.base)
	MOVQ(U32(hidden/2), k)
	Label(name + "k")
	for c, sums := range sums {
		from := c * hidden / 2
		var b []reg.VecVirtual
		for column := 0; column < hidden; column += v.Lanes {
			r := v.Reg()
			VMOVUPS(Mem{Base: w, Disp: 4 * (column/panel*panel*hidden + column%panel + from*panel)}, r)
			b = append(b, r)
		}
		for r := range m {
			a := v.Reg()
			VBROADCASTSS(state.row(r, 4*from), a)
			for i := range b {
				VFMADD231PS(a, b[i], sums[r*n+i])
			}
		}
	}
	ADDQ(Imm(4*panel), w)
	ADDQ(Imm(4), state.base)
	DECQ(k)
	JNZ(LabelRef(name + "k"))
	for i := range sums[0] {
		VADDPS(sums[1][i], sums[0][i], sums[0][i])
	}
	return sums[0]
}
