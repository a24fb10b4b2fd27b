package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"runexp/internal/atomicfile"
	"runexp/serving/load"
	"runexp/stages/node"
)

// maxTraceSize is the largest query that a trace may hold: the largest that a
// law of sizes can be clipped to.
const maxTraceSize = 1 << 20

// importTrace checks a trace and writes it as the CSV that load.arrivals and
// load.sizes replay.
func importTrace(cmd *cobra.Command, path string, data []byte, out string) error {
	if filepath.Ext(path) == ".parquet" {
		var err error
		if data, err = traceCSV(path); err != nil {
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
func traceCSV(path string) ([]byte, error) {
	times, sizes, err := node.ReadTrace(path)
	if err != nil {
		return nil, err
	}
	if _, err := load.NewTrace(path, times, sizes, maxTraceSize); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return writeTrace(times, sizes)
}

func writeTrace(times []float64, sizes []int) ([]byte, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	out.Write([]string{"time_s", "size"}) // an error sticks until Flush
	for i := range times {
		out.Write([]string{strconv.FormatFloat(times[i], 'g', -1, 64), strconv.Itoa(sizes[i])})
	}
	out.Flush()
	return b.Bytes(), out.Error()
}
