package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"runexp/stages/record"
)

// crossings say from which batch the accelerator is faster than one core of the
// paper's CPU: where its speed-up passes 1, interpolated in log batch.
func (c Config) crossings(rows []record.AccelLatency) []record.PaperCheck {
	var out []record.PaperCheck
	for _, want := range c.Crossovers {
		s := scope{want.Model, All, c.CPU, "published", c.Accel}
		at := crossing(rows, want.Model, c.Accel)
		r := beside(s.row(Crossing), span{value: at}, (want.Lo+want.Hi)/2)
		// The published batches are whole numbers.
		holds := at >= min(want.Lo*(1-c.Tolerance), want.Lo-0.5) && at <= max(want.Hi*(1+c.Tolerance), want.Hi+0.5)
		out = append(out, says(r, fmt.Sprintf("the accelerator is faster from batch %g to %g on", want.Lo, want.Hi), holds))
	}
	return out
}

// crossing is the batch where a speed-up passes 1 for the last time; 0 if it
// does not.
func crossing(rows []record.AccelLatency, model, platform string) float64 {
	var own []record.AccelLatency
	for _, r := range rows {
		if r.Model == model && r.Platform == platform && r.Speedup != nil {
			own = append(own, r)
		}
	}
	slices.SortFunc(own, func(a, b record.AccelLatency) int { return cmp.Compare(a.BatchSize, b.BatchSize) })
	at := 0.0
	for i := 1; i < len(own); i++ {
		y0, y1 := *own[i-1].Speedup, *own[i].Speedup
		if y0 < 1 && y1 >= 1 {
			x0, x1 := math.Log(float64(own[i-1].BatchSize)), math.Log(float64(own[i].BatchSize))
			at = math.Exp(x0 + (x1-x0)*(1-y0)/(y1-y0))
		}
	}
	return at
}
