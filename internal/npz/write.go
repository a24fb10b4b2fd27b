package npz

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// Write writes the arrays sorted by name, stored without compression. Equal
// arrays give equal bytes: the entries carry no date.
func Write(w io.Writer, arrays map[string]Array) error {
	archive := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if err := writeEntry(archive, name, arrays[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return archive.Close()
}

// writeEntry writes one array.
func writeEntry(archive *zip.Writer, name string, a Array) error {
	if n, ok := elements(a.Shape, math.MaxInt); !ok || n != int64(a.Len()) {
		return fmt.Errorf("shape %v does not match %d elements", a.Shape, a.Len())
	}
	entry, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(entry, 1<<16)
	switch {
	case a.F32 != nil:
		encode(out, "<f4", a, a.F32, func(b []byte, v float32) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		})
	case a.F64 != nil:
		encode(out, "<f8", a, a.F64, func(b []byte, v float64) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		})
	case a.I32 != nil:
		encode(out, "<i4", a, a.I32, func(b []byte, v int32) []byte {
			return binary.LittleEndian.AppendUint32(b, uint32(v))
		})
	default:
		encode(out, "<i8", a, a.I64, func(b []byte, v int64) []byte {
			return binary.LittleEndian.AppendUint64(b, uint64(v))
		})
	}
	return out.Flush()
}

// encode writes header and values; errors stay in out until its Flush.
func encode[T any](out *bufio.Writer, descr string, a Array, values []T, put func([]byte, T) []byte) {
	out.Write(formatHeader(descr, a.Shape))
	var room [8]byte
	for _, v := range values {
		out.Write(put(room[:0], v))
	}
}
