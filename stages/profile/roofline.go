package profile

import (
	"runexp/hw"
	"runexp/models/op"
	"runexp/stages/record"
)

// roofline is this machine as measured, for one model.
type roofline struct {
	rates hw.Rates
	at    hw.Residence
}

// roof puts the measured figures of one worker over what the system says of
// the machine, and places the weights and tables of a pass in its caches.
func roof(calibration []record.Calibration, ops []op.Operator, batch int) roofline {
	r := hw.Host().Rates(hw.Typical, hw.HostPages())
	for _, c := range calibration {
		if c.Workers == 1 {
			override(&r, c)
		}
	}
	load := hw.Load{Active: 1, Shared: true}
	for _, o := range ops {
		c := o.Cost(batch)
		load.Weights += float64(c.WeightBytes)
		load.Tables += float64(c.TableBytes)
		load.Gather += float64(c.Rows * c.RowBytes)
	}
	return roofline{rates: r, at: r.Place(load)}
}

func override(r *hw.Rates, c record.Calibration) {
	switch c.Metric + " " + c.Level {
	case "fma_gflops core":
		r.GFLOPS = c.Value
	case "stream_gbps l2":
		r.L2GBps = c.Value
	case "stream_gbps l3":
		r.L3GBps = c.Value
	case "stream_gbps dram":
		r.DRAMGBps = c.Value
	case "row_ns 128":
		r.Row128NS = c.Value
	case "row_ns 256":
		r.Row256NS = c.Value
	}
}

// timeNS is the least time of one operator on this machine.
func (r roofline) timeNS(c op.Cost) float64 {
	return r.rates.TimeNS(hw.Work{
		FLOPs: float64(c.FLOPs), Bytes: float64(c.Bytes), WeightBytes: float64(c.WeightBytes),
		Rows: float64(c.Rows), RowBytes: float64(c.RowBytes),
	}, r.at)
}
