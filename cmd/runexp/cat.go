package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"runexp/internal/arrowio"
	"runexp/pipeline/artifact"
)

func newCat() *cobra.Command {
	var columns string
	var where []string
	var limit int
	cmd := &cobra.Command{
		Use:   "cat TABLE.parquet",
		Short: "rows of a table as text, CSV, JSON or an Arrow stream",
		Example: `  runexp cat results/quick/operating_point.parquet
  runexp cat results/quick/trial.parquet --where model=rm1 --columns rate_qps,p95_ns --limit 10
  runexp cat results/quick/trial.parquet --format arrow > trial.arrows`,
		Args: between(1, 1),
	}
	cmd.Flags().StringVar(&columns, "columns", "", "only these columns, in this order, as `a,b`")
	cmd.Flags().StringArrayVar(&where, "where", nil, "only rows whose column has this value, as `col=value`; repeatable, all must hold")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many rows; 0 means all")
	format := formatFlag(cmd, "table", "csv", "json", "arrow")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		conditions, err := parseWhere(cmd.Name(), where)
		if err != nil {
			return err
		}
		if limit < 0 {
			return usagef("cat: --limit: %d is negative", limit)
		}
		var names []string
		if cmd.Flags().Changed("columns") {
			names = strings.Split(columns, ",")
		}
		rows, err := artifact.ReadAny(args[0], names, conditions, limit)
		if err != nil {
			return err
		}
		w := bufio.NewWriter(cmd.OutOrStdout())
		if err := writeRows(w, rows, format.value); err != nil {
			return err
		}
		return w.Flush()
	}
	return cmd
}

func parseWhere(command string, where []string) ([]artifact.Cond, error) {
	var conditions []artifact.Cond
	for _, s := range where {
		column, value, ok := strings.Cut(s, "=")
		if !ok || column == "" {
			return nil, usagef("%s: --where: %q is not col=value", command, s)
		}
		conditions = append(conditions, artifact.Cond{Column: column, Value: value})
	}
	return conditions, nil
}

func writeRows(w io.Writer, rows artifact.Rows, format string) error {
	switch format {
	case "csv":
		return writeCSV(w, rows)
	case "json":
		return writeJSONRows(w, rows)
	case "arrow":
		return arrowio.WriteStream(w, rows)
	}
	g := &grid{}
	for _, c := range rows.Columns {
		g.header = append(g.header, c.Name)
	}
	for _, row := range rows.Values {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = cell(v)
		}
		g.rows = append(g.rows, cells)
	}
	return g.write(w)
}

// cell writes a value for reading: six digits, "-" for null.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case float64:
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	return fmt.Sprint(v)
}

// writeCSV writes every digit; null is an empty field.
func writeCSV(w io.Writer, rows artifact.Rows) error {
	out := csv.NewWriter(w)
	record := make([]string, len(rows.Columns))
	for i, c := range rows.Columns {
		record[i] = c.Name
	}
	out.Write(record) // an error sticks until Flush
	for _, row := range rows.Values {
		for i, v := range row {
			record[i] = ""
			if f, ok := v.(float64); ok {
				record[i] = strconv.FormatFloat(f, 'g', -1, 64)
			} else if v != nil {
				record[i] = fmt.Sprint(v)
			}
		}
		out.Write(record)
	}
	out.Flush()
	return out.Error()
}

// writeJSONRows writes an array with one object a line, its keys in column
// order. A number that JSON has no word for is null.
func writeJSONRows(w io.Writer, rows artifact.Rows) error {
	var line bytes.Buffer
	fmt.Fprint(w, "[")
	for i, row := range rows.Values {
		line.Reset()
		line.WriteString("\n{")
		for j, v := range row {
			if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
				v = nil
			}
			name, err := json.Marshal(rows.Columns[j].Name)
			if err != nil {
				return err
			}
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			if j > 0 {
				line.WriteByte(',')
			}
			fmt.Fprintf(&line, "%s:%s", name, text)
		}
		line.WriteByte('}')
		if i < len(rows.Values)-1 {
			line.WriteByte(',')
		}
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(w, "\n]\n")
	return err
}
