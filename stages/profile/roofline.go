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

// hostRates is what the system says of this machine, with the measured figures
// in place of the assumed ones.
func hostRates(calibration []record.Calibration) hw.Rates {
	measured := make([]hw.Measurement, len(calibration))
	for i, c := range calibration {
		measured[i] = hw.Measurement(c)
	}
	pages := hw.HostPages()
	return hw.Host().Calibrated(measured, pages).Rates(hw.Typical, pages)
}

// roof places the weights and tables of a pass in the caches of a machine.
func roof(r hw.Rates, ops []op.Operator, batch int) roofline {
	load := hw.Load{Active: 1, Shared: true}
	for _, o := range ops {
		c := o.Cost(batch)
		load.Weights += float64(c.WeightBytes)
		load.Tables += float64(c.TableBytes)
		load.Gather += float64(c.Rows * c.RowBytes)
	}
	return roofline{rates: r, at: r.Place(load)}
}

// timeNS is the least time of one operator on this machine.
func (r roofline) timeNS(c op.Cost) float64 {
	return r.rates.TimeNS(hw.Work{
		FLOPs: float64(c.FLOPs), Bytes: float64(c.Bytes), WeightBytes: float64(c.WeightBytes),
		Rows: float64(c.Rows), RowBytes: float64(c.RowBytes),
	}, r.at)
}
