// Package artifact is one typed table on disk: a Parquet file and, beside it,
// a JSON sidecar that says where it came from.
//
// Its stance: equal rows are equal bytes, so that a file can be named by its
// content; and a file is read only if it is exactly the table expected. A
// foreign schema, a truncation or a flipped bit is an error that names the
// file, never a wrong number, a panic or a huge allocation.
//
// Files are written by parquet-go. They are read by a decoder of our own, which
// uses parquet-go only for the structures of the format: the library trusts the
// sizes that a file claims, and it needs several seconds for a million rows.
//
// Start reading at TableOf and Write, then ReadFile; Meta is the sidecar, and
// ReadAny reads a table whose row type is not known.
package artifact

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// rowsPerGroup rows are encoded together. It is a constant, not a function of
// the number of cores, because it shapes the bytes.
const rowsPerGroup = 1 << 16

// codec is shared: it pools its encoders. The fastest level costs 5 % of size
// on tables of measurements and halves the time to write them.
var codec = &zstd.Codec{Level: zstd.SpeedFastest}

// options are the writer's. CreatedBy is set because its default changes with
// every build, and the bytes with it.
func options() []parquet.WriterOption {
	return []parquet.WriterOption{
		parquet.Compression(codec),
		parquet.CreatedBy("runexp", "1", ""),
		parquet.MaxRowsPerRowGroup(rowsPerGroup),
	}
}

// Write puts rows out as a Parquet file. Equal rows give equal bytes. T must be
// a type that TableOf accepts.
func Write[T any](w io.Writer, rows []T) error {
	if _, err := fieldsOf[T](); err != nil {
		return err
	}
	if len(rows) <= rowsPerGroup {
		return encode(w, rows)
	}
	parts, err := encodeParts(slices.Collect(slices.Chunk(rows, rowsPerGroup)))
	if err != nil {
		return err
	}
	if b, ok := w.(*bytes.Buffer); ok {
		b.Grow(sizeOf(parts) + sizeOf(parts)/8)
	}
	pw := parquet.NewGenericWriter[T](w, options()...)
	for _, part := range parts { // spliced: the pages are copied as they are
		f, err := parquet.OpenFile(bytes.NewReader(part), int64(len(part)))
		if err != nil {
			return err
		}
		if _, err := pw.WriteRowGroup(f.RowGroups()[0]); err != nil {
			return err
		}
	}
	return pw.Close()
}

func encode[T any](w io.Writer, rows []T) error {
	pw := parquet.NewGenericWriter[T](w, options()...)
	if _, err := pw.Write(rows); err != nil {
		return err
	}
	return pw.Close()
}

// encodeParts encodes each chunk as a file of its own, on all cores.
func encodeParts[T any](chunks [][]T) ([][]byte, error) {
	parts := make([][]byte, len(chunks))
	err := parallel(len(chunks), func(i int) error {
		var b bytes.Buffer
		b.Grow(len(chunks[i]) * int(reflect.TypeFor[T]().Size()) / 3) // a guess, to move less
		defer func() { parts[i] = b.Bytes() }()
		return encode(&b, chunks[i])
	})
	return parts, err
}

func sizeOf(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// parallel calls f(0) to f(n-1) on all cores and returns one of the errors. A
// panic in f is an error too, because it could not be recovered elsewhere.
func parallel(n int, f func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, n)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = safely(func() error { return f(i) })
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// safely turns a panic of f into an error.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("unexpected: %v", p)
		}
	}()
	return f()
}
