package artifact

import (
	"bytes"
	"testing"

	"runexp/internal/stream"
	"runexp/stages/record"
)

// trials draws rows as a sweep writes them: few names, many distinct numbers.
func trials(n int) []record.Trial {
	rng := stream.New(1, "trials")
	models := []string{"rm1", "rm2", "rm3", "ncf", "wnd", "mtwnd", "din", "dien"}
	ns := func() *int64 { v := 1e6 + rng.Int64N(1e8); return &v }
	share := func() *float64 { v := rng.Float64(); return &v }
	rows := make([]record.Trial, n)
	for i := range rows {
		r := &rows[i]
		*r = record.Trial{Experiment: "reproduce", Model: models[i*len(models)/n], CPUPlatform: "skylake",
			Engine: record.EngineRunexp, AccelPlatform: record.None, Servers: 1, Cores: 40, Router: "random",
			Arrivals: "poisson", SizeDist: "production", BatchSize: int32(1 << (i % 11)), RateQPS: float64(i%500) * 12.5,
			Seed: int64(i % 7), Queries: 20000, AchievedQPS: rng.Float64() * 5e3, AchievedIPS: rng.Float64() * 5e5,
			CPUUtil: rng.Float64(), Stable: i%9 != 0}
		if r.Stable {
			r.MeanNS, r.P50NS, r.P75NS, r.P90NS, r.P95NS = ns(), ns(), ns(), ns(), ns()
			r.P99NS, r.P999NS, r.MaxNS, r.P95LoNS, r.P95HiNS = ns(), ns(), ns(), ns(), ns()
			r.P99LoNS, r.P99HiNS, r.WaitNS = ns(), ns(), ns()
			r.PowerW, r.TailQueue, r.TailStraggler, r.TailAccel = share(), share(), share(), share()
		}
	}
	return rows
}

func BenchmarkTrial(b *testing.B) {
	rows := trials(1_000_000)
	var buf bytes.Buffer
	if err := Write(&buf, rows); err != nil {
		b.Fatal(err)
	}
	data := buf.Bytes()
	b.Run("op=write/rows=1e6", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var out bytes.Buffer
			if err := Write(&out, rows); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("op=read/rows=1e6", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			got, err := ReadBytes[record.Trial](data)
			if err != nil || len(got) != len(rows) {
				b.Fatal(len(got), err)
			}
		}
	})
}
