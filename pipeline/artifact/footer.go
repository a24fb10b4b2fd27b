package artifact

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/parquet-go/parquet-go/format"
)

const magic = "PAR1"

var errTruncated = errors.New("not a whole Parquet file: truncated or foreign")

// file is a Parquet file whose footer is sound.
type file struct {
	data    []byte
	meta    format.FileMetaData
	columns []Column
	left    atomic.Int64 // of the budget
}

// open decodes and checks the footer of a file held in memory.
func open(data []byte) (*file, error) {
	const tail = 4 + len(magic) // length of the footer, magic
	if len(data) < len(magic)+tail || string(data[:4]) != magic || string(data[len(data)-4:]) != magic {
		return nil, errTruncated
	}
	end := len(data) - tail
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end-len(magic)) {
		return nil, errTruncated
	}
	f := &file{data: data}
	f.left.Store(budget(len(data)))
	footer := data[end-int(size) : end]
	n, err := decodeThrift(footer, &f.meta)
	if err != nil {
		return nil, err
	}
	if n != len(footer) {
		return nil, errThrift
	}
	if f.columns, err = columnsOf(f.meta.Schema); err != nil {
		return nil, err
	}
	return f, f.checkGroups()
}

// checkGroups checks that the row groups add up to the file, that each has
// every column, and that no two of them can share bytes, with which a small
// file would hold many pages.
func (f *file) checkGroups() error {
	left, bytes := f.meta.NumRows, int64(len(f.data))
	for _, g := range f.meta.RowGroups {
		if g.NumRows < 0 || g.NumRows > left || len(g.Columns) != len(f.columns) {
			return fmt.Errorf("%w: row groups", errThrift)
		}
		left -= g.NumRows
		for _, c := range g.Columns {
			size := c.MetaData.TotalCompressedSize
			if size < 0 || size > bytes {
				return fmt.Errorf("%w: columns of more bytes than the file has", errThrift)
			}
			bytes -= size
		}
	}
	if left != 0 {
		return fmt.Errorf("%w: number of rows", errThrift)
	}
	return nil
}

// budget is the memory that reading a file of size bytes may take. Tables of
// measurements compress to a tenth at best; only a damaged or hostile file
// reaches a thousandth, and then half a gigabyte is where it stops.
func budget(size int) int64 { return 512<<20 + 1000*int64(size) }

// spend takes n bytes off the budget of the file and reports whether they were
// left.
func (f *file) spend(n int64) bool { return f.left.Add(-n) >= 0 }

// checkRows refuses a number of rows that the file cannot plausibly hold, where
// a row takes cost bytes.
func (f *file) checkRows(cost int64) error {
	if f.meta.NumRows > f.left.Load()/max(cost, 1) || !f.spend(f.meta.NumRows*cost) {
		return fmt.Errorf("%d rows in %d bytes: damaged, or compressed beyond what is accepted", f.meta.NumRows, len(f.data))
	}
	return f.countRows()
}

// countRows checks that the pages of the first column hold the rows that each
// group claims, before memory is taken for them.
func (f *file) countRows() error {
	for i := range f.meta.RowGroups {
		c, err := f.chunk(&f.meta.RowGroups[i], 0, nil)
		for err == nil && c.rows > 0 {
			err = c.skip()
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", f.columns[0].Name, err)
		}
	}
	return nil
}

// columnsOf returns the columns of a flat schema.
func columnsOf(schema []format.SchemaElement) ([]Column, error) {
	if len(schema) < 2 || int(schema[0].NumChildren.V) != len(schema)-1 {
		return nil, errors.New("no columns, or nested ones, which are not supported")
	}
	columns := make([]Column, 0, len(schema)-1)
	for _, e := range schema[1:] {
		if e.NumChildren.V != 0 || e.RepetitionType.V == format.Repeated {
			return nil, fmt.Errorf("column %s: nested columns are not supported", e.Name)
		}
		name, ok := typeNames[typeOf(e)]
		if !ok {
			return nil, fmt.Errorf("column %s: type %s is not supported", e.Name, typeOf(e))
		}
		columns = append(columns, Column{Name: e.Name, Type: name, Nullable: e.RepetitionType.V == format.Optional})
	}
	return columns, nil
}

// typeOf prints a column's type: the logical one if there is one.
func typeOf(e format.SchemaElement) string {
	physical := e.Type.V.String()
	if e.LogicalType.Value != nil {
		return physical + " " + e.LogicalType.String()
	}
	if e.ConvertedType.Valid {
		return fmt.Sprintf("%s CONVERTED(%d)", physical, e.ConvertedType.V)
	}
	return physical
}

// typeNames maps Parquet's types to ours. A type that is not here, such as a
// date or a decimal, has no agreed Go value and is refused. The numbers are
// those of the format's older annotations, which some writers still use alone.
var typeNames = map[string]string{
	"BOOLEAN":                 "bool",
	"INT32":                   "int32",
	"INT32 INT(32,true)":      "int32",
	"INT32 CONVERTED(17)":     "int32",
	"INT64":                   "int64",
	"INT64 INT(64,true)":      "int64",
	"INT64 CONVERTED(18)":     "int64",
	"INT32 INT(32,false)":     "uint32",
	"INT32 CONVERTED(13)":     "uint32",
	"INT64 INT(64,false)":     "uint64",
	"INT64 CONVERTED(14)":     "uint64",
	"FLOAT":                   "float32",
	"DOUBLE":                  "float64",
	"BYTE_ARRAY STRING":       "string",
	"BYTE_ARRAY CONVERTED(0)": "string",
}
