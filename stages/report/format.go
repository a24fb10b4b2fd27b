package report

import (
	"fmt"
	"math"
	"strconv"
)

// Numbers on the page carry three significant digits: more than the intervals
// warrant, fewer than would suggest they were exact. The tables have them all.

// significant writes v with three significant digits, without exponent.
func significant(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	scale := math.Pow(10, float64(digits))
	return strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64)
}

// rate writes a rate with thousands as k and millions as M.
func rate(v float64) string {
	switch {
	case v >= 0.9995e6:
		return significant(v/1e6) + "M"
	case v >= 9.995e3:
		return significant(v/1e3) + "k"
	}
	return significant(v)
}

// duration writes nanoseconds with a unit.
func duration(ns int64) string {
	v := float64(ns)
	switch {
	case v >= 0.9995e9:
		return significant(v/1e9) + " s"
	case v >= 0.9995e6:
		return significant(v/1e6) + " ms"
	case v >= 0.9995e3:
		return significant(v/1e3) + " µs"
	}
	return significant(v) + " ns"
}

func percent(share float64) string { return significant(100*share) + " %" }

func times(ratio float64) string { return significant(ratio) + "×" }

// between writes an interval.
func between(lo, hi float64, format func(float64) string) string {
	return fmt.Sprintf("(%s–%s)", format(lo), format(hi))
}
