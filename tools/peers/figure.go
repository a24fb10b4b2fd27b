package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"runexp/hw"
	"runexp/internal/atomicfile"
	"runexp/internal/figure"
)

// drawFigure writes peers.svg and peers.png.
func drawFigure(dir string, rows []Point) error {
	f, err := figure.Peers(figureData(rows))
	if err != nil {
		return err
	}
	for name, render := range map[string]func() ([]byte, error){"peers.svg": f.SVG, "peers.png": f.PNG} {
		data, err := render()
		if err != nil {
			return err
		}
		if err := atomicfile.WriteBytes(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

// pageNames are what a reader calls the kinds of page.
var pageNames = map[string]string{"4k": "4 KiB pages", "thp": "huge pages"}

// figureData turns rows into lines, one per model and engine.
func figureData(rows []Point) figure.PeersData {
	var d figure.PeersData
	var versions []string
	lines := map[string]int{}
	for _, q := range rows {
		name := fmt.Sprintf("%s, %s", q.Engine, pageNames[q.Pages])
		if !slices.Contains(d.Series, name) {
			d.Series = append(d.Series, name)
		}
		if v := q.Engine + " " + q.Version; !slices.Contains(versions, v) {
			versions = append(versions, v)
		}
		i, found := lines[q.Model+name]
		if !found {
			i = len(d.Lines)
			lines[q.Model+name] = i
			d.Lines = append(d.Lines, figure.PeersLine{Model: q.Model, Series: slices.Index(d.Series, name)})
		}
		d.Lines[i].Points = append(d.Lines[i].Points, figure.PeersPoint{
			Batch: int(q.BatchSize), Ratio: q.RatioMedian, Min: q.RatioMin,
			Lo: min(q.RatioLo, q.RatioMedian), Hi: max(q.RatioHi, q.RatioMedian),
		})
	}
	d.Title = "Other engines beside runexp"
	d.Caption = fmt.Sprintf("Measured on %s: latency of %s over that of runexp, medians; full-size tables, one thread, the same parameters "+
		"and fresh inputs, in turns within one run. Bars: 10th to 90th percentile over turns. Small marks: the shortest times.",
		hw.Host().Title, strings.Join(versions, " and "))
	return d
}
