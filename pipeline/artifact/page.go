package artifact

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// maxPage bounds the memory of one page. Writers aim at 1 MiB or less.
const maxPage = 64 << 20

var errPage = errors.New("damaged page")

// unpacker decompresses pages of a file, one at a time.
type unpacker struct {
	zstd   *zstd.Decoder
	buffer []byte // holds the last page
	spend  func(bytes int64) bool
}

// newUnpacker returns an unpacker that spends the budget of the file.
func (f *file) newUnpacker() (*unpacker, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	return &unpacker{zstd: d, spend: f.spend}, err
}

// chunk reads the pages of one column in one row group.
type chunk struct {
	Column
	*unpacker
	codec format.CompressionCodec
	rest  []byte // not read yet
	rows  int    // not read yet
	dict  *page  // values that later pages point into
}

// page is the decompressed content of one page.
type page struct {
	rows     int
	levels   []byte // 1 where there is a value, 0 where null; nil if none is null
	values   int    // rows that are not null
	encoding format.Encoding
	data     []byte
}

// chunk returns a reader of column i of group g.
func (f *file) chunk(g *format.RowGroup, i int, u *unpacker) (*chunk, error) {
	m := &g.Columns[i].MetaData
	start := m.DataPageOffset
	if m.DictionaryPageOffset > 0 {
		start = min(start, m.DictionaryPageOffset)
	}
	size := int64(len(f.data))
	if start < 0 || m.TotalCompressedSize < 0 || start > size || m.TotalCompressedSize > size-start {
		return nil, fmt.Errorf("%w: column %s lies outside of the file", errThrift, f.columns[i].Name)
	}
	pages := f.data[start : start+m.TotalCompressedSize]
	return &chunk{Column: f.columns[i], unpacker: u, codec: m.Codec, rest: pages, rows: int(g.NumRows)}, nil
}

// next returns the next data page. Its memory is valid until a page is read
// through the same unpacker.
func (c *chunk) next() (page, error) {
	for {
		h, body, err := c.header()
		if err != nil {
			return page{}, err
		}
		if h.CRC != 0 && crc32.ChecksumIEEE(body) != uint32(h.CRC) {
			return page{}, fmt.Errorf("%w: checksum", errPage)
		}
		switch {
		case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
			if err := c.readDictionary(h, body); err != nil {
				return page{}, err
			}
		case h.Type == format.DataPage && h.DataPageHeader.Valid:
			return c.pageV1(h, body)
		case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
			return c.pageV2(h, body)
		default:
			return page{}, fmt.Errorf("%w: type %d", errPage, h.Type)
		}
	}
}

// header takes the next page off the chunk.
func (c *chunk) header() (h format.PageHeader, body []byte, err error) {
	n, err := decodeThrift(c.rest, &h)
	if err != nil {
		return h, nil, err
	}
	if size := int(h.CompressedPageSize); size < 0 || size > len(c.rest)-n || h.UncompressedPageSize < 0 {
		return h, nil, errPage
	}
	body = c.rest[n : n+int(h.CompressedPageSize)]
	c.rest = c.rest[n+len(body):]
	return h, body, nil
}

// skip takes the next page off the chunk and counts its rows.
func (c *chunk) skip() error {
	h, _, err := c.header()
	if err != nil {
		return err
	}
	rows := int(h.DataPageHeader.V.NumValues) // zero where the page is of the other kind
	if h.Type == format.DataPageV2 {
		rows = int(h.DataPageHeaderV2.V.NumValues)
	}
	if rows < 0 || rows > c.rows {
		return fmt.Errorf("%w: number of rows", errPage)
	}
	c.rows -= rows
	return nil
}

func (c *chunk) readDictionary(h format.PageHeader, body []byte) error {
	data, err := c.unpack(c.codec, body, int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	n := int(h.DictionaryPageHeader.V.NumValues)
	if n < 0 || n > len(data) || c.dict != nil { // each takes a byte or more
		return fmt.Errorf("%w: dictionary", errPage)
	}
	c.dict = &page{rows: n, values: n, encoding: format.Plain, data: data}
	c.buffer = nil // it belongs to the dictionary now
	return nil
}

// pageV1 reads a page whose levels are compressed with its values.
func (c *chunk) pageV1(h format.PageHeader, body []byte) (page, error) {
	data, err := c.unpack(c.codec, body, int(h.UncompressedPageSize))
	if err != nil {
		return page{}, err
	}
	var levels []byte
	if c.Nullable {
		if len(data) < 4 {
			return page{}, errPage
		}
		n := int64(binary.LittleEndian.Uint32(data))
		if n > int64(len(data)-4) {
			return page{}, errPage
		}
		levels, data = data[4:4+n], data[4+n:]
	}
	return c.finish(int(h.DataPageHeader.V.NumValues), levels, h.DataPageHeader.V.Encoding, data)
}

// pageV2 reads a page whose levels stand before its values, uncompressed.
func (c *chunk) pageV2(h format.PageHeader, body []byte) (page, error) {
	v := &h.DataPageHeaderV2.V
	n := int(v.DefinitionLevelsByteLength)
	if n < 0 || n > len(body) || n > int(h.UncompressedPageSize) || v.RepetitionLevelsByteLength != 0 || v.NumRows != v.NumValues {
		return page{}, errPage
	}
	levels, data := body[:n], body[n:]
	if !v.IsCompressed.Valid || v.IsCompressed.V { // absent means true
		var err error
		if data, err = c.unpack(c.codec, data, int(h.UncompressedPageSize)-n); err != nil {
			return page{}, err
		}
	}
	p, err := c.finish(int(v.NumValues), levels, v.Encoding, data)
	if err == nil && p.rows-p.values != int(v.NumNulls) {
		err = fmt.Errorf("%w: number of nulls", errPage)
	}
	return p, err
}

// finish decodes the levels of a page and counts its rows and values.
func (c *chunk) finish(rows int, levels []byte, e format.Encoding, data []byte) (page, error) {
	if rows <= 0 || rows > c.rows {
		return page{}, fmt.Errorf("%w: number of rows", errPage)
	}
	c.rows -= rows
	p := page{rows: rows, values: rows, encoding: e, data: data}
	if !c.Nullable {
		return p, nil
	}
	p.levels = make([]byte, rows)
	if err := decodeRuns(p.levels, levels, 1); err != nil {
		return page{}, err
	}
	p.values = 0
	for _, l := range p.levels {
		p.values += int(l)
	}
	return p, nil
}

// unpack returns the size bytes that src holds.
func (u *unpacker) unpack(codec format.CompressionCodec, src []byte, size int) ([]byte, error) {
	if size > maxPage || !u.spend(2*int64(size)) { // text is copied once more
		return nil, fmt.Errorf("%w: %d bytes are more than is accepted", errPage, size)
	}
	if cap(u.buffer) < size {
		u.buffer = make([]byte, size)
	}
	out, err := src, error(nil)
	switch codec {
	case format.Uncompressed:
	case format.Zstd: // never writes past the capacity it is given
		out, err = u.zstd.DecodeAll(src, u.buffer[:0:size])
	case format.Snappy:
		if n, e := snappy.DecodedLen(src); e != nil || n != size {
			return nil, errPage
		}
		out, err = snappy.Decode(u.buffer[:size], src)
	default:
		return nil, fmt.Errorf("compression %s is not supported", codec)
	}
	if err != nil || len(out) != size {
		return nil, fmt.Errorf("%w: decompression", errPage)
	}
	return out, nil
}
