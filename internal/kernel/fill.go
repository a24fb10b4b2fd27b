package kernel

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// fillChunk is the number of values filled under one key: work for a goroutine
// at a time, and far below the 2^32 after which counters would repeat.
const fillChunk = 1 << 20

// FillUniform fills dst with numbers uniform on [lo, hi], drawn from 2^23
// levels. Value i depends on seed and i alone, so the result is the same
// however many of the GOMAXPROCS goroutines share the work and whatever the
// instruction set. None is denormal as long as hi-lo >= 1e-30.
func FillUniform(dst []float32, seed uint64, lo, hi float32) {
	active.fillUniform(dst, seed, lo, hi)
}

func (l *loops) fillUniform(dst []float32, seed uint64, lo, hi float32) {
	chunks := (len(dst) + fillChunk - 1) / fillChunk
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(chunks, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				part := dst[c*fillChunk : min((c+1)*fillChunk, len(dst))]
				l.uniform(part, chunkKey(seed, c), lo, hi-lo)
			}
		})
	}
	wg.Wait()
}

// chunkKey is SplitMix64 (Steele, Lea, Flood 2014), stepped to chunk c.
func chunkKey(seed uint64, c int) uint64 {
	z := seed + uint64(c+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uniformGo hashes counters with the 32-bit mixer lowbias32 (Wellons 2018) and
// puts the upper 23 bits behind the point of 1.x. Half of the key starts the
// counter; the other half makes the mixer another function, or chunks whose
// counters overlap would repeat each other.
func uniformGo(dst []float32, key uint64, lo, span float32) {
	for i := range dst {
		x := uint32(key) + uint32(i)
		x = (x^x>>16)*0x7feb352d ^ uint32(key>>32)
		x = (x ^ x>>15) * 0x846ca68b
		x ^= x >> 16
		u := math.Float32frombits(x>>9|0x3f800000) - 1
		dst[i] = lo + float32(u*span) // the conversion forbids fusing, which would round differently
	}
}
