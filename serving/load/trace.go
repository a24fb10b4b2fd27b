package load

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
)

// Trace is a recorded series of queries, replayed in order and from the start
// again when it ends. It is an arrival process, stretched or squeezed to the
// rate asked for, and a law of sizes; used as both, every query keeps its size.
type Trace struct {
	name  string
	gaps  []float64 // before each query, in mean gaps; the first, unrecorded one is 1
	sizes []int32
	most  int
}

// NewTrace takes the times, in seconds from any origin, and sizes of at least
// two queries in order of arrival. Sizes above maxQuery are clipped to it.
func NewTrace(name string, times []float64, sizes []int, maxQuery int) (*Trace, error) {
	if err := checkTrace(times, sizes); err != nil {
		return nil, err
	}
	t := &Trace{name: name}
	mean := (times[len(times)-1] - times[0]) / float64(len(times)-1)
	for i := range times {
		gap := mean
		if i > 0 {
			gap = times[i] - times[i-1]
		}
		size := min(sizes[i], maxQuery)
		t.gaps, t.sizes = append(t.gaps, gap/mean), append(t.sizes, int32(size))
		t.most = max(t.most, size)
	}
	return t, nil
}

func checkTrace(times []float64, sizes []int) error {
	if len(times) < 2 || len(times) != len(sizes) {
		return fmt.Errorf("%d times and %d sizes, where 2 queries are needed", len(times), len(sizes))
	}
	for i := range times {
		switch {
		case i > 0 && !(times[i] >= times[i-1]):
			return fmt.Errorf("query %d: time %v does not ascend after %v", i+1, times[i], times[i-1])
		case sizes[i] < 1:
			return fmt.Errorf("query %d: size %d is not at least 1", i+1, sizes[i])
		}
	}
	if span := times[len(times)-1] - times[0]; !(span > 0) || math.IsInf(span, 0) {
		return fmt.Errorf("all queries arrive at %v", times[0])
	}
	return nil
}

// Name implements Arrivals and Sizes.
func (t *Trace) Name() string { return t.name }

// Max implements Sizes.
func (t *Trace) Max() int { return t.most }

// Expect implements Sizes over one pass of the trace.
func (t *Trace) Expect(f func(size int) float64) float64 {
	sum := 0.0
	for _, size := range t.sizes {
		sum += f(int(size))
	}
	return sum / float64(len(t.sizes))
}

// Gaps implements Arrivals. Nothing is random.
func (t *Trace) Gaps(_ *rand.Rand, rateQPS float64) func(dst []float64) {
	next := 0
	return func(dst []float64) {
		for i := range dst {
			dst[i] = t.gaps[next] / rateQPS
			next = (next + 1) % len(t.gaps)
		}
	}
}

// Draws implements Sizes. Nothing is random.
func (t *Trace) Draws(*rand.Rand) func(dst []int32) {
	next := 0
	return func(dst []int32) {
		for i := range dst {
			dst[i] = t.sizes[next]
			next = (next + 1) % len(t.sizes)
		}
	}
}

// readTrace reads a CSV file with the columns time_s and size.
func readTrace(path string, maxQuery int) (*Trace, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("no header: %w", err)
	}
	timeCol, sizeCol := slices.Index(header, "time_s"), slices.Index(header, "size")
	if timeCol < 0 || sizeCol < 0 {
		return nil, fmt.Errorf("columns %q lack time_s or size", header)
	}
	var times []float64
	var sizes []int
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return NewTrace("trace:"+path, times, sizes, maxQuery)
		}
		if err != nil {
			return nil, err // says which line
		}
		line, _ := r.FieldPos(0)
		at, err := strconv.ParseFloat(fields[timeCol], 64)
		if err != nil || math.IsNaN(at) || math.IsInf(at, 0) {
			return nil, fmt.Errorf("line %d: time_s %q is not a number of seconds", line, fields[timeCol])
		}
		size, err := strconv.Atoi(fields[sizeCol])
		if err != nil {
			return nil, fmt.Errorf("line %d: size %q is not a number of items", line, fields[sizeCol])
		}
		times, sizes = append(times, at), append(sizes, size)
	}
}
