package report

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"runexp/internal/parallel"
)

// File is one output; Name is relative to the experiment's folder.
type File struct {
	Name string
	Data []byte
}

// Render draws every figure that the tables support, as SVG and PNG, and the
// page that holds them. step is told about each figure as it is done, one call
// at a time.
func Render(ctx context.Context, cfg Config, t Tables, step func(done, total int, what string)) ([]File, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	in := input{cfg, t}
	drawings, err := in.drawings()
	if err != nil {
		return nil, err
	}
	files := make([]File, 2*len(drawings)) // figure i is files 2i and 2i+1
	var mu sync.Mutex
	done := 0
	err = parallel.Each(ctx, runtime.GOMAXPROCS(0), len(drawings), func(_ context.Context, i int) error {
		if err := drawings[i].render(files[2*i : 2*i+2]); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		done++
		step(done, len(drawings)+1, drawings[i].name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	page, err := in.page(drawings)
	if err != nil {
		return nil, err
	}
	step(len(drawings)+1, len(drawings)+1, "report.html")
	return append(files, File{"report.html", page}), nil
}

// render fills the two files of a figure.
func (d drawing) render(files []File) error {
	svg, err := d.figure.SVG()
	if err != nil {
		return fmt.Errorf("report: %s: %w", d.name, err)
	}
	png, err := d.figure.PNG()
	if err != nil {
		return fmt.Errorf("report: %s: %w", d.name, err)
	}
	files[0], files[1] = File{"figures/" + d.name + ".svg", svg}, File{"figures/" + d.name + ".png", png}
	return nil
}

// drawings draws the wanted figures, in the order in which the page shows them.
func (in input) drawings() ([]drawing, error) {
	var list []drawing
	for _, k := range []struct {
		kind string
		draw func() ([]drawing, error)
	}{
		{"fleet", in.fleets}, {"gain", in.gains}, {"efficiency", in.efficiencies}, {"breakdown", in.breakdowns}, {"speedup", in.speedups},
		{"latency", in.latencies}, {"tail", in.tails}, {"overload", in.overloads}, {"mix", in.mixes}, {"batch", in.batches}, {"heat", in.heats},
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
