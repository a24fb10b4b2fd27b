package kernel

import (
	"fmt"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a transparent huge page on amd64, and on arm64 with
// 4 KiB base pages. Where it is wrong only speed is lost.
const hugePage = 2 << 20

// Alloc returns n zeros outside the Go heap, where the collector neither walks
// nor counts them: an anonymous mapping that starts on a huge page and is
// advised to be made of them, since random rows on 4 KiB pages cost nearly twice
// the time. Memory is taken as it is first written. Free gives it back.
func Alloc(n int) ([]float32, error) {
	if n <= 0 {
		return nil, nil
	}
	size := uintptr(mapped(n))
	mem, err := unix.MmapPtr(-1, 0, nil, size+hugePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("table of %d bytes: %w", 4*n, err)
	}
	start := trim(mem, size)
	// Without huge pages everything works, so a refusal is no error; PageKind
	// tells.
	_ = unix.Madvise(unsafe.Slice((*byte)(start), size), unix.MADV_HUGEPAGE)
	return unsafe.Slice((*float32)(start), n), nil
}

// trim cuts a mapping of size+hugePage down to size bytes that start on a huge
// page. A piece that cannot be unmapped costs address space only.
func trim(mem unsafe.Pointer, size uintptr) unsafe.Pointer {
	head := -uintptr(mem) % hugePage
	start := unsafe.Add(mem, head)
	if head > 0 {
		_ = unix.MunmapPtr(mem, head)
	}
	_ = unix.MunmapPtr(unsafe.Add(start, size), hugePage-head)
	return start
}

// mapped returns the size in bytes of the mapping for n values.
func mapped(n int) int { return roundUp(4*n, hugePage) }

// Free gives back at once what Alloc returned. The slice must not be used again.
func Free(x []float32) error {
	if cap(x) == 0 {
		return nil
	}
	if err := unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(x)), uintptr(mapped(cap(x)))); err != nil {
		return fmt.Errorf("table of %d bytes: %w", 4*cap(x), err)
	}
	return nil
}

// PageKind returns the kind of memory page that Alloc gets: "thp" for 2 MiB
// transparent huge pages, or "4k". It is found out once, by looking at what a
// small table got.
func PageKind() string { return pageKind() }

var pageKind = sync.OnceValue(func() string {
	probe, err := Alloc(hugePage / 4)
	if err != nil {
		return "4k"
	}
	defer Free(probe)
	probe[0] = 1
	if isHuge(uintptr(unsafe.Pointer(&probe[0]))) {
		return "thp"
	}
	return "4k"
})
