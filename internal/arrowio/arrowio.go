// Package arrowio hands tables to programs that read Apache Arrow: pyarrow,
// Polars, DuckDB and others.
//
// Its stance: it only writes. Tables are read by pipeline/artifact, which
// checks them; Arrow's own Parquet reader ignores checksums. Every writer
// counts what it has written against what it was given.
//
// Start reading at WriteStream.
package arrowio

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"runexp/pipeline/artifact"
)

// batchRows rows make one record batch.
const batchRows = 1 << 16

// WriteStream writes rows in Arrow's streaming format, for a pipe.
func WriteStream(w io.Writer, rows artifact.Rows) error {
	schema, err := schemaOf(rows.Columns)
	if err != nil {
		return err
	}
	return writeBatches(ipc.NewWriter(w, ipc.WithSchema(schema)), schema, rows)
}

// WriteFile writes rows in Arrow's file format, also called Feather 2.
func WriteFile(w io.Writer, rows artifact.Rows) error {
	schema, err := schemaOf(rows.Columns)
	if err != nil {
		return err
	}
	fw, err := ipc.NewFileWriter(&counter{w: w}, ipc.WithSchema(schema))
	if err != nil {
		return fmt.Errorf("arrow: %w", err)
	}
	return writeBatches(fw, schema, rows)
}

// types maps the column types of artifact to Arrow's.
var types = map[string]arrow.DataType{
	"bool":    arrow.FixedWidthTypes.Boolean,
	"int32":   arrow.PrimitiveTypes.Int32,
	"int64":   arrow.PrimitiveTypes.Int64,
	"uint32":  arrow.PrimitiveTypes.Uint32,
	"uint64":  arrow.PrimitiveTypes.Uint64,
	"float32": arrow.PrimitiveTypes.Float32,
	"float64": arrow.PrimitiveTypes.Float64,
	"string":  arrow.BinaryTypes.String,
}

func schemaOf(columns []artifact.Column) (*arrow.Schema, error) {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		typ, ok := types[c.Type]
		if !ok {
			return nil, fmt.Errorf("arrow: column %s: no type %s", c.Name, c.Type)
		}
		fields[i] = arrow.Field{Name: c.Name, Type: typ, Nullable: c.Nullable}
	}
	return arrow.NewSchema(fields, nil), nil
}

// writer is what the two formats have in common.
type writer interface {
	Write(arrow.Record) error
	Close() error
}

func writeBatches(w writer, schema *arrow.Schema, rows artifact.Rows) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	var written int64
	for start := 0; start == 0 || start < len(rows.Values); start += batchRows { // one batch at least: it carries the schema
		for _, row := range rows.Values[start:min(start+batchRows, len(rows.Values))] {
			if err := appendRow(b, rows.Columns, row); err != nil {
				return err
			}
		}
		n, err := writeBatch(w, b)
		if err != nil {
			return fmt.Errorf("arrow: %w", err)
		}
		written += n
	}
	if written != int64(len(rows.Values)) {
		return fmt.Errorf("arrow: %d of %d rows written", written, len(rows.Values))
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("arrow: %w", err)
	}
	return nil
}

func writeBatch(w writer, b *array.RecordBuilder) (rows int64, err error) {
	record := b.NewRecord()
	defer record.Release()
	return record.NumRows(), w.Write(record)
}

func appendRow(b *array.RecordBuilder, columns []artifact.Column, row []any) error {
	if len(row) != len(columns) {
		return fmt.Errorf("arrow: a row of %d values for %d columns", len(row), len(columns))
	}
	for i, v := range row {
		if !appendValue(b.Field(i), v) {
			return fmt.Errorf("arrow: column %s: %T is no %s", columns[i].Name, v, columns[i].Type)
		}
	}
	return nil
}

// appendValue appends one of the values of artifact.Rows, and reports whether
// it fits the column.
func appendValue(b array.Builder, v any) (ok bool) {
	if v == nil {
		b.AppendNull()
		return true
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		return add(b.Append, v)
	case *array.StringBuilder:
		return add(b.Append, v)
	case *array.Int32Builder:
		return add(func(n int64) { b.Append(int32(n)) }, v)
	case *array.Int64Builder:
		return add(b.Append, v)
	case *array.Uint32Builder:
		return add(func(n uint64) { b.Append(uint32(n)) }, v)
	case *array.Uint64Builder:
		return add(b.Append, v)
	case *array.Float32Builder:
		return add(func(x float64) { b.Append(float32(x)) }, v)
	case *array.Float64Builder:
		return add(b.Append, v)
	}
	return false
}

func add[V any](put func(V), v any) bool {
	value, ok := v.(V)
	if ok {
		put(value)
	}
	return ok
}

// counter lets Arrow ask where it stands in a file, which is all that its file
// writer seeks for.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.ErrUnsupported
	}
	return c.n, nil
}
