package kernel

import (
	"fmt"
	"testing"
)

func BenchmarkFC(b *testing.B) {
	for _, s := range []struct{ batch, in, out int }{{1, 1024, 1024}, {1, 256, 256}, {4, 1024, 1024}, {16, 1024, 1024}, {64, 1024, 1024}, {64, 1000, 1000}, {64, 256, 256}, {256, 1024, 1024}, {1024, 1376, 1024}, {256, 2560, 1024}} {
		for _, l := range supported()[:2] {
			b.Run(fmt.Sprintf("impl=%s/batch=%d/in=%d/out=%d", l.isa, s.batch, s.in, s.out), func(b *testing.B) {
				w := make([]float32, s.in*s.out)
				x := make([]float32, s.batch*s.in)
				d := make([]float32, s.batch*s.out)
				FillUniform(w, 1, -.1, .1)
				FillUniform(x, 2, 0, 1)
				m := l.pack(w, s.out, s.in)
				for b.Loop() {
					FC(d, s.out, x, s.in, s.batch, m, nil, Relu)
				}
				b.ReportMetric(2*float64(s.in*s.out*s.batch)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				b.ReportMetric(float64(m.Bytes())*float64(b.N)/b.Elapsed().Seconds()/1e9, "weightGB/s")
			})
		}
	}
}
