package kernel

func addGo(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func mulGo(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func addTanhGo(dst, a, b []float32) {
	for i := range dst {
		dst[i] = tanh(a[i] + b[i])
	}
}

func reluGo(dst, src []float32) {
	for i, x := range src {
		dst[i] = max(0, x)
	}
}

func sigmoidGo(dst, src []float32) {
	for i, x := range src {
		dst[i] = sigmoid(x)
	}
}
