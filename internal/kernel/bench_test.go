package kernel

import (
	"fmt"
	"testing"
)

// benchEach runs f once for every instruction set, and reports operations per
// second where there are any to count.
func benchEach(b *testing.B, name string, flops int, f func(b *testing.B, l *loops)) {
	b.Helper()
	for _, l := range supported() {
		b.Run("impl="+l.isa+"/"+name, func(b *testing.B) {
			f(b, l)
			if flops > 0 {
				b.ReportMetric(float64(flops)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			}
		})
	}
}

// table returns n random values on the pages that tables get.
func table(b *testing.B, n int) []float32 {
	b.Helper()
	x, err := Alloc(n)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = Free(x) })
	FillUniform(x, 1, -1, 1)
	return x
}

// BenchmarkFC takes layers of the models: bytes are those of the weights, which
// bound it at small batches.
func BenchmarkFC(b *testing.B) {
	for _, s := range []struct{ batch, in, out int }{
		{1, 256, 256}, {1, 1024, 1024}, {4, 1024, 1024}, {16, 1024, 1024},
		{64, 128, 64}, {64, 256, 256}, {64, 1024, 1024}, {256, 2560, 1024}, {1024, 96, 1}, {1024, 1376, 1024},
	} {
		benchEach(b, fmt.Sprintf("batch=%d/in=%d/out=%d", s.batch, s.in, s.out), 2*s.batch*s.in*s.out, func(b *testing.B, l *loops) {
			m := l.pack(table(b, s.in*s.out), s.out, s.in)
			src, dst, bias := table(b, s.batch*s.in), table(b, s.batch*s.out), table(b, s.out)
			b.SetBytes(int64(m.Bytes()))
			for b.Loop() {
				m.fc(dst, s.out, src, s.in, s.batch, bias, Relu)
			}
		})
	}
}

// BenchmarkSparseLengthsSum sums random rows of a table far larger than caches,
// and BenchmarkGatherLoop only brings them in.
func BenchmarkSparseLengthsSum(b *testing.B) {
	benchGather(b, func(l *loops, x Lookup) error {
		return l.sparseLengthsSum(x.Dst, x.Stride, x.Table, x.Dim, x.Indices, x.Lengths)
	})
}

func BenchmarkGatherLoop(b *testing.B) {
	benchGather(b, func(l *loops, x Lookup) error {
		l.touch(x.Table, x.Dim, x.Indices)
		return nil
	})
}

func benchGather(b *testing.B, f func(l *loops, x Lookup) error) {
	const rows = 1e7 // 1.3 GB and more: no cache holds them
	for _, s := range []struct{ dim, pool, batch int }{{32, 80, 1}, {32, 80, 64}, {64, 120, 64}, {32, 1, 64}, {48, 80, 64}} {
		benchEach(b, fmt.Sprintf("rows=%.0e/dim=%d/pool=%d/batch=%d", rows, s.dim, s.pool, s.batch), 0, func(b *testing.B, l *loops) {
			rng, n := newRand(), s.pool*s.batch
			indices := make([]int32, max(n, 4e6/n*n)) // enough that no call finds its rows in a cache
			for i := range indices {
				indices[i] = int32(rng.IntN(rows))
			}
			x := Lookup{make([]float32, s.batch*s.dim), s.dim, table(b, rows*s.dim), s.dim, nil, make([]int32, s.batch)}
			for i := range x.Lengths {
				x.Lengths[i] = int32(s.pool)
			}
			b.SetBytes(int64(4 * s.dim * n))
			at := 0
			for b.Loop() {
				x.Indices = indices[at:][:n]
				if err := f(l, x); err != nil {
					b.Fatal(err)
				}
				at = (at + n) % len(indices)
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(n), "ns/row")
		})
	}
}

func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	x, y, dst := table(b, n), table(b, n), table(b, n)
	for _, name := range []string{"add", "addTanh", "sigmoid"} {
		benchEach(b, fmt.Sprintf("op=%s/n=%d", name, n), 0, func(b *testing.B, l *loops) {
			f := loopsUnderTest(l)[name].f
			b.SetBytes(4 * n)
			for b.Loop() {
				f(dst, x, y)
			}
		})
	}
}

func BenchmarkSoftmaxRows(b *testing.B) {
	const rows, cols = 64, 64
	x, dst := table(b, rows*cols), table(b, rows*cols)
	benchEach(b, fmt.Sprintf("rows=%d/cols=%d", rows, cols), 0, func(b *testing.B, l *loops) {
		b.SetBytes(4 * rows * cols)
		for b.Loop() {
			l.softmax(dst, cols, x, cols, rows, cols)
		}
	})
}

func BenchmarkDotLower(b *testing.B) {
	const f, dim, pairs = 33, 64, 33 * 32 / 2
	x, dst := table(b, f*dim), table(b, pairs)
	benchEach(b, fmt.Sprintf("f=%d/dim=%d", f, dim), 2*pairs*dim, func(b *testing.B, l *loops) {
		for b.Loop() {
			l.dotLower(dst, x, f, dim, 0)
		}
	})
}

func BenchmarkFillUniform(b *testing.B) {
	const n = 64 << 20
	x := table(b, n)
	benchEach(b, fmt.Sprintf("n=%d", n), 0, func(b *testing.B, l *loops) {
		b.SetBytes(4 * n)
		for b.Loop() {
			l.fillUniform(x, 1, -1, 1)
		}
	})
}

func BenchmarkStreamSum(b *testing.B) {
	for _, n := range []int{32 << 10, 256 << 10, 64 << 20} { // second-level cache, third-level cache, memory
		x := table(b, n)
		benchEach(b, fmt.Sprintf("n=%d", n), 0, func(b *testing.B, l *loops) {
			b.SetBytes(int64(4 * n))
			for b.Loop() {
				l.sum(x)
			}
		})
	}
}

func BenchmarkFMALoop(b *testing.B) {
	const rounds = 1e6
	for _, l := range supported() {
		b.Run("impl="+l.isa, func(b *testing.B) {
			var flops int64
			for b.Loop() {
				flops += l.fma(rounds)
			}
			b.ReportMetric(float64(flops)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
