package kernel

import "unsafe"

// cacheLine is the alignment of everything that is streamed.
const cacheLine = 64

// aligned returns n zeros that start on a cache line.
func aligned(n int) []float32 {
	const pad = cacheLine / 4
	buf := make([]float32, n+pad)
	off := 0
	if n > 0 {
		off = int(-uintptr(unsafe.Pointer(&buf[0])) % cacheLine / 4)
	}
	return buf[off:][:n:n]
}
