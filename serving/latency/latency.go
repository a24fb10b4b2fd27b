// Package latency says how long a request of a given batch size takes: a
// monotone curve through measured knots, a family of curves over the number of
// active cores, and the spread of service times around them.
//
// Its stance: a measured knot is returned exactly, everything else says
// whether it is interpolated or extrapolated, and past a stated limit there is
// an error naming the curve and its range, never a silent guess.
//
// Start reading at Curve, then Service, which is what a simulator draws from.
package latency

import (
	"errors"
	"math/rand/v2"
	"time"
)

// Support says where a batch size stands relative to the knots of a curve.
const (
	AtKnot       = "measured"
	Interpolated = "interpolated"
	Extrapolated = "extrapolated"
)

// Knot is one point of a curve: the latency of a request of Batch items, and
// the range [Lo, Hi] it may lie in (zero for both: as Latency).
type Knot struct {
	Batch           int
	Latency, Lo, Hi time.Duration
}

// Curve is a monotone function from batch size to latency.
type Curve struct{ name string }

// NewCurve builds a curve through knots, usable up to maxBatch items.
func NewCurve(name string, knots []Knot, maxBatch int) (*Curve, error) {
	return nil, errors.New("curve: not built")
}

// Name returns what the curve describes.
func (c *Curve) Name() string { return c.name }

// Limit returns the largest batch size that the curve answers for.
func (c *Curve) Limit() int { return 0 }

// At returns the latency of a batch and its support.
func (c *Curve) At(batch int) (time.Duration, string, error) { return 0, "", nil }

// Bound returns the range in which the latency of a batch may lie.
func (c *Curve) Bound(batch int) (lo, hi time.Duration, err error) { return 0, 0, nil }

// HoldOut returns, for each knot, |predicted/measured - 1| where the
// prediction comes from the other knots; NaN for the first and the last.
func HoldOut(knots []Knot) []float64 { return nil }

// Log4Linear is the accelerator predictor of the old release.
type Log4Linear struct{}

// NewLog4Linear takes the latencies in ms at batches 4^0, 4^1, ... 4^5.
func NewLog4Linear(ms []float64) (*Log4Linear, error) { return nil, nil }

// At returns the latency of a batch in ms, clamped on both sides.
func (l *Log4Linear) At(batch int) float64 { return 0 }

// Surface is a family of curves over the number of active cores.
type Surface struct{}

// NewSurface takes one curve per number of active cores.
func NewSurface(name string, byActive map[int]*Curve) (*Surface, error) { return nil, nil }

// At returns the latency of a batch on one core while active cores are busy,
// itself included.
func (s *Surface) At(active, batch int) (time.Duration, string, error) { return 0, "", nil }

// Limit returns the largest batch size that every curve answers for.
func (s *Surface) Limit() int { return 0 }

// Noise is the law of service time divided by the curve.
type Noise interface {
	// Ratio draws the ratio of one request.
	Ratio(rng *rand.Rand, batch int) float64
}

// RatioKnot is one quantile of the ratio at one batch size.
type RatioKnot struct {
	Batch    int
	Quantile float64
	Ratio    float64
}

// Residual is Noise made of empirical quantiles.
type Residual struct{}

// NewResidual builds the noise of a curve from its empirical quantiles.
func NewResidual(name string, knots []RatioKnot) (*Residual, error) { return nil, nil }

// Ratio implements Noise by inverting the empirical distribution.
func (r *Residual) Ratio(rng *rand.Rand, batch int) float64 { return 1 }

// Service is the service time of one device: a table over active cores and
// batch size, times a random ratio.
type Service struct{}

// FromCurve returns a service that takes what the curve says, whatever other
// cores do.
func FromCurve(c *Curve) *Service { return nil }

// FromSurface returns a service that slows down as cores become active.
func FromSurface(s *Surface, cores int) *Service { return nil }

// Constant returns a service of one duration for every batch size.
func Constant(d time.Duration) *Service { return nil }

// WithNoise returns the same service with each time multiplied by a ratio.
func (s *Service) WithNoise(n Noise) *Service { return s }

// Limit returns the largest batch size served.
func (s *Service) Limit() int { return 0 }

// Name returns what the service describes.
func (s *Service) Name() string { return "" }

// Mean returns the expected time of a request of batch items while active
// cores are busy, itself included.
func (s *Service) Mean(active, batch int) time.Duration { return 0 }

// ParseService reads exp:MEAN, const:TIME or lognormal:MEAN,CV: the time per
// request, whatever its batch size.
func ParseService(spec string) (*Service, error) { return nil, errors.New("service: not built") }
