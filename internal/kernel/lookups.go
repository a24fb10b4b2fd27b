package kernel

// Lookup is the arguments of one SparseLengthsSum.
type Lookup struct {
	Dst              []float32
	Stride           int // of rows of Dst
	Table            []float32
	Dim              int
	Indices, Lengths []int32
}

// Check reports indices and lengths that SparseLengthsSum would refuse.
func (x *Lookup) Check() error { return active.check(x.Table, x.Dim, x.Indices, x.Lengths) }

// SparseLengthsSums does one lookup after the other, fetching the first rows of
// the next ones while it sums the current one: with few rows per table the
// waits between tables would be most of the time. It stops at the first error,
// and says which lookup it is about.
func SparseLengthsSums(lookups []Lookup) (int, error) { return active.sparseLengthsSums(lookups) }

func (l *loops) sparseLengthsSums(lookups []Lookup) (int, error) {
	next, underway := 0, 0 // the lookup to fetch next, and rows fetched and not yet summed
	for i := range lookups {
		x, after := &lookups[i], &none
		if next == i { // the first, or one after a long one
			underway += l.prefetch(x)
			next++
		}
		if next == i+1 && next < len(lookups) && len(x.Indices) >= warmRows && x.Dim == lookups[next].Dim {
			after = &lookups[next] // its rows are fetched while the last ones of this are summed
			underway += min(len(after.Indices), warmRows)
			next++
		}
		for ; next < len(lookups) && (next <= i+1 || underway < warmRows); next++ {
			underway += l.prefetch(&lookups[next])
		}
		if err := l.look(x, after); err != nil {
			return i, err
		}
		underway -= min(len(x.Indices), warmRows)
	}
	return 0, nil
}

// none is no lookup.
var none Lookup

// warmRows is how many rows of a lookup are fetched before its turn: as many as
// the gather loop then stays ahead.
const warmRows = 64

// prefetch fetches the first rows of a lookup and returns how many. A bad index
// is harmless: the processor ignores a fetch of what is not there.
func (l *loops) prefetch(x *Lookup) int {
	n := min(len(x.Indices), warmRows)
	l.warm(x.Table, x.Dim, x.Indices[:n])
	return n
}
