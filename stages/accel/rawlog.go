package accel

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// perBatch is how many times the old release prints for each batch size; the
// last of them is the total.
const perBatch = 6

// maxBatches bounds a log: the sweep that wrote them stops at 4^5.
const maxBatches = 6

// ReadRawLog parses a log of the old release's accelerator sweep: of all lines
// only those holding *** count, each with one time in ms after the last
// asterisk; six belong to each batch size 4^0, 4^1, ... 4^5, and the sixth is
// the total. The log names neither model nor device.
func ReadRawLog(name string, r io.Reader, model, platform string) ([]Sample, error) {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	var out []Sample
	line, times := 0, 0
	for scan.Scan() {
		line++
		text := scan.Text()
		if !strings.Contains(text, "***") {
			continue
		}
		ms, err := starred(text)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, line, err)
		}
		if times++; times%perBatch != 0 {
			continue
		}
		batch := 1 << (2 * len(out))
		if len(out) == maxBatches {
			return nil, fmt.Errorf("%s: line %d: more than %d *** lines", name, line, perBatch*maxBatches)
		}
		out = append(out, Sample{
			Model: model, Platform: platform, Workers: 1, Batch: batch,
			Latency: max(1, time.Duration(math.Round(ms*float64(time.Millisecond)))),
		})
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("%s: line %d: %w", name, line+1, err)
	}
	if times == 0 || times%perBatch != 0 {
		return nil, fmt.Errorf("%s: %d *** lines are not six for each batch size", name, times)
	}
	return out, nil
}

// starred is the number between the last asterisk and "ms".
func starred(text string) (float64, error) {
	v := text[strings.LastIndexByte(text, '*')+1:]
	if i := strings.LastIndex(v, "ms"); i >= 0 {
		v = v[:i]
	}
	ms, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || math.IsNaN(ms) || !(ms > 0) || ms > float64(longest.Milliseconds()) {
		return 0, fmt.Errorf("%q is not a positive number of milliseconds after ***", strings.TrimSpace(v))
	}
	return ms, nil
}
