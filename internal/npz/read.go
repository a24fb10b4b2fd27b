package npz

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// maxRatio is the largest expansion that DEFLATE can reach (a 258-byte match
// in two bits): an entry that claims more is lying about its size.
const maxRatio = 1032

// Read reads every array of the file, keyed by its name without ".npy".
func Read(path string) (map[string]Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	arrays, err := ReadFrom(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

// ReadFrom is Read on the size bytes of r. Memory stays within a small
// multiple of what the entries really hold.
func ReadFrom(r io.ReaderAt, size int64) (map[string]Array, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not an .npz archive: %w", err)
	}
	if err := checkSizes(archive.File, size); err != nil {
		return nil, err
	}
	arrays := make(map[string]Array, len(archive.File))
	for _, entry := range archive.File {
		name := strings.TrimSuffix(entry.Name, ".npy")
		if _, twice := arrays[name]; twice {
			return nil, fmt.Errorf("%s: there are two arrays of this name", name)
		}
		if arrays[name], err = readEntry(entry); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return arrays, nil
}

// checkSizes compares what the directory claims with the size of the file.
// Summing the compressed sizes also catches entries that share their bytes,
// with which a small file could expand many times over.
func checkSizes(entries []*zip.File, size int64) error {
	var total uint64
	for _, e := range entries {
		if e.CompressedSize64 > uint64(size) || total+e.CompressedSize64 > uint64(size) {
			return fmt.Errorf("%s: entries claim more than the file's %d bytes", e.Name, size)
		}
		total += e.CompressedSize64
		if e.UncompressedSize64 > e.CompressedSize64*maxRatio {
			return fmt.Errorf("%s: claims to expand %d bytes to %d", e.Name, e.CompressedSize64, e.UncompressedSize64)
		}
	}
	return nil
}

// readEntry reads one array and its checksum.
func readEntry(entry *zip.File) (Array, error) {
	body, err := entry.Open()
	if err != nil {
		return Array{}, err
	}
	defer body.Close()
	r := bufio.NewReaderSize(body, 1<<16)
	h, err := readHeader(r)
	if err != nil {
		return Array{}, err
	}
	data := int64(entry.UncompressedSize64) - h.length
	n, ok := elements(h.shape, max(data, 0)/int64(h.size))
	if !ok || n*int64(h.size) != data {
		return Array{}, fmt.Errorf("shape %v does not match the %d bytes of data", h.shape, data)
	}
	// Memory is asked for at once only for what the compressed bytes make
	// plausible; beyond that it grows with what arrives.
	h.trusted = int(min(n, int64(entry.CompressedSize64)*8/int64(h.size)))
	a, err := readData(r, h, int(n))
	if err != nil {
		return Array{}, fmt.Errorf("data is cut short or damaged: %w", err)
	}
	// The checksum is verified on reaching the end.
	if _, err := r.ReadByte(); err != io.EOF {
		return Array{}, fmt.Errorf("data is damaged: %v", err)
	}
	return rowMajor(a, h), nil
}

// readData reads n elements of the header's type.
func readData(r io.Reader, h header, n int) (a Array, err error) {
	a.Shape = h.shape
	switch {
	case h.kind == 'f' && h.size == 4:
		a.F32, err = decode(r, h, n, func(b []byte) float32 { return math.Float32frombits(h.order.Uint32(b)) })
	case h.kind == 'f':
		a.F64, err = decode(r, h, n, func(b []byte) float64 { return math.Float64frombits(h.order.Uint64(b)) })
	case h.size == 4:
		a.I32, err = decode(r, h, n, func(b []byte) int32 { return int32(h.order.Uint32(b)) })
	default:
		a.I64, err = decode(r, h, n, func(b []byte) int64 { return int64(h.order.Uint64(b)) })
	}
	return a, err
}

// decode reads n elements, a block at a time.
func decode[T any](r io.Reader, h header, n int, value func([]byte) T) ([]T, error) {
	out := make([]T, 0, h.trusted)
	var block [1 << 13]byte
	for len(out) < n {
		b := block[:min(len(block), (n-len(out))*h.size)]
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		for i := 0; i < len(b); i += h.size {
			out = append(out, value(b[i:]))
		}
	}
	return out, nil
}
