package accel

import (
	"cmp"
	"slices"
	"time"

	"runexp/hw"
	"runexp/models"
	"runexp/models/op"
	"runexp/stages/record"
)

// publishedBatches are the batches taken from the T4 data, which have every
// tenth up to 1000: doublings, so that knots are evenly spaced in log batch.
var publishedBatches = []int{10, 20, 40, 80, 160, 320, 640, 1000}

// Rows gathers the rows of both tables, sorted by key. Doubts about them go to
// warn.
func Rows(c Config, warn func(format string, args ...any)) ([]record.AccelLatency, []record.AccelOp, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	var latencies []record.AccelLatency
	var ops []record.AccelOp
	for _, m := range c.Models {
		g, err := models.Describe(m, models.Options{Variant: c.Variant})
		if err != nil {
			return nil, nil, err
		}
		standard := isStandard(m, g)
		for _, name := range c.Accelerators {
			device, _ := hw.AccelByName(name) // Validate knows it
			published := publishedRows(m.Name(), name)
			if len(published) > 0 && !standard {
				warn("%s is not the standard graph of that name: the published figures of %s do not describe it and are left out", m.Name(), name)
				published = nil
			}
			latencies = append(latencies, published...)
			l, o := rooflineRows(m.Name(), g, device, c.BatchSizes)
			latencies, ops = append(latencies, l...), append(ops, o...)
			if tables := float64(g.TableBytes()); tables > device.MemoryBytes.Value {
				warn("the tables of %s (%.1f GB) do not fit the memory of %s", m.Name(), tables/1e9, name)
			}
		}
	}
	if len(c.Accelerators) > 0 {
		warn("roofline times are lower bounds: launches and data-sheet peak or bandwidth, in accel_latency with one copy each way; frameworks load data more slowly")
	}
	users, err := userRows(c, warn)
	if err != nil {
		return nil, nil, err
	}
	latencies = append(latencies, users...)
	slices.SortStableFunc(latencies, compareLatency)
	return latencies, ops, nil
}

func compareLatency(a, b record.AccelLatency) int {
	return cmp.Or(
		cmp.Compare(a.Model, b.Model), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.BatchSize, b.BatchSize), cmp.Compare(a.Rep, b.Rep))
}

// isStandard reports whether a graph has the layers of the embedded model of its
// name, the number of MT-WnD's towers aside: nobody published how many
// towers the figures have.
func isStandard(m models.Config, g *models.Graph) bool {
	def, err := models.ByName(m.Name())
	if err != nil {
		return false
	}
	def.Tasks = m.Tasks
	want, err := models.Describe(def, models.Options{})
	return err == nil && want.SameLayers(g)
}

// publishedRows returns what others measured on a device: ratios for the
// GTX 1080 Ti, medians for the T4.
func publishedRows(model, device string) []record.AccelLatency {
	var rows []record.AccelLatency
	switch device {
	case "gtx1080ti":
		for _, s := range hw.GTX1080TiSpeedups() {
			if s.Model == model {
				rows = append(rows, record.AccelLatency{
					Model: model, Platform: device, Source: record.PublishedRatio, Workers: 1,
					BatchSize: int32(s.Batch), Speedup: &s.Ratio,
				})
			}
		}
	case "t4":
		for _, k := range hw.KairosLatency() {
			if k.Model == model && k.Instance == hw.KairosT4 && slices.Contains(publishedBatches, k.Batch) {
				rows = append(rows, absolute(model, device, record.Published, k.Batch, k.TransferP50, k.ComputeP50))
			}
		}
	}
	return rows
}

// absolute is a row whose total is the sum of its parts.
func absolute(model, device, source string, batch int, transfer, compute time.Duration) record.AccelLatency {
	t, c := transfer.Nanoseconds(), compute.Nanoseconds()
	total := t + c
	return record.AccelLatency{
		Model: model, Platform: device, Source: source, Workers: 1, BatchSize: int32(batch),
		TransferNS: &t, ComputeNS: &c, TotalNS: &total,
	}
}

// rooflineRows models a device: every operator takes its launches and the
// larger of its two roofs, one after the other, between one copy in and one
// out. The time of each operator kind goes to accel_op.
func rooflineRows(model string, g *models.Graph, device hw.Accelerator, batches []int) ([]record.AccelLatency, []record.AccelOp) {
	var latencies []record.AccelLatency
	var ops []record.AccelOp
	for _, batch := range batches {
		byKind := map[op.Kind]*record.AccelOp{}
		var compute int64
		for _, o := range g.Ops {
			cost := o.Cost(batch)
			work := hw.Work{FLOPs: float64(cost.FLOPs), Bytes: float64(cost.Bytes)}
			ns := int64(device.KernelNS(hw.Typical, work) + device.LaunchesNS(hw.Typical, cost.Launches) + 0.5)
			row := byKind[o.Kind()]
			if row == nil {
				row = &record.AccelOp{
					Model: model, Platform: device.Name, Source: record.Roofline,
					BatchSize: int32(batch), OpKind: string(o.Kind()),
				}
				byKind[o.Kind()] = row
			}
			row.TimeNS += ns
			row.FLOPs += cost.FLOPs
			row.Bytes += cost.Bytes
			row.Launches += int32(cost.Launches)
			compute += ns
		}
		transfer := time.Duration(device.TransferNS(hw.Typical, g.InputBytes(batch), g.OutputBytes(batch)) + 0.5)
		latencies = append(latencies, absolute(model, device.Name, record.Roofline, batch, transfer, time.Duration(compute)))
		first := len(ops)
		for _, row := range byKind {
			ops = append(ops, *row)
		}
		slices.SortFunc(ops[first:], func(a, b record.AccelOp) int { return cmp.Compare(a.OpKind, b.OpKind) })
	}
	return latencies, ops
}

// userRows takes the lines of the user's files that this study asks about.
func userRows(c Config, warn func(string, ...any)) ([]record.AccelLatency, error) {
	asked := map[string]bool{}
	for _, m := range c.Models {
		asked[m.Name()] = true
	}
	for _, p := range slices.Concat(c.Accelerators, c.CPUs) {
		asked[p] = true
	}
	var rows []record.AccelLatency
	for _, f := range c.Files {
		samples, err := f.samples(c)
		if err != nil {
			return nil, err
		}
		left := 0
		for _, s := range samples {
			if !asked[s.Model] || !asked[s.Platform] {
				left++
				continue
			}
			rows = append(rows, s.row())
		}
		if left > 0 {
			warn("%s: %d of %d lines are of models or platforms that this experiment does not ask about", f.Path, left, len(samples))
		}
	}
	return rows, nil
}
