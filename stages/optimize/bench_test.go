package optimize

import (
	"testing"

	"runexp/stages/node"
)

// BenchmarkCell is one model, target and machine of the paper's size at full
// length, by each search.
func BenchmarkCell(b *testing.B) {
	c := config()
	c.Targets = c.Targets[1:2]
	c.Nodes = []node.Machine{{CPU: "cpu", Accel: "gpu", Cores: 40, Accelerators: 1}}
	c.Batches, c.Thresholds = nil, nil
	c.Queries, c.MapTolerance = 57344, 0.05
	for _, name := range PolicyNames() {
		b.Run("policy="+name, func(b *testing.B) {
			c.Policies = []string{name}
			sims := int64(0)
			for b.Loop() {
				out, err := Points(b.Context(), c, rows(), nil, quiet)
				if err != nil {
					b.Fatal(err)
				}
				sims = out.Points[0].Sims
			}
			b.ReportMetric(float64(sims), "sims")
		})
	}
}
