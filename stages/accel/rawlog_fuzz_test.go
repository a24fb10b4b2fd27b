package accel

import (
	"strings"
	"testing"
)

// FuzzReadRawLog checks that what is read of a log is what its format allows.
func FuzzReadRawLog(f *testing.F) {
	f.Add(strings.Repeat("*** 1.5 ms\n", 6))
	f.Add("INFO load\n" + strings.Repeat("x *** transfer: *** 0.25ms\n", 36))
	f.Add("*** NaN\n*** 1e999 ms\n*** -1 ms\n")
	f.Fuzz(func(t *testing.T, text string) {
		samples, err := ReadRawLog("x.txt", strings.NewReader(text), "rm1", "t4")
		if err != nil {
			return
		}
		if len(samples) < 1 || len(samples) > maxBatches {
			t.Errorf("%d samples", len(samples))
		}
		for i, s := range samples {
			if s.Batch != 1<<(2*i) || s.Latency < 1 || s.Latency > longest {
				t.Errorf("%+v", s)
			}
		}
	})
}
