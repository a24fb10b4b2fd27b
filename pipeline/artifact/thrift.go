package artifact

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// The library's decoder allocates what a list's header claims before it reads
// the elements, so a few flipped bits in a footer could ask for terabytes.
// Every structure is therefore walked before it is decoded.

const (
	maxDepth    = 24      // deepest structure of the format has 7
	maxElements = 1 << 20 // list elements in one structure: 25000 column chunks
)

var errThrift = errors.New("damaged metadata")

// decodeThrift decodes the structure at the start of data and returns its
// length.
func decodeThrift(data []byte, v any) (int, error) {
	w := walker{data: data, elements: maxElements}
	if err := w.structure(0); err != nil {
		return 0, err
	}
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, data[:w.pos], v); err != nil {
		return 0, fmt.Errorf("%w: %v", errThrift, err)
	}
	return w.pos, nil
}

// walker walks Thrift's compact protocol without decoding it, see
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
type walker struct {
	data     []byte
	pos      int
	elements int // list elements that may still come
}

func (w *walker) structure(depth int) error {
	if depth > maxDepth {
		return errThrift
	}
	for {
		b, err := w.byte()
		if err != nil || b == 0 {
			return err
		}
		if b>>4 == 0 { // the field's number follows in full
			if _, err := w.uvarint(); err != nil {
				return err
			}
		}
		if kind := b & 0xf; kind > 2 { // 1 and 2 are true and false
			if err := w.value(kind, depth+1); err != nil {
				return err
			}
		}
	}
}

func (w *walker) value(kind byte, depth int) error {
	switch kind {
	case 1, 2, 3:
		return w.skip(1)
	case 4, 5, 6:
		_, err := w.uvarint()
		return err
	case 7:
		return w.skip(8)
	case 8:
		n, err := w.uvarint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case 9, 10:
		return w.list(depth)
	case 12:
		return w.structure(depth)
	}
	return errThrift // maps (11) do not occur in the format
}

func (w *walker) list(depth int) error {
	b, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(b >> 4)
	if n == 15 {
		if n, err = w.uvarint(); err != nil {
			return err
		}
	}
	if n > uint64(w.elements) || n > uint64(len(w.data)-w.pos) || depth > maxDepth {
		return errThrift
	}
	w.elements -= int(n)
	for range n {
		if err := w.value(b&0xf, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) byte() (byte, error) {
	if w.pos >= len(w.data) {
		return 0, errThrift
	}
	w.pos++
	return w.data[w.pos-1], nil
}

func (w *walker) skip(n uint64) error {
	if n > uint64(len(w.data)-w.pos) {
		return errThrift
	}
	w.pos += int(n)
	return nil
}

func (w *walker) uvarint() (uint64, error) {
	v, n := binary.Uvarint(w.data[w.pos:])
	if n <= 0 {
		return 0, errThrift
	}
	w.pos += n
	return v, nil
}
