package kernel

// gatherGo adds row after row into dst.
func gatherGo(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32) {
	for b, n := range lengths {
		out := dst[b*ldd:][:dim]
		clear(out)
		for _, x := range indices[:n] {
			addGo(out, out, table[int(x)*dim:][:dim])
		}
		indices = indices[n:]
	}
}

// inRangeGo reports whether 0 <= x < rows for every index x.
func inRangeGo(indices []int32, rows int) bool {
	for _, x := range indices {
		if uint64(uint32(x)) >= uint64(rows) || x < 0 {
			return false
		}
	}
	return true
}
