package report

import (
	"cmp"
	"fmt"
	"slices"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// The published breakdowns are of these platforms; only they may stand beside
// them as the same machine.
const (
	publishedCPU   = "Skylake"
	publishedAccel = "gtx1080ti"
)

// breakdowns draws where the time goes: measured on each profiled platform
// beside the published Skylake, and the roofline of each accelerator beside
// the published GTX 1080 Ti.
func (in input) breakdowns() ([]drawing, error) {
	var list []drawing
	for _, platform := range distinct(in.OpDetail, func(r record.OpDetail) string { return r.Platform }) {
		rows := where(in.OpDetail, func(r record.OpDetail) bool { return r.Platform == platform })
		var bars pile
		for _, r := range rows {
			bars.add(r.Model, int(r.BatchSize), in.seriesOf(r, rows), r.OpKind, r.MedianNS)
		}
		d, err := in.breakdown(bars, "cpu", "published, "+publishedCPU, figure.Text{
			Title: "Where the time goes: " + in.title(platform),
			Caption: fmt.Sprintf("Measured on %s: %s, one worker; a share is the sum of the operators' median times over the total, which stands beside the bar.",
				platform, "runexp kernels"),
			Notes: in.footnotes(scope{[]string{"profile"}, []string{platform}}),
		})
		if err != nil {
			return nil, err
		}
		list = append(list, drawing{name: "breakdown_" + slug(platform), figure: d,
			cat: []string{in.cat("op_detail", "platform="+platform)}})
	}
	for _, platform := range distinct(in.AccelOp, func(r record.AccelOp) string { return r.Platform }) {
		var bars pile
		for _, r := range in.AccelOp {
			if r.Platform == platform {
				bars.add(r.Model, int(r.BatchSize), record.Roofline, r.OpKind, r.TimeNS)
			}
		}
		device, name := "", ""
		if platform == publishedAccel {
			device, name = "gpu", "published"
		}
		d, err := in.breakdown(bars, device, name, figure.Text{
			Title:   "Where the time goes: " + in.title(platform),
			Caption: "Modelled: roofline of the operators' FLOPs, bytes and launches, copying not included; the total stands beside the bar.",
			Notes:   in.footnotes(scope{[]string{"accel"}, []string{platform}}),
		})
		if err != nil {
			return nil, err
		}
		list = append(list, drawing{name: "breakdown_" + slug(platform), figure: d, folded: platform != publishedAccel,
			cat: []string{in.cat("accel_op", "platform="+platform)}})
	}
	return list, nil
}

// seriesOf names the bar that a row belongs to; the fusion only matters where
// several were profiled.
func (in input) seriesOf(r record.OpDetail, all []record.OpDetail) string {
	if len(distinct(all, func(r record.OpDetail) string { return r.Fusion })) > 1 {
		return r.Platform + ", fusion " + r.Fusion
	}
	return r.Platform
}

// pile collects times per bar and operator kind.
type pile struct {
	keys  []pileKey
	parts map[pileKey][]part
}

type pileKey struct {
	model  string
	batch  int
	series string
}

type part struct {
	kind string
	ns   int64
}

func (p *pile) add(model string, batch int, series, kind string, ns int64) {
	if p.parts == nil {
		p.parts = map[pileKey][]part{}
	}
	k := pileKey{model, batch, series}
	if _, ok := p.parts[k]; !ok {
		p.keys = append(p.keys, k)
	}
	for i, q := range p.parts[k] {
		if q.kind == kind {
			p.parts[k][i].ns += ns
			return
		}
	}
	p.parts[k] = append(p.parts[k], part{kind, ns})
}

// breakdown draws a pile, with the published shares of the same models and
// batch sizes beside it.
func (in input) breakdown(bars pile, device, name string, text figure.Text) (*figure.Figure, error) {
	d := figure.BreakdownData{Text: text, Series: distinct(bars.keys, func(k pileKey) string { return k.series })}
	for _, k := range bars.keys {
		b := figure.BreakdownBar{Model: k.model, Batch: k.batch, Series: slices.Index(d.Series, k.series)}
		var total int64
		for _, q := range bars.parts[k] {
			total += q.ns
		}
		if total <= 0 {
			return nil, fmt.Errorf("report: breakdown: %s: batch %d: no time was spent", k.model, k.batch)
		}
		b.Total = nanos(total)
		for _, q := range bars.parts[k] {
			b.Shares = append(b.Shares, figure.Share{Kind: q.kind, Fraction: float64(q.ns) / float64(total)})
		}
		d.Bars = append(d.Bars, b)
	}
	if published := in.publishedBars(device, bars.keys, len(d.Series)); len(published) > 0 {
		d.Series = append(d.Series, name)
		d.Bars = append(d.Bars, published...)
		d.Caption += " Published: shares of the DeepRecSys release (Caffe2)."
	}
	d.Bars = byModel(in, d.Bars, func(b figure.BreakdownBar) string { return b.Model })
	return figure.Breakdown(d)
}

// publishedBars are the published shares of the models drawn. The printed
// shares add up to 100 within rounding; they are scaled to exactly one.
func (in input) publishedBars(device string, keys []pileKey, series int) []figure.BreakdownBar {
	models := distinct(keys, func(k pileKey) string { return k.model })
	rows := where(in.Published.Breakdown, func(r PublishedShare) bool {
		return r.Device == device && slices.Contains(models, r.Model)
	})
	type key struct {
		model string
		batch int
	}
	var bars []figure.BreakdownBar
	for _, k := range distinct(rows, func(r PublishedShare) key { return key{r.Model, r.Batch} }) {
		b := figure.BreakdownBar{Model: k.model, Batch: k.batch, Series: series}
		sum := 0.0
		for _, r := range rows {
			if (key{r.Model, r.Batch}) == k {
				sum += r.Percent
				b.Shares = append(b.Shares, figure.Share{Kind: r.Kind, Fraction: r.Percent})
			}
		}
		for i := range b.Shares {
			b.Shares[i].Fraction /= sum
		}
		bars = append(bars, b)
	}
	return bars
}

// dominant is the operator kind that takes most of one forward pass.
type dominant struct {
	model    string
	batch    int
	platform string
	kind     string
	share    float64
	totalNS  int64
}

// dominants lists, for every profiled model at its smallest and largest batch,
// the operator kind that takes most of the time.
func (in input) dominants() []dominant {
	var bars pile
	for _, r := range in.OpDetail {
		bars.add(r.Model, int(r.BatchSize), in.seriesOf(r, in.OpDetail), r.OpKind, r.MedianNS)
	}
	var all []dominant
	for _, k := range bars.keys {
		var total int64
		for _, q := range bars.parts[k] {
			total += q.ns
		}
		top := slices.MaxFunc(bars.parts[k], func(a, b part) int { return cmp.Compare(a.ns, b.ns) })
		all = append(all, dominant{k.model, k.batch, k.series, top.kind, float64(top.ns) / float64(max(total, 1)), total})
	}
	all = where(all, func(d dominant) bool {
		same := where(all, func(e dominant) bool { return e.model == d.model && e.platform == d.platform })
		smaller := func(a, b dominant) int { return cmp.Compare(a.batch, b.batch) }
		return d.batch == slices.MinFunc(same, smaller).batch || d.batch == slices.MaxFunc(same, smaller).batch
	})
	return byModel(in, all, func(d dominant) string { return d.model })
}
