// Package artifact is one typed table on disk: a Parquet file and, beside it,
// a JSON sidecar that says where it came from.
//
// Its stance: equal rows are equal bytes, so that a file can be named by its
// content; and a file is read only if it is exactly the table expected. A
// foreign schema, a truncation or a flipped bit is an error that names the
// file, never a wrong number, a panic of the library or a huge allocation.
//
// Start reading at TableOf and Write; Meta is the sidecar, ReadAny reads a
// table whose row type is not known.
package artifact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// Write puts rows out as a Parquet file. Equal rows give equal bytes.
func Write[T any](w io.Writer, rows []T) error {
	pw := parquet.NewGenericWriter[T](w, parquet.Compression(&zstd.Codec{}), parquet.CreatedBy("runexp", "1", ""))
	if _, err := pw.Write(rows); err != nil {
		return err
	}
	return pw.Close()
}

// ReadBytes returns the rows of a Parquet file held in memory.
func ReadBytes[T any](data []byte) (rows []T, err error) {
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, fmt.Errorf("damaged: %v", p)
		}
	}()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	r := parquet.NewGenericReader[T](f)
	defer r.Close()
	rows = make([]T, f.NumRows())
	n, err := r.Read(rows)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return rows[:n], nil
}

// ReadFile returns the rows of the Parquet file at path.
func ReadFile[T any](path string) ([]T, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rows, err := ReadBytes[T](data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}
