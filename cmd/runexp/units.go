package main

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// si writes a quantity with three digits and a decimal prefix: 1.25M.
func si(x float64) string {
	for _, p := range []struct {
		scale  float64
		prefix string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(x) >= p.scale {
			return strconv.FormatFloat(x/p.scale, 'g', 3, 64) + p.prefix
		}
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

// duration writes nanoseconds in the unit that suits them.
func duration(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return fmt.Sprintf("%.3g s", d.Seconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.3g ms", float64(d)/1e6)
	case d >= time.Microsecond:
		return fmt.Sprintf("%.3g us", float64(d)/1e3)
	default:
		return fmt.Sprintf("%d ns", ns)
	}
}

// count writes a whole number.
func count(n int) string { return strconv.Itoa(n) }
