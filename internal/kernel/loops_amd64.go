//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

var avx512 = loops{
	isa:   "avx512",
	width: 32, lane: 16, pairs: 6, fours: 2, narrow: 4,
	panel:   panelAVX512,
	gather:  gatherAnyAVX512,
	warm:    warm,
	highest: highestAVX512,
	add:     addAVX512, mul: mulAVX512, addTanh: addTanhAVX512,
	relu: reluAVX512, sigmoid: sigmoidAVX512,
	recurrent: recurrentAVX512,
	softmax:   softmaxAVX512, dots: dotsAVX512, dotLower: dotLowerAVX512, attend: attendAnyAVX512,
	uniform: uniformAVX512, sum: sumAVX512, touch: warm, fma: fmaAVX512,
}

var avx2 = loops{
	isa:   "avx2",
	width: 16, lane: 8, pairs: 2, narrow: 2,
	panel:   panelAVX2,
	gather:  gatherAnyAVX2,
	warm:    warm,
	highest: highestAVX2,
	add:     addAVX2, mul: mulAVX2, addTanh: addTanhAVX2,
	relu: reluAVX2, sigmoid: sigmoidAVX2,
	recurrent: recurrentGo,
	softmax:   softmaxAVX2, dots: dotsAVX2, dotLower: dotLowerAVX2, attend: attendAnyAVX2,
	uniform: uniformAVX2, sum: sumAVX2, touch: warm, fma: fmaAVX2,
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
