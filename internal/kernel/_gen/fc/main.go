// Command fc generates the tiles of the fully connected layer: m rows of src
// times one panel of packed weights, with all sums in registers. For every k it
// loads the panel's values once and broadcasts one value of each row against
// them.
package main

import (
	"fmt"

	"runexp/internal/kernel/_gen/vec"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	vec.Flushed(func() {
		for _, v := range vec.Both {
			for m := 1; m <= rows[v][1]; m++ {
				tile(v, m, 1, 2)
				tile(v, m, 1, 1) // the last panel may be half as wide
			}
			for _, panels := range []int{2, 4} { // two sums for each of few rows would wait for themselves
				for m := 1; m <= rows[v][panels]; m++ {
					tile(v, m, panels, 2)
				}
			}
		}
	})
	Generate()
}

// rows is the most that fit, by number of panels: for each panel two sums per row
// and two of its values, and one of src, in 32 or 16 registers.
var rows = map[vec.ISA][]int{vec.AVX512: {1: 12, 2: 6, 4: 2}, vec.AVX2: {1: 6, 2: 2, 4: 0}}

// unroll is the number of steps of k per turn of the main loop.
const unroll = 4

// line is the size of a cache line.
const line = 64

// fetchAhead is how far ahead of w a tile reads into the first-level cache, in
// bytes. With AVX-512 one or two rows on several panels do not: they are bound by
// loads.
func fetchAhead(v vec.ISA, m, panels int) int {
	if v == vec.AVX512 && m <= 2 && panels > 1 {
		return 0
	}
	return 2048
}

// signature is tileFunc's.
const signature = "func(dst *float32, ldd int, src *float32, lds int, w *float32, k int, bias *float32, cols int, floor float32, next, end *float32, tiles int)"

// tile generates tiles of m rows times adjacent panels, each some registers
// wide. Several panels are all full ones.
func tile(v vec.ISA, m, panels, registers int) {
	width := registers * v.Lanes
	v.Func(fmt.Sprintf("tile%dx%d", m, panels*width), signature,
		fmt.Sprintf("is a tileFunc of %d rows and %d columns.", m, panels*width))
	dst, src, lds := vec.Int("dst"), vec.Int("src"), vec.Int("lds")
	next, tiles := vec.Int("next"), vec.Int("tiles")

	Label("tile")
	k := vec.Int("k")
	rows := rowPointers(m, src, lds)
	w := panelPointers(panels, 4*width, k)
	fetch := panels == 1
	if fetch {
		fetchNext(next, w[0])
	}
	sums := biases(v, m, panels, registers)
	steps := func(n int) {
		for u := range n {
			step(v, rows, w, sums, registers, u)
			if fetch {
				PREFETCHT1(Mem{Base: next, Disp: u * line})
			}
		}
		for _, w := range w {
			ADDQ(U32(uint32(n*4*width)), w)
		}
		if fetch {
			ADDQ(U32(uint32(n*line)), next)
		}
		rows.advance(n)
	}
	SUBQ(Imm(unroll), k)
	JL(LabelRef("tail"))
	Label("main")
	steps(unroll)
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("main"))
	Label("tail")
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("done"))
	Label("one")
	steps(1)
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("done")
	store(v, sums, dst, panels > 1)

	size := GP64()
	IMUL3Q(Imm(uint64(m)), lds, size)
	ADDQ(size, src)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	v.Return()
}

// step adds the products for value u of the rows.
func step(v vec.ISA, rows pointers, w []reg.GPVirtual, sums [][]reg.VecVirtual, registers, u int) {
	size := registers * v.Bytes()
	ahead := fetchAhead(v, len(sums), len(w))
	var b []reg.VecVirtual
	for _, w := range w {
		for i := range registers {
			r := v.Reg()
			VMOVUPS(Mem{Base: w, Disp: u*size + i*v.Bytes()}, r)
			b = append(b, r)
		}
		for i := 0; i < size && ahead > 0; i += line {
			PREFETCHT0(Mem{Base: w, Disp: ahead + u*size + i})
		}
	}
	for r := range sums {
		a := v.Reg()
		VBROADCASTSS(rows.at(r, u), a)
		for i := range b {
			VFMADD231PS(a, b[i], sums[r][i])
		}
	}
}

// fetchNext lets next, once it is at the end of the next panel, run over the
// current one, where fetching costs little.
func fetchNext(next, w reg.GPVirtual) {
	CMPQ(next, vec.Addr("end"))
	CMOVQCC(w, next)
}

// panelPointers returns where adjacent panels begin, given the bytes they have
// for each k.
func panelPointers(panels, bytes int, k reg.Register) []reg.GPVirtual {
	p := []reg.GPVirtual{vec.Int("w")}
	for range panels - 1 {
		q := GP64()
		IMUL3Q(U32(uint32(bytes)), k, q)
		ADDQ(p[len(p)-1], q)
		p = append(p, q)
	}
	return p
}

// pointers addresses the rows of src with one register per three rows.
type pointers struct {
	base []reg.GPVirtual
	lds  reg.Register
}

func rowPointers(m int, src, lds reg.GPVirtual) pointers {
	p := pointers{lds: lds}
	for r := 0; r < m; r += 3 {
		q := GP64()
		if r == 0 {
			MOVQ(src, q)
		} else {
			prev := p.base[len(p.base)-1]
			LEAQ(Mem{Base: prev, Index: lds, Scale: 2}, q)
			ADDQ(lds, q)
		}
		p.base = append(p.base, q)
	}
	return p
}

// at addresses value u of row r.
func (p pointers) at(r, u int) Mem {
	m := Mem{Base: p.base[r/3], Disp: 4 * u}
	if r%3 > 0 {
		m.Index, m.Scale = p.lds, uint8(r%3)
	}
	return m
}

func (p pointers) advance(n int) {
	for _, q := range p.base {
		ADDQ(Imm(uint64(4*n)), q)
	}
}

// biases starts every row's sums at the bias.
func biases(v vec.ISA, m, panels, registers int) [][]reg.VecVirtual {
	bias := vec.Int("bias")
	load := func(i int, m Mem, r reg.VecVirtual) { VMOVUPS(m, r) }
	if panels == 1 {
		masks := v.Masks(vec.Int("cols"), registers)
		load = func(i int, m Mem, r reg.VecVirtual) { v.Load(m, masks[i], r) }
	}
	sums := make([][]reg.VecVirtual, m)
	for r := range sums {
		sums[r] = v.Regs(panels * registers)
		for i := range sums[r] {
			if r == 0 {
				load(i, Mem{Base: bias, Disp: i * v.Bytes()}, sums[r][i])
			} else {
				VMOVAPS(sums[0][i], sums[r][i])
			}
		}
	}
	return sums
}

// store writes the sums, but nothing less than floor, and advances dst. NaN is
// kept: the maximum of two values is the second if either is NaN.
func store(v vec.ISA, sums [][]reg.VecVirtual, dst reg.GPVirtual, full bool) {
	floor := v.Reg()
	VBROADCASTSS(vec.Addr("floor"), floor)
	for _, row := range sums {
		for _, s := range row {
			VMAXPS(s, floor, s)
		}
	}
	whole := func(s reg.VecVirtual, _ int, m Mem) { VMOVUPS(s, m) }
	ldd := vec.Int("ldd")
	if full {
		storeRows(v, sums, dst, ldd, whole)
		return
	}
	cols := vec.Int("cols")
	CMPQ(cols, U32(uint32(len(sums[0])*v.Lanes)))
	JNE(LabelRef("masked"))
	storeRows(v, sums, dst, ldd, whole)
	JMP(LabelRef("stored"))
	Label("masked")
	masks := v.Masks(cols, len(sums[0]))
	storeRows(v, sums, dst, ldd, func(s reg.VecVirtual, i int, m Mem) { v.Store(s, masks[i], m) })
	Label("stored")
}

func storeRows(v vec.ISA, sums [][]reg.VecVirtual, dst, ldd reg.GPVirtual, put func(s reg.VecVirtual, i int, m Mem)) {
	for _, row := range sums {
		for i, s := range row {
			put(s, i, Mem{Base: dst, Disp: i * v.Bytes()})
		}
		ADDQ(ldd, dst)
	}
}
