package hw

import (
	"slices"
	"strconv"
)

// Measurement is one figure of a machine as timed on it, with the fields of a
// row of the profile's calibration table.
type Measurement struct {
	Platform string
	Metric   string // fma_gflops, stream_gbps, row_ns; others are not figures of a CPU
	Level    string // core, l2, l3, dram; row_ns: bytes of a row
	Workers  int32  // cores that were measured at once
	Value    float64
	Unit     string
}

const measuredSource = "measured by the profile stage"

// Calibrated returns the machine with what was measured in place of what was
// assumed: the figures of one core from one worker, the bandwidth of a socket
// from the most workers. Rows of tables were measured on one kind of pages.
func (c CPU) Calibrated(measured []Measurement, pages string) CPU {
	c.Rows = slices.Clone(c.Rows)
	most := int32(0)
	for _, m := range measured {
		most = max(most, m.Workers)
	}
	for _, m := range measured {
		if m.Workers == most && m.Metric == "stream_gbps" && m.Level == "dram" {
			c.SocketGBps = exact(m.Value*float64(most)/float64(c.Sockets), m.Unit, measuredSource+", all cores at once")
		}
		if m.Workers == 1 {
			c.calibrate(m, pages)
		}
	}
	return c
}

// calibrate takes a figure of one core.
func (c *CPU) calibrate(m Measurement, pages string) {
	figure := exact(m.Value, m.Unit, measuredSource)
	switch m.Metric + " " + m.Level {
	case "fma_gflops core":
		c.PeakGFLOPS = figure
	case "stream_gbps l2":
		c.L2GBps = figure
	case "stream_gbps l3":
		c.L3GBps = figure
	case "stream_gbps dram":
		c.DRAMGBps = figure
	}
	if bytes, err := strconv.Atoi(m.Level); err == nil && m.Metric == "row_ns" {
		i := slices.IndexFunc(c.Rows, func(r RowTime) bool { return r.Bytes == bytes && r.Page == pages })
		if i >= 0 {
			c.Rows[i].NS = figure
		}
	}
}
