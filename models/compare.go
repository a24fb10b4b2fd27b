package models

import "math"

// RelativeError is the largest |got - want| over the largest |want|, the
// measure by which tensors are compared (an output that ends in Relu holds
// exact zeros, so value by value would not do). It is 0 for equal tensors, even
// if all zero, and infinite if lengths differ or a value is not a number.
func RelativeError(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var difference, largest float64
	for i, w := range want {
		d := math.Abs(float64(got[i]) - float64(w))
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		difference = max(difference, d)
		largest = max(largest, math.Abs(float64(w)))
	}
	if difference == 0 {
		return 0
	}
	return difference / largest
}
