package models

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"runexp/internal/stream"
)

// BenchmarkPass is a forward pass of a full-size model on one core, over fresh
// inputs; medians are less troubled by neighbours than means.
func BenchmarkPass(b *testing.B) {
	for _, name := range Names() {
		b.Run("model="+name, func(b *testing.B) { benchModel(b, name) })
	}
}

// freshRows is how many rows are looked up before inputs come round again: as
// far as memory and patience go.
const freshRows = 4e6

func benchModel(b *testing.B, name string) {
	c, err := ByName(name)
	if err != nil {
		b.Fatal(err)
	}
	m, err := Build(context.Background(), c, Options{Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	for _, batch := range []int{1, 4, 16, 64, 256, 1024} {
		inputs := make([]*Batch, max(4, min(2000, freshRows/int(m.Graph().Cost(batch).Rows))))
		rng := stream.New(1, name)
		for i := range inputs {
			inputs[i] = m.NewBatch(batch, rng, Uniform{})
		}
		for _, fusion := range []Fusion{FusionNone, FusionFull} {
			e := m.NewEngineAs(batch, fusion)
			b.Run(fmt.Sprintf("batch=%d/fusion=%s", batch, fusion), func(b *testing.B) { benchPass(b, e, inputs) })
		}
	}
}

func benchPass(b *testing.B, e *Engine, inputs []*Batch) {
	var times []time.Duration
	last := b.Elapsed()
	for i := 0; b.Loop(); i++ {
		if _, err := e.Run(inputs[i%len(inputs)], nil); err != nil {
			b.Fatal(err)
		}
		now := b.Elapsed()
		times, last = append(times, now-last), now
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2]), "median-ns/op")
}
