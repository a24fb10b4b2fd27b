package load

import "errors"

// DefaultMaxQuery is the largest query, in items, unless a user says otherwise.
const DefaultMaxQuery = 1000

// ParseArrivals reads a spec of an arrival process.
func ParseArrivals(spec string) (Arrivals, error) { return nil, errors.New("arrivals: not built") }

// ParseSizes reads a spec of a law of query sizes, clipped to [1, maxQuery].
func ParseSizes(spec string, maxQuery int) (Sizes, error) {
	return nil, errors.New("sizes: not built")
}
