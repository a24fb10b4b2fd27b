//go:build amd64 && !noasm

package kernel

func attendAnyAVX512(dst []float32, ldd int, x, p []float32, ldp, batch, units, dim int, in, out, bias []float32) {
	if dim == 32 {
		attend32AVX512(dst, ldd, x, p, ldp, batch, units, in, out, bias)
	} else {
		attendAVX512(dst, ldd, x, p, ldp, batch, units, dim, in, out, bias)
	}
}

func attendAnyAVX2(dst []float32, ldd int, x, p []float32, ldp, batch, units, dim int, in, out, bias []float32) {
	if dim == 32 {
		attend32AVX2(dst, ldd, x, p, ldp, batch, units, in, out, bias)
	} else {
		attendAVX2(dst, ldd, x, p, ldp, batch, units, dim, in, out, bias)
	}
}
