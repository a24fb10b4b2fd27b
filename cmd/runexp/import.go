package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"runexp/internal/atomicfile"
	"runexp/models"
	"runexp/stages/accel"
)

func newImport() *cobra.Command {
	var own []string
	var platform, out string
	cmd := &cobra.Command{
		Use:   "import latency|raw-log|trace FILE",
		Short: "check a file of your own and write it in the form that experiments take",
		Long: `import checks a file strictly and writes it in the form that an experiment file
names (accel.files, load.arrivals, load.sizes): to stdout, or to the file after -o.

  latency  a CSV of model, platform, batch_size and latency_ms, or transfer_ms and
           compute_ms instead; optionally rep and workers; --model FILE.json makes a
           model of your own known
  raw-log  a log of the old release, results_<model>.txt; --platform says of which
           device
  trace    a CSV or Parquet file of time_s and size, time ascending`,
		Example: `  runexp import latency my_gpu.csv
  runexp import latency shop_gpu.csv --model shop.json -o shop.csv
  runexp import raw-log results_rm1.txt --platform gtx1080ti -o rm1.csv
  runexp import trace queries.parquet -o queries.csv`,
		Args: between(2, 2),
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to this `file`")
	cmd.Flags().StringArrayVar(&own, "model", nil, "of latency: the `file` of a model of your own, repeatable; of a raw-log: its model, by default the file's name after results_")
	cmd.Flags().StringVar(&platform, "platform", "", "of a raw-log: the accelerator it was taken on")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		kind, path := args[0], args[1]
		if err := csvName(out); err != nil {
			return err
		}
		data, err := readBounded(path)
		if err != nil {
			return err
		}
		switch kind {
		case "latency":
			known, _, err := knownWith(cmd, own)
			if err != nil {
				return err
			}
			samples, err := accel.ReadCSV(path, bytes.NewReader(data), known)
			return emitSamples(cmd, out, samples, err)
		case "raw-log":
			if platform == "" {
				return usagef("import: raw-log: --platform is required: the log does not say which device it is of")
			}
			if len(own) > 1 {
				return usagef("import: raw-log: --model: a log is of one model")
			}
			known, names, err := knownWith(cmd, own)
			if err != nil {
				return err
			}
			model := modelOfLog(path)
			if len(names) > 0 {
				model = names[0]
			}
			samples, err := readLog(path, data, known, model, platform)
			return emitSamples(cmd, out, samples, err)
		case "trace":
			return importTrace(cmd, path, data, out)
		}
		return usagef("import: %v", knownWord("kind", kind, []string{"latency", "raw-log", "trace"}))
	}
	return cmd
}

// csvName refuses a name that would have the CSV read as something else.
func csvName(out string) error {
	switch ext := strings.ToLower(filepath.Ext(out)); ext {
	case ".parquet", ".arrow", ".feather", ".json", ".npz":
		return usagef("import: -o: %s: CSV is written, not %s; name it %s.csv", out, ext[1:], strings.TrimSuffix(out, filepath.Ext(out)))
	}
	return nil
}

// knownWith is what the program knows with models of the user's own, and their
// names.
func knownWith(cmd *cobra.Command, own []string) (known accel.Known, names []string, err error) {
	known = accel.Standard()
	for _, file := range own {
		m, warnings, err := models.Resolve(file)
		if err != nil {
			return known, nil, fmt.Errorf("--model: %w", err)
		}
		warn(cmd, warnings...)
		known.Models, names = append(known.Models, m.Name()), append(names, m.Name())
	}
	return known, names, nil
}

// maxImportBytes bounds what is read into memory.
const maxImportBytes = 1 << 30

// readBounded reads a file of the user's, without the path twice in an error.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeDevice != 0 {
		return nil, fmt.Errorf("%s: a device cannot be imported", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxImportBytes+1)) // a pipe has no size to ask for
	if len(data) > maxImportBytes {
		return nil, fmt.Errorf("%s: more than the %d bytes that can be imported", path, maxImportBytes)
	}
	return data, err
}

// modelOfLog is the <model> of results_<model>.txt.
func modelOfLog(path string) string {
	base := filepath.Base(path)
	return strings.TrimPrefix(strings.TrimSuffix(base, filepath.Ext(base)), "results_")
}

func readLog(path string, data []byte, known accel.Known, model, platform string) ([]accel.Sample, error) {
	if err := knownWord("model", model, known.Models); err != nil {
		return nil, fmt.Errorf("%s: %w; give --model", path, err)
	}
	if err := knownWord("platform", platform, known.Accelerators); err != nil {
		return nil, fmt.Errorf("--platform: %w", err)
	}
	return accel.ReadRawLog(path, bytes.NewReader(data), model, platform)
}

// emitSamples writes what was read, unless reading failed.
func emitSamples(cmd *cobra.Command, out string, samples []accel.Sample, err error) error {
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return accel.WriteCSV(w, samples) }
	if out == "" {
		return write(cmd.OutOrStdout())
	}
	if err := atomicfile.Write(out, write); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d latencies; an experiment takes them as accel.files: [%s]\n", out, len(samples), out)
	return err
}
