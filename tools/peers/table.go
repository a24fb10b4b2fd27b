package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"runexp/internal/atomicfile"
	"runexp/internal/sample"
	"runexp/models"
	"runexp/pipeline/artifact"
)

// Point is one row of the table: a peer and runexp, in turns, on one model and
// batch size. Ratios are the peer's time over runexp's: above 1, runexp is
// faster.
type Point struct {
	Engine       string  `parquet:"engine,dict"`
	Version      string  `parquet:"version,dict"`
	Pages        string  `parquet:"pages,dict"` // that the peer's allocator asks for: 4k or thp
	Model        string  `parquet:"model,dict"`
	BatchSize    int32   `parquet:"batch_size"`
	Reps         int32   `parquet:"reps"` // passes timed, of each
	MinNS        int64   `parquet:"min_ns"`
	P10NS        int64   `parquet:"p10_ns"`
	MedianNS     int64   `parquet:"median_ns"`
	P90NS        int64   `parquet:"p90_ns"`
	OursMinNS    int64   `parquet:"ours_min_ns"`
	OursP10NS    int64   `parquet:"ours_p10_ns"`
	OursMedianNS int64   `parquet:"ours_median_ns"`
	OursP90NS    int64   `parquet:"ours_p90_ns"`
	RatioMin     float64 `parquet:"ratio_min"`    // of the shortest times
	RatioMedian  float64 `parquet:"ratio_median"` // of the medians
	RatioLo      float64 `parquet:"ratio_lo"`     // 10th and 90th percentile of the ratio
	RatioHi      float64 `parquet:"ratio_hi"`     // of medians, turn by turn
	MaxError     float64 `parquet:"max_error"`    // largest difference of outputs, relative to the largest
	HugeShare    float64 `parquet:"huge_share"`   // of the peer's memory that is on huge pages
}

// series collects turns.
type series struct {
	ours, peer []int64
	ratios     []float64 // of the turns' medians
	got, want  []float32 // all outputs
}

// add takes a turn, but for the first pass of each engine: it warms up.
func (s *series) add(t turn) {
	ours, peer := t.ours[1:], t.peer[1:]
	s.ours = append(s.ours, ours...)
	s.peer = append(s.peer, peer...)
	s.ratios = append(s.ratios, sample.Median(peer)/sample.Median(ours))
	s.got, s.want = append(s.got, t.got...), append(s.want, t.want...)
}

// tolerance is how far outputs may differ, as a share of the largest.
const tolerance = 1e-4

// agree reports outputs that differ, and outputs that tell nothing.
func (s *series) agree() error {
	if d := models.RelativeError(s.got, s.want); d > tolerance {
		return fmt.Errorf("outputs differ by %.2g of the largest", d)
	}
	if !slices.ContainsFunc(s.want, func(x float32) bool { return x != s.want[0] }) {
		return fmt.Errorf("outputs are all %g: nothing to compare", s.want[0])
	}
	return nil
}

// point returns the measures of a row.
func (s *series) point() Point {
	slices.Sort(s.ours)
	slices.Sort(s.peer)
	slices.Sort(s.ratios)
	at := func(sorted []int64, q float64) int64 { return int64(sample.Quantile(sorted, q)) }
	q := Point{
		Reps:  int32(len(s.peer)),
		MinNS: s.peer[0], P10NS: at(s.peer, 0.1), MedianNS: at(s.peer, 0.5), P90NS: at(s.peer, 0.9),
		OursMinNS: s.ours[0], OursP10NS: at(s.ours, 0.1), OursMedianNS: at(s.ours, 0.5), OursP90NS: at(s.ours, 0.9),
		RatioLo: sample.Quantile(s.ratios, 0.1), RatioHi: sample.Quantile(s.ratios, 0.9),
		MaxError: models.RelativeError(s.got, s.want),
	}
	q.RatioMin = float64(q.MinNS) / float64(q.OursMinNS)
	q.RatioMedian = float64(q.MedianNS) / float64(q.OursMedianNS)
	return q
}

// publish replaces a model's rows in the table and draws the figure anew.
func publish(o options, model string, points []Point) error {
	path := filepath.Join(o.out, "peers.parquet")
	rows, err := artifact.ReadFile[Point](path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	rows = slices.DeleteFunc(rows, func(q Point) bool { return q.Model == model })
	rows = append(rows, points...)
	names := models.Names()
	slices.SortStableFunc(rows, func(a, b Point) int { return slices.Index(names, a.Model) - slices.Index(names, b.Model) })
	err = atomicfile.Write(path, func(w io.Writer) error { return artifact.Write(w, rows) })
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return drawFigure(o.out, rows)
}
