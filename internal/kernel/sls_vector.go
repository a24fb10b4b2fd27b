//go:build amd64 && !noasm

package kernel

func gatherAnyAVX512(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32, next []float32, nextIndices []int32) {
	switch dim {
	case 32:
		gather32AVX512(dst, ldd, table, indices, lengths, next, nextIndices)
	case 64:
		gather64AVX512(dst, ldd, table, indices, lengths, next, nextIndices)
	default:
		gatherAVX512(dst, ldd, table, dim, indices, lengths, next, nextIndices)
	}
}

func gatherAnyAVX2(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32, next []float32, nextIndices []int32) {
	switch dim {
	case 32:
		gather32AVX2(dst, ldd, table, indices, lengths, next, nextIndices)
	case 64:
		gather64AVX2(dst, ldd, table, indices, lengths, next, nextIndices)
	default:
		gatherAVX2(dst, ldd, table, dim, indices, lengths, next, nextIndices)
	}
}
