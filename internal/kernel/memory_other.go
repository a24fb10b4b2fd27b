//go:build !linux

package kernel

// Alloc returns n zeros.
func Alloc(n int) ([]float32, error) { return aligned(max(n, 0)), nil }

// Free lets go of what Alloc returned; the slice must not be used again.
func Free([]float32) error { return nil }

// PageKind returns the kind of memory page that Alloc gets: "thp" for 2 MiB
// transparent huge pages, or "4k".
func PageKind() string { return "4k" }
