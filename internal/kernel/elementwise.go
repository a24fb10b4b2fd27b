package kernel

import "fmt"

// Add sets dst = a + b, value by value. Like its siblings it panics unless all
// lengths are equal, and allows dst to be one of its arguments.
func Add(dst, a, b []float32) {
	same("Add", dst, a, b)
	active.add(dst, a, b)
}

// Mul sets dst = a * b, value by value.
func Mul(dst, a, b []float32) {
	same("Mul", dst, a, b)
	active.mul(dst, a, b)
}

// ReluTo sets dst = max(0, src).
func ReluTo(dst, src []float32) {
	same("ReluTo", dst, src, src)
	active.relu(dst, src)
}

// SigmoidTo sets dst = 1/(1+exp(-src)), to within 3e-7 of the value; under
// -87, where that is below 2e-38, it is 0.
func SigmoidTo(dst, src []float32) {
	same("SigmoidTo", dst, src, src)
	active.sigmoid(dst, src)
}

// CopyRows copies rows of cols values from src, lds apart, to dst, ldd apart.
func CopyRows(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	checkRows("CopyRows: dst", dst, ldd, rows, cols)
	checkRows("CopyRows: src", src, lds, rows, cols)
	for r := range rows {
		copy(dst[r*ldd:][:cols], src[r*lds:])
	}
}

func same(what string, dst, a, b []float32) {
	if len(dst) != len(a) || len(dst) != len(b) {
		panic(fmt.Sprintf("kernel: %s: lengths differ: %d, %d, %d", what, len(dst), len(a), len(b)))
	}
}
