package report

import "fmt"

// File is one output; Name is relative to the experiment's folder.
type File struct {
	Name string
	Data []byte
}

// Render draws every figure that the tables support, as SVG and PNG, and the
// page that holds them. step is told about each figure as it is done.
func Render(cfg Config, t Tables, step func(done, total int, what string)) ([]File, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	in := input{cfg, t}
	drawings, err := in.drawings()
	if err != nil {
		return nil, err
	}
	var files []File
	for i, d := range drawings {
		step(i, len(drawings)+1, d.name)
		svg, err := d.figure.SVG()
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", d.name, err)
		}
		png, err := d.figure.PNG()
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", d.name, err)
		}
		files = append(files, File{"figures/" + d.name + ".svg", svg}, File{"figures/" + d.name + ".png", png})
	}
	step(len(drawings), len(drawings)+1, "report.html")
	page, err := in.page(drawings)
	if err != nil {
		return nil, err
	}
	return append(files, File{"report.html", page}), nil
}

// drawings draws the wanted figures, in the order in which the page shows them.
func (in input) drawings() ([]drawing, error) {
	var list []drawing
	for _, k := range []struct {
		kind string
		draw func() ([]drawing, error)
	}{
		{"gain", in.gains}, {"efficiency", in.efficiencies}, {"breakdown", in.breakdowns}, {"speedup", in.speedups},
		{"latency", in.latencies}, {"tail", in.tails}, {"batch", in.batches}, {"heat", in.heats},
	} {
		if !in.wants(k.kind) {
			continue
		}
		drawn, err := k.draw()
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", k.kind, err)
		}
		list = append(list, drawn...)
	}
	return list, nil
}
