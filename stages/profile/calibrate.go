package profile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"time"

	"runexp/internal/kernel"
	"runexp/internal/sample"
	"runexp/internal/stream"
	"runexp/internal/timing"
	"runexp/stages/record"
)

// Working sets of the streaming loops, in bytes: inside the second-level cache
// of any current server core, past it but inside a third-level cache, and past
// every cache.
const (
	l2Bytes   = 512 << 10
	l3Bytes   = 12 << 20
	dramBytes = 1 << 30
)

const trials = 9 // per figure; the median counts

// calibrate measures the roofline of this machine with the same kernels that
// the models run on: with one worker, and with one per core.
func calibrate(ctx context.Context) ([]record.Calibration, error) {
	buf, err := kernel.Alloc(dramBytes / 4)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	defer kernel.Free(buf)
	kernel.FillUniform(buf, 1, -1, 1)

	var rows []record.Calibration
	add := func(metric, level string, workers int, value float64, unit string) {
		rows = append(rows, record.Calibration{
			Platform: Platform, Metric: metric, Level: level, Workers: int32(workers), Value: value, Unit: unit,
		})
	}
	counts := []int{1}
	if n := runtime.GOMAXPROCS(0); n > 1 {
		counts = append(counts, n)
	}
	for _, n := range counts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		add("dispatch_ns", "core", n, together(n, dispatchNS), "ns")
		add("fma_gflops", "core", n, together(n, fmaGFLOPS), "GFLOP/s")
		for _, rowBytes := range []int{128, 256} {
			add("row_ns", strconv.Itoa(rowBytes), n, together(n, gather{buf, rowBytes / 4}.rowNS), "ns")
		}
		for _, level := range []struct {
			name  string
			bytes int
		}{{"dram", dramBytes}, {"l2", l2Bytes}, {"l3", l3Bytes}} {
			part := level.bytes / 4
			if level.name == "dram" {
				part /= n // each worker streams its own part
			}
			add("stream_gbps", level.name, n, together(n, func(w int) float64 {
				first := (w * part) % len(buf)
				return streamGBPS(buf[first : first+part])
			}), "GB/s")
		}
		for _, rowBytes := range []int{128, 256} {
			add("sum_row_ns", strconv.Itoa(rowBytes), n, together(n, gather{buf, rowBytes / 4}.sumNS), "ns")
		}
	}
	return rows, nil
}

// together runs n workers at once and returns the mean of what each measured.
func together(n int, measure func(worker int) float64) float64 {
	got := make([]float64, n)
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			got[w] = measure(w)
		})
	}
	wg.Wait()
	return sample.Mean(got)
}

// seconds is the median time of a few runs of f, after one that is dropped.
func seconds(f func()) float64 {
	f()
	times := make([]float64, trials)
	for i := range times {
		t := timing.Now()
		f()
		times[i] = (timing.Now() - t).Seconds()
	}
	return max(sample.Median(times), float64(time.Nanosecond)/float64(time.Second))
}

func fmaGFLOPS(int) float64 {
	var flops int64
	s := seconds(func() { flops = kernel.FMALoop(1 << 20) })
	return float64(flops) / s / 1e9
}

// streamGBPS reads the buffer until at least 64 MiB went by.
func streamGBPS(buf []float32) float64 {
	rounds := max(1, (64<<20)/(4*len(buf)))
	s := seconds(func() {
		for range rounds {
			kernel.StreamSum(buf)
		}
	})
	return float64(rounds) * float64(4*len(buf)) / s / 1e9
}

// dispatchNS is the cost of one call of the smallest operator there is.
func dispatchNS(int) float64 {
	const calls = 10_000
	m := kernel.Pack([]float32{0.5}, 1, 1)
	x, y := []float32{1}, []float32{0}
	return seconds(func() {
		for range calls {
			kernel.FC(y, 1, x, 1, 1, m, nil, kernel.None)
		}
	}) * 1e9 / calls
}

// gather looks up random rows of a table that no cache holds.
type gather struct {
	table []float32
	dim   int
}

// Each measurement looks up 64 rows for each of 256 items.
const gatherItems, gatherPooled = 256, 64

// rowNS is the time in which a random row is brought in: the limit of lookups.
func (g gather) rowNS(worker int) float64 {
	return g.each(worker, func(indices []int32) { kernel.GatherLoop(g.table, g.dim, indices) })
}

// sumNS is the time in which SparseLengthsSum brings it in and adds it up.
func (g gather) sumNS(worker int) float64 {
	out, lengths := make([]float32, gatherItems*g.dim), make([]int32, gatherItems)
	for i := range lengths {
		lengths[i] = gatherPooled
	}
	return g.each(worker, func(indices []int32) {
		kernel.SparseLengthsSum(out, g.dim, g.table, g.dim, indices, lengths) // indices are in range
	})
}

// each measures f per row, over fresh indices each time.
func (g gather) each(worker int, f func(indices []int32)) float64 {
	rng := stream.New(uint64(worker), "profile/gather/"+strconv.Itoa(g.dim))
	sets := make([][]int32, trials+1)
	for i := range sets {
		sets[i] = draw(rng, gatherItems*gatherPooled, len(g.table)/g.dim)
	}
	next := 0
	s := seconds(func() {
		f(sets[next])
		next++
	})
	return s * 1e9 / (gatherItems * gatherPooled)
}

func draw(rng *rand.Rand, n, rows int) []int32 {
	idx := make([]int32, n)
	for i := range idx {
		idx[i] = rng.Int32N(int32(rows))
	}
	return idx
}
