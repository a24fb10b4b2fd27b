package report

import (
	"cmp"
	"fmt"
	"slices"

	"runexp/internal/figure"
	"runexp/stages/record"
)

// searchKey names the search results that can be compared with each other.
type searchKey struct {
	node      Node
	servers   int32
	sizes     string
	tunedOn   string
	objective string
}

func searchOfGrid(r record.MaxQPS) searchKey {
	return searchKey{Node{r.CPUPlatform, r.Engine, r.AccelPlatform}, r.Servers, r.SizeDist, r.TunedOn, r.Objective}
}

func searchOfPoint(r record.OperatingPoint) searchKey {
	return searchKey{Node{r.CPUPlatform, r.Engine, r.AccelPlatform}, r.Servers, r.SizeDist, r.TunedOn, r.Objective}
}

const jointPolicy = "joint"

// policyTitles are the searches in the order in which they are marked.
var policyTitles = []struct{ name, title string }{
	{staticPolicy, "static"}, {"deeprecsched", "DeepRecSched"},
	{"seed_hillclimb", "hill climb of the release"}, {jointPolicy, "joint search"}, {"exhaustive", "exhaustive"},
}

func policyTitle(name string) string {
	for _, p := range policyTitles {
		if p.name == name {
			return p.title
		}
	}
	return name
}

// gridRows groups the evaluated settings by search, headline node first.
func (in input) gridRows() (keys []searchKey, rows map[searchKey][]record.MaxQPS) {
	rows = map[searchKey][]record.MaxQPS{}
	for _, r := range in.Grid {
		rows[searchOfGrid(r)] = append(rows[searchOfGrid(r)], r)
	}
	for _, node := range in.machines() {
		keys = append(keys, where(distinct(in.Grid, searchOfGrid), func(k searchKey) bool { return k.node == node })...)
	}
	return keys, rows
}

// batches draws throughput over batch size for nodes without an accelerator.
func (in input) batches() ([]drawing, error) {
	var list []drawing
	used := map[string]int{}
	keys, rows := in.gridRows()
	for _, k := range keys {
		if k.node.Accel != record.None {
			continue
		}
		d, err := in.batchDrawing(k, rows[k], used)
		if err != nil {
			return nil, err
		}
		d.folded = len(list) > 0
		list = append(list, d)
	}
	return list, nil
}

// heats draws throughput over both knobs for nodes with an accelerator, one
// figure per target.
func (in input) heats() ([]drawing, error) {
	var list []drawing
	used := map[string]int{}
	keys, rows := in.gridRows()
	for _, k := range keys {
		if k.node.Accel == record.None {
			continue
		}
		for _, target := range distinct(rows[k], func(r record.MaxQPS) string { return r.Target }) {
			d, err := in.heatDrawing(k, target, where(rows[k], func(r record.MaxQPS) bool { return r.Target == target }), used)
			if err != nil {
				return nil, err
			}
			d.folded = len(list) > 0
			list = append(list, d)
		}
	}
	return list, nil
}

func (in input) searchCaption(k searchKey) string {
	s := fmt.Sprintf("Simulated: %s query sizes", k.sizes)
	if k.tunedOn != k.sizes {
		s += ", policy tuned on " + k.tunedOn
	}
	if k.servers > 1 {
		s += fmt.Sprintf(", %d servers", k.servers)
	}
	return s + "." + in.served(k.node)
}

func (in input) gridCat(k searchKey) []string {
	c := []string{"cpu_platform=" + k.node.CPU, "engine=" + k.node.Engine, "accel_platform=" + k.node.Accel}
	return []string{in.cat("max_qps", c...), in.cat("operating_point", c...)}
}

func (in input) batchDrawing(k searchKey, rows []record.MaxQPS, used map[string]int) (drawing, error) {
	d := figure.BatchData{Text: figure.Text{
		Title:   "Throughput over batch size: " + in.titleOf(k.node),
		Caption: in.searchCaption(k) + " The largest rate whose p95 meets the target, nothing offloaded; bars: its interval. Zero: no rate meets it.",
		Notes:   in.footnotes(scope{[]string{"fit", "optimize"}, []string{k.node.CPU, k.node.Accel}})}}
	marks := in.marks(k)
	for _, m := range marks {
		d.Marks = append(d.Marks, policyTitle(m))
	}
	rows = byModel(in, rows, func(r record.MaxQPS) string { return r.Model })
	type key struct{ model, target string }
	for _, l := range distinct(rows, func(r record.MaxQPS) key { return key{r.Model, r.Target} }) {
		line := figure.BatchLine{Model: l.model, Label: l.target}
		for _, r := range rows {
			if (key{r.Model, r.Target}) == l && r.OffloadThreshold == 0 {
				line.Points = append(line.Points, figure.BatchPoint{Batch: int(r.BatchSize), QPS: r.MaxQPS,
					Lo: min(r.MaxQPSLo, r.MaxQPS), Hi: hiOf(r.MaxQPS, r.MaxQPSHi)})
			}
		}
		slices.SortFunc(line.Points, func(a, b figure.BatchPoint) int { return cmp.Compare(a.Batch, b.Batch) })
		for _, r := range in.chosen(k, l.model, l.target) {
			if i := slices.Index(marks, r.Policy); i >= 0 {
				line.Choices = append(line.Choices, figure.BatchChoice{Mark: i, Batch: int(r.BatchSize), QPS: r.MaxQPS})
			}
		}
		d.Lines = append(d.Lines, line)
	}
	f, err := figure.Batch(d)
	return drawing{name: numbered(used, "batch_"+slug(k.node.CPU, k.node.Engine)), figure: f, cat: in.gridCat(k)}, err
}

// hiOf is the upper end of an interval. Where nothing meets the target the
// search still bounds the rate from above, which is not an interval to draw.
func hiOf(qps, hi float64) float64 {
	if qps == 0 {
		return 0
	}
	return max(qps, hi)
}

func (in input) heatDrawing(k searchKey, target string, rows []record.MaxQPS, used map[string]int) (drawing, error) {
	d := figure.HeatData{Text: figure.Text{
		Title:   fmt.Sprintf("Throughput over both knobs, %s target: %s", target, in.titleOf(k.node)),
		Caption: in.searchCaption(k) + " A cell is the largest rate whose p95 meets the target at that setting.",
		Notes:   in.footnotes(scope{[]string{"fit", "optimize"}, []string{k.node.CPU, k.node.Accel}})}}
	marks := in.marks(k)
	for _, m := range marks {
		d.Marks = append(d.Marks, policyTitle(m))
	}
	rows = byModel(in, rows, func(r record.MaxQPS) string { return r.Model })
	for _, m := range distinct(rows, func(r record.MaxQPS) string { return r.Model }) {
		n := figure.HeatPanel{Model: m}
		best := 0.0
		for _, r := range rows {
			if r.Model == m {
				best = max(best, r.MaxQPS)
				n.Cells = append(n.Cells, figure.HeatCell{Batch: int(r.BatchSize), Threshold: int(r.OffloadThreshold), QPS: r.MaxQPS})
			}
		}
		n.Detail = "best of grid " + rate(best) + " QPS"
		for _, r := range in.chosen(k, m, target) {
			if i := slices.Index(marks, r.Policy); i >= 0 {
				n.Points = append(n.Points, figure.HeatPoint{Mark: i, Batch: int(r.BatchSize), Threshold: int(r.OffloadThreshold)})
			}
		}
		d.Panels = append(d.Panels, n)
	}
	if slices.ContainsFunc(d.Panels, figure.HeatPanel.Gaps) {
		d.Caption += " Hatched: not evaluated."
	}
	if slices.Contains(marks, jointPolicy) {
		d.Caption += " The joint search also chooses between the cells."
	}
	f, err := figure.Heat(d)
	return drawing{name: numbered(used, "heat_"+slug(k.node.CPU, k.node.Engine, k.node.Accel, target)), figure: f, cat: in.gridCat(k)}, err
}

// marks lists the policies that have choices to mark, in the order of
// policyTitles.
func (in input) marks(k searchKey) []string {
	var marks []string
	for _, p := range policyTitles {
		if slices.ContainsFunc(in.Point, func(r record.OperatingPoint) bool { return searchOfPoint(r) == k && r.Policy == p.name }) {
			marks = append(marks, p.name)
		}
	}
	return marks
}

// chosen are the operating points of a model and target.
func (in input) chosen(k searchKey, model, target string) []record.OperatingPoint {
	return where(in.Point, func(r record.OperatingPoint) bool {
		return searchOfPoint(r) == k && r.Model == model && r.Target == target
	})
}
