package locality

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
)

// Profile is the distribution of a trace's stack distances.
type Profile struct {
	Accesses  int64   `json:"accesses"`
	Rows      int64   `json:"rows"` // different ones
	Distances []Count `json:"distances"`
}

// Count is how many accesses were of a distance.
type Count struct {
	Distance int64 `json:"distance"` // 0: a row's first access
	Accesses int64 `json:"accesses"`
}

// Measure takes the profile of a trace, in O(log n) per access.
func Measure(trace []int32) Profile {
	last := map[int32]int{}
	s := stack{moved: func(row int32, slot int) { last[row] = slot }}
	counts := map[int64]int64{}
	for _, row := range trace {
		distance := 0
		if slot, seen := last[row]; seen {
			distance = s.depth(slot)
			s.pop(slot)
		}
		counts[int64(distance)]++
		last[row] = s.push(row)
	}
	p := Profile{Accesses: int64(len(trace)), Rows: int64(len(last))}
	for d, n := range counts {
		p.Distances = append(p.Distances, Count{d, n})
	}
	slices.SortFunc(p.Distances, func(a, b Count) int { return cmp.Compare(a.Distance, b.Distance) })
	return p
}

// Validate reports a profile that no trace can have.
func (p Profile) Validate() error {
	var accesses int64
	for i, c := range p.Distances {
		switch {
		case c.Distance < 0 || c.Distance > p.Rows:
			return fmt.Errorf("distances: %d in a trace of %d rows", c.Distance, p.Rows)
		case c.Accesses < 1 || c.Accesses > p.Accesses:
			return fmt.Errorf("distances: %d of %d accesses are of distance %d", c.Accesses, p.Accesses, c.Distance)
		case i > 0 && c.Distance <= p.Distances[i-1].Distance:
			return fmt.Errorf("distances: %d does not follow %d", c.Distance, p.Distances[i-1].Distance)
		}
		accesses += c.Accesses
	}
	switch {
	case len(p.Distances) == 0:
		return fmt.Errorf("distances: none")
	case p.Distances[0] != Count{0, p.Rows}:
		return fmt.Errorf("distances: the first accesses to %d rows must be as many of distance 0", p.Rows)
	case accesses != p.Accesses:
		return fmt.Errorf("distances: %d accesses in all, not %d", accesses, p.Accesses)
	}
	return nil
}

// maxProfile bounds a profile: about six million distances.
const maxProfile = 256 << 20

// ReadProfile reads what Write wrote.
func ReadProfile(path string) (Profile, error) {
	var p Profile
	f, err := os.Open(path)
	if err != nil {
		return p, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxProfile+1)) // a device or a pipe has no size to ask for
	if err != nil {
		return p, err
	}
	if len(data) > maxProfile {
		return p, fmt.Errorf("%s: more than the %d bytes of any profile", path, maxProfile)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	if err := p.Validate(); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Write writes the profile as JSON, a distance per line.
func (p Profile) Write(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "{\"accesses\": %d, \"rows\": %d, \"distances\": [", p.Accesses, p.Rows); err != nil {
		return err
	}
	for i, c := range p.Distances {
		separator := ",\n"
		if i == 0 {
			separator = "\n"
		}
		if _, err := fmt.Fprintf(w, "%s{\"distance\": %d, \"accesses\": %d}", separator, c.Distance, c.Accesses); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, "\n]}")
	return err
}
