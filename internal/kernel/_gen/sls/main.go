// Command sls generates the gather loops of SparseLengthsSum. Rows come from
// random places, so what counts is how many cache lines are on their way at
// once: while one row is added, the lines of the row distance indices further on
// are fetched into the second-level cache, across the bounds of items and on into
// the next table.
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
	for _, v := range vec.Both {
		for _, dim := range []int{32, 64} {
			fixed(v, dim)
		}
		general(v)
	}
	warm()
	Generate()
}

// distance is how many rows ahead are fetched.
const distance = 64

// line is the size of a cache line.
const line = 64

// gather is what the loops share: the walk over items and indices.
type gather struct {
	dst, table, indices, lengths, items reg.GPVirtual
	// The index to fetch next, the end of its table's indices, that table.
	ahead, end, from reg.GPVirtual
	more             Mem // whether there is another
}

// next are the last parameters of all loops.
const next = "next []float32, nextIndices []int32)"

func begin(v vec.ISA, name, signature, doc string) gather {
	v.Func(name, signature, doc)
	var g gather
	g.dst, g.table = vec.Base("dst"), vec.Base("table")
	g.ahead, g.end, g.from, g.more = GP64(), GP64(), GP64(), AllocLocal(8)
	var n reg.GPVirtual
	g.indices, n = vec.Slice("indices")
	LEAQ(Mem{Base: g.indices, Index: n, Scale: 4}, g.end)
	LEAQ(Mem{Base: g.indices, Disp: 4 * distance}, g.ahead)
	MOVQ(g.table, g.from)
	MOVQ(I32(1), g.more)
	g.lengths, g.items = vec.Slice("lengths")
	return g
}

// each runs item for every item, which calls rows to run row for each of the
// item's indices.
func (g gather) each(v vec.ISA, item func(rows func(row func()))) {
	TESTQ(g.items, g.items)
	JZ(LabelRef("done"))
	Label("item")
	n := GP64()
	MOVLQSX(Mem{Base: g.lengths}, n)
	ADDQ(Imm(4), g.lengths)
	item(func(row func()) {
		TESTQ(n, n)
		JZ(LabelRef("end"))
		Label("row")
		row()
		ADDQ(Imm(4), g.indices)
		DECQ(n)
		JNZ(LabelRef("row"))
		Label("end")
	})
	ADDQ(vec.Stride("ldd"), g.dst)
	DECQ(g.items)
	JNZ(LabelRef("item"))
	Label("done")
	v.Return()
	g.turn()
}

// fetch runs lines to fetch the row of an index, which it may change. Near the
// end of the last table it does nothing.
func (g gather) fetch(lines func(index reg.GPVirtual)) {
	Label("ahead")
	CMPQ(g.ahead, g.end)
	JCC(LabelRef("turn"))
	index := GP64()
	MOVLQSX(Mem{Base: g.ahead}, index)
	lines(index)
	Label("fetched")
	ADDQ(Imm(4), g.ahead)
}

// turn goes on to the next table, as far into its indices as the end of the one
// before was passed by.
func (g gather) turn() {
	Label("turn")
	CMPQ(g.more, Imm(0))
	JEQ(LabelRef("fetched"))
	MOVQ(I32(0), g.more)
	SUBQ(g.end, g.ahead)
	first, n := vec.Slice("nextIndices")
	ADDQ(first, g.ahead)
	LEAQ(Mem{Base: first, Index: n, Scale: 4}, g.end)
	Load(Param("next").Base(), g.from)
	JMP(LabelRef("ahead"))
}

// fixed sums rows of a known size in registers.
func fixed(v vec.ISA, dim int) {
	g := begin(v, fmt.Sprintf("gather%d", dim), "func(dst []float32, ldd int, table []float32, indices, lengths []int32, "+next,
		fmt.Sprintf("is gatherGo for rows of %d values.", dim))
	shift := Imm(log2(4 * dim))
	g.each(v, func(rows func(func())) {
		sums := v.Zeros(dim / v.Lanes)
		rows(func() {
			g.fetch(func(at reg.GPVirtual) {
				SHLQ(shift, at)
				for i := 0; i < 4*dim; i += line {
					PREFETCHT1(Mem{Base: g.from, Index: at, Scale: 1, Disp: i})
				}
			})
			x := GP64()
			MOVLQSX(Mem{Base: g.indices}, x)
			SHLQ(shift, x)
			for i, s := range sums {
				VADDPS(Mem{Base: g.table, Index: x, Scale: 1, Disp: i * v.Bytes()}, s, s)
			}
		})
		for i, s := range sums {
			VMOVUPS(s, Mem{Base: g.dst, Disp: i * v.Bytes()})
		}
	})
}

// general sums rows of any size in dst, which stays in the first-level cache.
func general(v vec.ISA) {
	g := begin(v, "gather", "func(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32, "+next, "is gatherGo.")
	size := vec.Stride("dim")
	g.each(v, func(rows func(func())) {
		n, out := GP64(), GP64()
		restart := func() {
			Load(Param("dim"), n)
			MOVQ(g.dst, out)
		}
		restart()
		zero := v.Zeros(1)[0]
		v.Loop("clear", n, []reg.GPVirtual{out}, 1, func(s vec.Step) { s.Store(zero, out) })
		rows(func() {
			g.fetch(func(at reg.GPVirtual) {
				IMULQ(size, at)
				ADDQ(g.from, at)
				end := GP64()
				LEAQ(Mem{Base: at, Index: size, Scale: 1}, end)
				Label("fetch")
				PREFETCHT1(Mem{Base: at})
				ADDQ(Imm(line), at)
				CMPQ(at, end)
				JCS(LabelRef("fetch"))
			})
			x := GP64()
			MOVLQSX(Mem{Base: g.indices}, x)
			IMULQ(size, x)
			ADDQ(g.table, x)
			restart()
			v.Loop("add", n, []reg.GPVirtual{out, x}, 1, func(s vec.Step) {
				r := s.Load(x)
				VADDPS(s.Load(out), r, r)
				s.Store(r, out)
			})
		})
	})
}

// warm fetches the first rows of a table, which the gather loop itself comes to
// too late.
func warm() {
	TEXT("warm", NOSPLIT, "func(table []float32, dim int, indices []int32)")
	Pragma("noescape")
	Doc("warm fetches the rows of a table named by indices into the second-level cache. A bad index is harmless.")
	table, size := vec.Base("table"), vec.Stride("dim")
	indices, n := vec.Slice("indices")
	Label("row")
	DECQ(n)
	JL(LabelRef("done"))
	at, end := GP64(), GP64()
	MOVLQSX(Mem{Base: indices}, at)
	ADDQ(Imm(4), indices)
	IMULQ(size, at)
	ADDQ(table, at)
	LEAQ(Mem{Base: at, Index: size, Scale: 1}, end)
	Label("fetch")
	PREFETCHT1(Mem{Base: at})
	ADDQ(Imm(line), at)
	CMPQ(at, end)
	JCS(LabelRef("fetch"))
	JMP(LabelRef("row"))
	Label("done")
	RET()
}

func log2(n int) uint64 {
	var b uint64
	for ; n > 1; n /= 2 {
		b++
	}
	return b
}
