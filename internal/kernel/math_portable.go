package kernel

import "math"

func exp(x float32) float32     { return float32(math.Exp(float64(x))) }
func tanh(x float32) float32    { return float32(math.Tanh(float64(x))) }
func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
