package artifact

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/parquet-go/parquet-go/format"
)

// oldDictionary is what the first version of the format called RLEDictionary;
// some writers still use it.
const oldDictionary format.Encoding = 2

// fixed are the types whose plain encoding is an array, little endian.
type fixed interface {
	int32 | int64 | uint32 | uint64 | float32 | float64
}

// decoder puts the values of a page that are not null into dst, one each.
type decoder[V any] func(p page, dst []V) error

func decodeFixed[V fixed](p page, dst []V) error {
	var v V
	if p.encoding != format.Plain || len(p.data) != len(dst)*int(unsafe.Sizeof(v)) {
		return fmt.Errorf("%w: encoding %s of %d bytes", errPage, p.encoding, len(p.data))
	}
	_, err := binary.Decode(p.data, binary.LittleEndian, dst)
	return err
}

func decodeBools(p page, dst []bool) error {
	bits := make([]byte, len(dst))
	switch {
	case p.encoding == format.Plain && len(p.data) == (len(dst)+7)/8:
		for i := range bits {
			bits[i] = p.data[i/8] >> (i % 8) & 1
		}
	case p.encoding == format.RLE && len(p.data) >= 4: // after the length of the runs
		if err := decodeRuns(bits, p.data[4:], 1); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%w: encoding %s of %d bytes", errPage, p.encoding, len(p.data))
	}
	for i, b := range bits {
		dst[i] = b == 1
	}
	return nil
}

// decodeStrings cuts one copy of the page into strings.
func decodeStrings(p page, dst []string) error {
	if p.encoding != format.Plain {
		return fmt.Errorf("%w: encoding %s", errPage, p.encoding)
	}
	text := string(p.data)
	for i := range dst {
		if len(text) < 4 {
			return errPage
		}
		n := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
		if uint64(n) > uint64(len(text)-4) {
			return errPage
		}
		dst[i], text = text[4:4+n], text[4+n:]
	}
	if len(text) != 0 {
		return errPage
	}
	return nil
}

// column decodes the pages of a chunk to values of its type.
type column[V any] struct {
	*chunk
	decode decoder[V]
	dict   []V
	values []V    // of the last page, as far as they are not taken
	levels []byte // the same; nil where the column has no nulls
	spare  []V    // reused where the caller does not keep values
}

// anyColumn is a column of any type.
type anyColumn interface {
	fill(base unsafe.Pointer, size uintptr, rows int) error
	boxed() ([]any, error)
}

func newColumn(c *chunk) anyColumn {
	switch c.Type {
	case "bool":
		return &column[bool]{chunk: c, decode: decodeBools}
	case "int32":
		return &column[int32]{chunk: c, decode: decodeFixed[int32]}
	case "int64":
		return &column[int64]{chunk: c, decode: decodeFixed[int64]}
	case "uint32":
		return &column[uint32]{chunk: c, decode: decodeFixed[uint32]}
	case "uint64":
		return &column[uint64]{chunk: c, decode: decodeFixed[uint64]}
	case "float32":
		return &column[float32]{chunk: c, decode: decodeFixed[float32]}
	case "float64":
		return &column[float64]{chunk: c, decode: decodeFixed[float64]}
	}
	return &column[string]{chunk: c, decode: decodeStrings}
}

// more makes sure that a row can be taken. With keep, the values it puts into
// c.values are the caller's; otherwise they are overwritten by the next page.
func (c *column[V]) more(keep bool) error {
	if len(c.values) > 0 || len(c.levels) > 0 {
		return nil
	}
	p, err := c.next()
	if err != nil {
		return err
	}
	if keep || cap(c.spare) < p.values {
		c.spare = make([]V, p.values)
	}
	c.values, c.levels = c.spare[:p.values], p.levels
	if p.encoding == format.RLEDictionary || p.encoding == oldDictionary {
		return c.lookup(p, c.values)
	}
	return c.decode(p, c.values)
}

// lookup decodes a page of indices into the dictionary: their bit width in one
// byte, then runs.
func (c *column[V]) lookup(p page, dst []V) error {
	if c.dict == nil {
		if c.chunk.dict == nil {
			return fmt.Errorf("%w: no dictionary", errPage)
		}
		n := c.chunk.dict.values
		var v V
		if !c.spend(int64(n) * int64(unsafe.Sizeof(v))) { // a string takes four times what it does in the page
			return fmt.Errorf("%w: a dictionary of %d values is more than is accepted", errPage, n)
		}
		c.dict = make([]V, n)
		if err := c.decode(*c.chunk.dict, c.dict); err != nil {
			return err
		}
	}
	if len(dst) == 0 {
		return nil
	}
	if len(p.data) == 0 || p.data[0] > 32 {
		return errPage
	}
	indices := make([]uint32, len(dst))
	if err := decodeRuns(indices, p.data[1:], int(p.data[0])); err != nil {
		return err
	}
	for i, index := range indices {
		if uint64(index) >= uint64(len(c.dict)) {
			return fmt.Errorf("%w: dictionary index", errPage)
		}
		dst[i] = c.dict[index]
	}
	return nil
}

// decodeRuns fills dst from Parquet's mix of run-length and bit-packed runs,
// see https://parquet.apache.org/docs/file-format/data-pages/encodings (RLE).
func decodeRuns[V uint8 | uint32](dst []V, src []byte, width int) error {
	for len(dst) > 0 {
		header, n := binary.Uvarint(src)
		if n <= 0 || header>>1 == 0 {
			return fmt.Errorf("%w: runs", errPage)
		}
		src = src[n:]
		count := min(header>>1, uint64(len(dst))) // of values, or of groups of eight
		if header&1 == 0 {
			size := (width + 7) / 8
			if size > len(src) {
				return fmt.Errorf("%w: runs", errPage)
			}
			v := V(bitsAt(src[:size], 0, width))
			for i := range dst[:count] {
				dst[i] = v
			}
			src, dst = src[size:], dst[count:]
			continue
		}
		values := int(min(count*8, uint64(len(dst))))
		if (values*width+7)/8 > len(src) {
			return fmt.Errorf("%w: runs", errPage)
		}
		for i := range dst[:values] {
			dst[i] = V(bitsAt(src, i*width, width))
		}
		src, dst = src[min(int(count)*width, len(src)):], dst[values:]
	}
	return nil
}

// bitsAt returns width <= 32 bits of src from bit pos on, lowest first.
func bitsAt(src []byte, pos, width int) uint64 {
	src = src[pos/8:]
	var word uint64
	if len(src) >= 8 {
		word = binary.LittleEndian.Uint64(src)
	} else {
		for i, b := range src {
			word |= uint64(b) << (8 * i)
		}
	}
	return word >> (pos % 8) & (1<<width - 1)
}
