package latency

import (
	"fmt"
	"math"
)

// Log4Linear is the accelerator predictor of the DeepRecSys release, kept for
// like-for-like comparison: latencies in ms at batches 4^0, 4^1, ..., straight
// lines in log4(batch) between them, clamped on both sides. Between two knots
// it is far above a curve that grows in proportion to the batch.
type Log4Linear struct{ ms []float64 }

// NewLog4Linear takes the latencies in ms at batches 4^0, 4^1, and so on.
func NewLog4Linear(ms []float64) (*Log4Linear, error) {
	if len(ms) < 2 {
		return nil, fmt.Errorf("log4_linear: %d points, where 2 are needed", len(ms))
	}
	for i, m := range ms {
		if !(m > 0) || math.IsInf(m, 0) {
			return nil, fmt.Errorf("log4_linear: latency %v ms at batch %d is not a positive number", m, 1<<(2*i))
		}
	}
	return &Log4Linear{ms: append([]float64(nil), ms...)}, nil
}

// At returns the latency of a batch in ms.
func (l *Log4Linear) At(batch int) float64 {
	last := len(l.ms) - 1
	x := math.Log(float64(max(batch, 1))) / math.Log(4)
	if x >= float64(last) {
		return l.ms[last]
	}
	i := int(x)
	return l.ms[i] + (l.ms[i+1]-l.ms[i])*(x-float64(i))
}
