//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

var avx512 = loops{
	isa:   "avx512",
	width: 32, lane: 16,
	panel:   panelAVX512,
	gather:  gatherGo,
	inRange: inRangeGo,
	add:     addGo, mul: mulGo, addTanh: addTanhGo,
	relu: reluGo, sigmoid: sigmoidGo, tanh: tanhGo,
	softmax: softmaxGo, dot: dotGo,
	uniform: uniformGo, sum: sumGo, fma: fmaGo,
}

var avx2 = loops{
	isa:   "avx2",
	width: 16, lane: 8,
	panel:   panelAVX2,
	gather:  gatherGo,
	inRange: inRangeGo,
	add:     addGo, mul: mulGo, addTanh: addTanhGo,
	relu: reluGo, sigmoid: sigmoidGo, tanh: tanhGo,
	softmax: softmaxGo, dot: dotGo,
	uniform: uniformGo, sum: sumGo, fma: fmaGo,
}

// supported lists what this processor runs, best first.
func supported() []*loops {
	x := cpu.X86
	list := []*loops{&portable}
	if x.HasAVX2 && x.HasFMA && x.HasBMI2 {
		list = append([]*loops{&avx2}, list...)
		if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
			list = append([]*loops{&avx512}, list...)
		}
	}
	return list
}
