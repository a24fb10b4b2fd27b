package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"runexp/internal/atomicfile"
	"runexp/pipeline/artifact"
	"runexp/serving/load"
)

// traceQuery is one query of a trace in Parquet.
type traceQuery struct {
	TimeS float64 `parquet:"time_s"`
	Size  int32   `parquet:"size"`
}

// maxTraceSize is the largest query that a trace may hold: the largest that a
// law of sizes can be clipped to.
const maxTraceSize = 1 << 20

// importTrace checks a trace and writes it as the CSV that load.arrivals and
// load.sizes replay.
func importTrace(cmd *cobra.Command, path string, data []byte, out string) error {
	if filepath.Ext(path) == ".parquet" {
		var err error
		if data, err = traceCSV(path, data); err != nil {
			return err
		}
	} else if _, err := load.ParseSizes("trace:"+path, maxTraceSize); err != nil {
		return err
	}
	if out == "" {
		_, err := cmd.OutOrStdout().Write(data)
		return err
	}
	if err := atomicfile.WriteBytes(out, data); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: an experiment replays it with load.arrivals: trace:%s and load.sizes: trace:%s\n", out, out, out)
	return err
}

// traceCSV turns a trace in Parquet into CSV.
func traceCSV(path string, data []byte) ([]byte, error) {
	trace, err := artifact.ReadBytes[traceQuery](data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	times, sizes := make([]float64, len(trace)), make([]int, len(trace))
	for i, q := range trace {
		times[i], sizes[i] = q.TimeS, int(q.Size)
	}
	if _, err := load.NewTrace(path, times, sizes, maxTraceSize); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var b bytes.Buffer
	return b.Bytes(), writeTrace(&b, trace)
}

func writeTrace(w io.Writer, trace []traceQuery) error {
	out := csv.NewWriter(w)
	out.Write([]string{"time_s", "size"}) // an error sticks until Flush
	for _, q := range trace {
		out.Write([]string{strconv.FormatFloat(q.TimeS, 'g', -1, 64), strconv.Itoa(int(q.Size))})
	}
	out.Flush()
	return out.Error()
}
