package latency

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Service is the service time of one device: a table over the number of active
// cores and the batch size, times a random ratio. It is immutable and may be
// shared by simulations that run at once.
type Service struct {
	name  string
	limit int
	rows  [][]int64 // [active-1][batch] in ns; the last row and column serve all that is larger
	noise Noise     // nil: exactly the table
}

// MaxBatch is the largest batch that a service of a curve is tabulated for, and
// so answers for, however far its curve goes: no query has more items, and a
// curve of two knots may reach a batch whose table would fill the memory.
const MaxBatch = 1 << 20

// FromCurve returns a service that takes what the curve says, whatever other
// cores do, for batches up to MaxBatch.
func FromCurve(c *Curve) *Service {
	limit := min(c.Limit(), MaxBatch)
	row := make([]int64, limit+1)
	for batch := 1; batch < len(row); batch++ {
		at, _ := c.read(batch, latencyOf)
		row[batch] = int64(at)
	}
	return &Service{name: c.Name(), limit: limit, rows: [][]int64{row}}
}

// FromSurface returns the service of a node with so many cores: each request
// takes what the surface says for the number of active cores at its start,
// itself included, for batches up to MaxBatch.
func FromSurface(s *Surface, cores int) (*Service, error) {
	service := &Service{name: s.Name(), limit: min(s.Limit(), MaxBatch)}
	distinct := min(cores, s.active[len(s.active)-1]) // level from there on
	for active := 1; active <= max(distinct, 1); active++ {
		row := make([]int64, service.limit+1)
		for batch := 1; batch < len(row); batch++ {
			at, _, err := s.At(active, batch)
			if err != nil {
				return nil, err
			}
			row[batch] = int64(at)
		}
		service.rows = append(service.rows, row)
	}
	return service, nil
}

// Constant returns a service of one duration for every batch size.
func Constant(d time.Duration) *Service {
	return &Service{name: "const:" + d.String(), limit: math.MaxInt, rows: [][]int64{{0, int64(d)}}}
}

// WithNoise returns the same service with each time multiplied by a ratio.
func (s *Service) WithNoise(n Noise) *Service {
	noisy := *s
	noisy.noise = n
	return &noisy
}

// Name returns what the service describes.
func (s *Service) Name() string { return s.name }

// Limit returns the largest batch size served.
func (s *Service) Limit() int { return s.limit }

// Check reports a batch size outside [1, Limit].
func (s *Service) Check(batch int) error {
	if batch < 1 || batch > s.limit {
		return fmt.Errorf("service %s: batch %d is outside [1, %d]", s.name, batch, s.limit)
	}
	return nil
}

// Colocated reports whether the time depends on how many cores are active.
func (s *Service) Colocated() bool { return len(s.rows) > 1 }

// Row returns the times by batch size, the last of which serves all that are
// larger, or nil where they are random or depend on how many cores are active.
// It is shared and must not be written.
func (s *Service) Row() []int64 {
	if s.noise != nil || s.Colocated() {
		return nil
	}
	return s.rows[0]
}

// Mean returns the expected time of a request of batch items, within Limit,
// while active cores are busy, itself included.
func (s *Service) Mean(active, batch int) time.Duration {
	ns := s.Table(active, batch)
	if s.noise == nil {
		return time.Duration(ns)
	}
	return round(float64(ns) * s.noise.Mean(batch))
}

// Table returns the time without its noise, in ns. It does not check the batch
// size: a simulator does so once, before any work.
func (s *Service) Table(active, batch int) int64 {
	row := s.rows[min(active, len(s.rows))-1]
	return row[min(batch, len(row)-1)]
}

// Draw returns the time of one request in ns, without checks like Table.
func (s *Service) Draw(rng *rand.Rand, active, batch int) int64 {
	ns := s.Table(active, batch)
	if s.noise == nil {
		return ns
	}
	return int64(float64(ns)*s.noise.Ratio(rng, batch) + 0.5)
}
