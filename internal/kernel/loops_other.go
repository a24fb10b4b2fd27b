//go:build !amd64 || noasm

package kernel

// supported lists what this processor runs, best first.
func supported() []*loops { return []*loops{&portable} }
