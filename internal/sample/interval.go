package sample

// Interval is a confidence interval. Batches is how many contiguous batches it
// rests on; zero means that the series was too short, and Lo and Hi are then
// minus and plus infinity.
type Interval struct {
	Lo, Hi  float64
	Batches int
}

// Known reports whether the series was long enough to say anything.
func (i Interval) Known() bool { return i.Batches > 0 }
