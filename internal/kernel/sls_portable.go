package kernel

// gatherGo adds row after row into dst. It fetches nothing ahead.
func gatherGo(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32, _ []float32, _ []int32) {
	for b, n := range lengths {
		out := dst[b*ldd:][:dim]
		clear(out)
		for _, x := range indices[:n] {
			addGo(out, out, table[int(x)*dim:][:dim])
		}
		indices = indices[n:]
	}
}

// warmGo does nothing: Go has no prefetch.
func warmGo([]float32, int, []int32) {}

// highestGo finds the largest index, a negative one counting as huge.
func highestGo(x []int32) uint32 {
	var top uint32
	for _, v := range x {
		top = max(top, uint32(v))
	}
	return top
}
