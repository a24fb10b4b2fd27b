//go:build amd64 && !noasm

package kernel

func gatherAnyAVX512(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32) {
	switch dim {
	case 32:
		gather32AVX512(dst, ldd, table, indices, lengths)
	case 64:
		gather64AVX512(dst, ldd, table, indices, lengths)
	default:
		gatherAVX512(dst, ldd, table, dim, indices, lengths)
	}
}

func gatherAnyAVX2(dst []float32, ldd int, table []float32, dim int, indices, lengths []int32) {
	switch dim {
	case 32:
		gather32AVX2(dst, ldd, table, indices, lengths)
	case 64:
		gather64AVX2(dst, ldd, table, indices, lengths)
	default:
		gatherAVX2(dst, ldd, table, dim, indices, lengths)
	}
}
