package kernel

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

func TestAlloc(t *testing.T) {
	for _, n := range []int{0, 1, 100, 1 << 19, 1<<19 + 1, 3 << 20} {
		x, err := Alloc(n)
		if err != nil {
			t.Fatal(err)
		}
		if len(x) != n || cap(x) != n {
			t.Fatalf("%d values: len %d, cap %d", n, len(x), cap(x))
		}
		if n == 0 {
			continue
		}
		if uintptr(unsafe.Pointer(&x[0]))%cacheLine != 0 {
			t.Errorf("%d values: not on a cache line", n)
		}
		for i, v := range x {
			if v != 0 {
				t.Fatalf("%d values: x[%d] = %g", n, i, v)
			}
		}
		x[n-1] = 1
		if err := Free(x[:1]); err != nil { // a shorter slice frees all of it
			t.Fatal(err)
		}
	}
}

func TestAllocTooMuch(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere running out of memory ends the program")
	}
	if x, err := Alloc(math.MaxInt / 16); err == nil {
		t.Errorf("got %d values", len(x))
	}
}

func TestPageKind(t *testing.T) {
	if k := PageKind(); k != "thp" && k != "4k" {
		t.Errorf("%q", k)
	}
}

func TestAligned(t *testing.T) {
	for n := range 100 {
		x := aligned(n)
		if len(x) != n || cap(x) != n {
			t.Fatalf("%d values: len %d, cap %d", n, len(x), cap(x))
		}
		if n > 0 && uintptr(unsafe.Pointer(&x[0]))%cacheLine != 0 {
			t.Fatalf("%d values: not on a cache line", n)
		}
	}
}

func TestFillUniform(t *testing.T) {
	const n, lo, hi = 2*fillChunk + 77, -0.25, 0.75
	want := make([]float32, n)
	portable.fillUniform(want, 42, lo, hi)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	each(t, func(t *testing.T, l *loops) {
		for _, procs := range []int{1, 2, 5} {
			runtime.GOMAXPROCS(procs)
			got, check := guarded(n, 3)
			l.fillUniform(got, 42, lo, hi)
			check(t)
			if !slices.Equal(got, want) {
				t.Fatalf("%d threads: differs from the portable fill", procs)
			}
		}
		for short := range 100 {
			got, check := guarded(short, 0)
			l.fillUniform(got, 42, lo, hi)
			check(t)
			if !slices.Equal(got, want[:short]) {
				t.Fatalf("%d values: differ from the first of a long fill", short)
			}
		}
	})
}

// The values are uniform on the interval, uncorrelated with their neighbours and
// other for another seed.
func TestFillUniformStatistics(t *testing.T) {
	const n = 1 << 21
	x, y := make([]float32, n), make([]float32, n)
	FillUniform(x, 1, 0, 1)
	FillUniform(y, 2, 0, 1)
	var counts [64]int
	var mean, neighbours, seeds float64
	for i, v := range x {
		if v < 0 || v >= 1 {
			t.Fatalf("x[%d] = %g", i, v)
		}
		counts[int(v*64)]++
		mean += float64(v) / n
		neighbours += 12 * (float64(v) - 0.5) * (float64(x[(i+1)%n]) - 0.5) / n
		seeds += 12 * (float64(v) - 0.5) * (float64(y[i]) - 0.5) / n
	}
	var chi2 float64
	for _, c := range counts {
		d := float64(c) - n/64
		chi2 += d * d / (n / 64)
	}
	limit := 5 / math.Sqrt(n) // five standard deviations of a correlation
	if math.Abs(mean-0.5) > limit || math.Abs(neighbours) > limit || math.Abs(seeds) > limit {
		t.Errorf("mean %g, correlation with the next %g, with another seed %g", mean, neighbours, seeds)
	}
	if chi2 > 63+5*math.Sqrt(2*63) {
		t.Errorf("chi-squared %g for 63 degrees of freedom", chi2)
	}
}

// Chunks are filled under keys whose counters may overlap, as these do; their
// values must not.
func TestFillUniformKeysAreIndependent(t *testing.T) {
	const n, shift = 4096, 100
	each(t, func(t *testing.T, l *loops) {
		x, y := make([]float32, n), make([]float32, n)
		l.uniform(x, 1<<32|7, 0, 1)
		l.uniform(y, 2<<32|7+shift, 0, 1)
		equal := 0
		for i := range n - shift {
			if y[i] == x[i+shift] {
				equal++
			}
		}
		if equal > 2 {
			t.Errorf("%d of %d values are the other chunk's", equal, n)
		}
	})
}

func TestFillUniformHasNoDenormals(t *testing.T) {
	x := make([]float32, 1<<20)
	FillUniform(x, 3, -1e-6, 1e-6)
	for i, v := range x {
		if a := math.Abs(float64(v)); a > 0 && a < 1.1754944e-38 || a > 1e-6 {
			t.Fatalf("x[%d] = %g", i, v)
		}
	}
}

func TestCalibrationLoops(t *testing.T) {
	each(t, func(t *testing.T, l *loops) {
		for n := range 300 {
			buf, _ := guarded(n, n%3)
			for i := range buf {
				buf[i] = float32(i)
			}
			if got := l.sum(buf); got != float32(n*(n-1)/2) {
				t.Fatalf("sum of %d values = %g", n, got)
			}
		}
		one := l.fma(1)
		if one < 16 || l.fma(1000) != 1000*one || l.fma(0) != 0 {
			t.Errorf("%d operations in a round, %d in 1000", one, l.fma(1000))
		}
	})
	GatherLoop(make([]float32, 30), 10, []int32{2, 0, 1})
	if StreamSum([]float32{1, 2}) != 3 || FMALoop(2) != 2*active.fma(1) {
		t.Error("not the active loops")
	}
}
