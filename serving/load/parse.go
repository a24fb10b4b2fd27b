package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// DefaultMaxQuery is the largest query, in items, unless a user says otherwise.
const DefaultMaxQuery = 1000

// largestMax bounds the table of a law of sizes.
const largestMax = 1 << 20

// ParseArrivals reads a spec of an arrival process:
//
//	poisson                      memoryless
//	fixed                        a clock
//	gamma:CV                     independent gaps of that coefficient of variation
//	mmpp:PEAK,SHARE,LENGTH       bursts at PEAK times the mean rate that take a
//	                             SHARE of time and last LENGTH mean gaps
//	diurnal:PEAK,PERIOD          a sine that peaks at PEAK times the mean rate
//	seed_gap                     whole milliseconds, as the DeepRecSys release
//	trace:PATH                   a CSV file of time_s and size, scaled to the rate
func ParseArrivals(spec string) (Arrivals, error) {
	a, err := parseArrivals(spec)
	if err != nil {
		return nil, fmt.Errorf("arrivals %q: %w", spec, err)
	}
	return a, nil
}

func parseArrivals(spec string) (Arrivals, error) {
	kind, arg, _ := strings.Cut(spec, ":")
	switch kind {
	case "poisson":
		return poisson{}, none(arg)
	case "fixed":
		return fixed{}, none(arg)
	case "seed_gap":
		return seedGap{}, none(arg)
	case "gamma":
		v, err := numbers(arg, "CV")
		if err == nil && !(v[0] >= 0.001 && v[0] <= 1000) {
			err = fmt.Errorf("CV %v is not between 0.001 and 1000", v[0])
		}
		if err != nil {
			return nil, err
		}
		return gamma{v[0]}, nil
	case "mmpp":
		return parseMMPP(arg)
	case "diurnal":
		return parseDiurnal(arg)
	case "trace":
		return readTrace(arg, math.MaxInt32)
	}
	return nil, fmt.Errorf("unknown; want poisson, fixed, gamma:CV, mmpp:PEAK,SHARE,LENGTH, diurnal:PEAK,PERIOD, seed_gap or trace:PATH")
}

// shortestBurst bounds the work of drawing a gap: bursts come and go that often.
const shortestBurst = 0.001

func parseMMPP(arg string) (Arrivals, error) {
	v, err := numbers(arg, "PEAK", "SHARE", "LENGTH")
	if err != nil {
		return nil, err
	}
	switch m := (mmpp{v[0], v[1], v[2]}); {
	case !(m.peak > 0):
		return nil, fmt.Errorf("PEAK %v is not positive", m.peak)
	case !(m.share > 0 && m.share < 1):
		return nil, fmt.Errorf("SHARE %v is not between 0 and 1", m.share)
	case m.peak*m.share > 1:
		return nil, fmt.Errorf("PEAK %v for a SHARE %v of time is more than all arrivals", m.peak, m.share)
	case !(m.length >= shortestBurst):
		return nil, fmt.Errorf("LENGTH %v is below %v mean gaps, where bursts cannot be told from Poisson arrivals", m.length, shortestBurst)
	default:
		return m, nil
	}
}

func parseDiurnal(arg string) (Arrivals, error) {
	peak, period, ok := strings.Cut(arg, ",")
	if !ok {
		return nil, fmt.Errorf("want PEAK,PERIOD")
	}
	v, err := numbers(peak, "PEAK")
	if err != nil {
		return nil, err
	}
	if !(v[0] >= 1 && v[0] <= 2) {
		return nil, fmt.Errorf("PEAK %v is not between 1 and 2, where the trough is empty", v[0])
	}
	d, err := time.ParseDuration(strings.TrimSpace(period))
	if err != nil || d <= 0 {
		return nil, fmt.Errorf("PERIOD %q is not a positive time such as 24h", period)
	}
	return diurnal{v[0], d}, nil
}

// ParseSizes reads a spec of a law of query sizes, clipped to [1, maxQuery]:
//
//	production           the re-drawn trace of the paper
//	mlperf               the quantile list of MLPerf's DLRM
//	fixed:N              always N items
//	normal:MEAN,SD       cut to whole numbers
//	lognormal:MU,SIGMA   cut to whole numbers
//	file:PATH            equally likely sizes, one per line
//	trace:PATH           the sizes of a CSV file of time_s and size, in order
func ParseSizes(spec string, maxQuery int) (Sizes, error) {
	if maxQuery < 1 || maxQuery > largestMax {
		return nil, fmt.Errorf("largest query: %d is outside [1, %d]", maxQuery, largestMax)
	}
	s, err := parseSizes(spec, maxQuery)
	if err != nil {
		return nil, fmt.Errorf("sizes %q: %w", spec, err)
	}
	return s, nil
}

func parseSizes(spec string, maxQuery int) (Sizes, error) {
	if path, ok := strings.CutPrefix(spec, "trace:"); ok {
		return readTrace(path, maxQuery)
	}
	prob, err := probabilities(spec, maxQuery)
	if err != nil {
		return nil, err
	}
	return newTable(spec, clip(prob, maxQuery)), nil
}

// probabilities returns the law by size, which may go on past maxQuery.
func probabilities(spec string, maxQuery int) ([]float64, error) {
	kind, arg, _ := strings.Cut(spec, ":")
	switch kind {
	case "production":
		return production(), none(arg)
	case "mlperf":
		return mlperf(), none(arg)
	case "fixed":
		n, err := strconv.Atoi(strings.TrimSpace(arg))
		if err != nil || n < 1 || n > maxQuery {
			return nil, fmt.Errorf("%q is not a number of items from 1 to the largest query, %d", arg, maxQuery)
		}
		return equally([]float64{float64(n)}), nil
	case "normal":
		v, err := numbers(arg, "MEAN", "SD")
		if err != nil {
			return nil, err
		}
		return spread(normal(v[0], v[1]), "SD", v[1], maxQuery)
	case "lognormal":
		v, err := numbers(arg, "MU", "SIGMA")
		if err != nil {
			return nil, err
		}
		return spread(lognormal(v[0], v[1]), "SIGMA", v[1], maxQuery)
	case "file":
		return readSizes(arg, maxQuery)
	}
	return nil, fmt.Errorf("unknown; want production, mlperf, fixed:N, normal:MEAN,SD, lognormal:MU,SIGMA, file:PATH or trace:PATH")
}

func spread(below func(float64) float64, name string, width float64, maxQuery int) ([]float64, error) {
	if !(width > 0) {
		return nil, fmt.Errorf("%s %v is not positive", name, width)
	}
	return cut(below, maxQuery), nil
}

// readSizes reads equally likely sizes, one per line, blank lines aside.
func readSizes(path string, maxQuery int) ([]float64, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	var sizes []float64
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		size, err := strconv.ParseFloat(line, 64)
		if err != nil || !(size >= 1) || math.IsInf(size, 0) {
			return nil, fmt.Errorf("line %d: %q is not a number of items", i+1, line)
		}
		sizes = append(sizes, min(size, float64(maxQuery)))
	}
	if len(sizes) == 0 {
		return nil, fmt.Errorf("no size in the file")
	}
	return equally(sizes), nil
}

// none refuses an argument where there is nothing to choose.
func none(arg string) error {
	if arg != "" {
		return fmt.Errorf("it takes no argument, not %q", arg)
	}
	return nil
}

// numbers reads comma-separated finite numbers, one for each name.
func numbers(arg string, names ...string) ([]float64, error) {
	fields := strings.Split(arg, ",")
	if len(fields) != len(names) {
		return nil, fmt.Errorf("want %s after the colon, not %q", strings.Join(names, ","), arg)
	}
	values := make([]float64, len(fields))
	for i, field := range fields {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s %q is not a number", names[i], field)
		}
		values[i] = v
	}
	return values, nil
}
