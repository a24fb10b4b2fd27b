package main

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"runexp/internal/atomicfile"
	"runexp/internal/npz"
	"runexp/models"
)

// inferFlags are the flags of runexp infer.
type inferFlags struct {
	model, tensors, variant, out string
	tol                          float64
}

// inferred is one output tensor and how far it is from the one in the file.
type inferred struct {
	Output string   `json:"output"`
	Shape  []int    `json:"shape"`
	Error  *float64 `json:"error"` // max|got-want| / max|want|; null where there is nothing to compare with, or no number
	Pass   bool     `json:"pass"`
}

func newInfer() *cobra.Command {
	var f inferFlags
	cmd := &cobra.Command{
		Use:   "infer --model FILE.json|NAME --tensors FILE.npz",
		Short: "one forward pass with given weights and inputs",
		Long: `infer runs one forward pass with the weights and inputs of an .npz file, named
as the old release names its blobs: param/..., input/.... If the file holds
output/..., it prints max|got-want| / max|want| per output tensor and fails past
--tol.`,
		Example: `  runexp infer --model rm1.json --tensors rm1.npz --variant release
  runexp infer --model ncf --tensors mine.npz -o scores.npz`,
		Args: between(0, 0),
	}
	cmd.Flags().StringVar(&f.model, "model", "", "model `file`, or the name of a shipped model (required)")
	cmd.Flags().StringVar(&f.tensors, "tensors", "", "weights and inputs, an .npz `file` (required)")
	cmd.Flags().StringVar(&f.variant, "variant", "", "corrected or release; default: what the model file says")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "write the outputs to this .npz `file`")
	cmd.Flags().Float64Var(&f.tol, "tol", 1e-4, "largest error that passes")
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.validate(); err != nil {
			return err
		}
		rows, err := infer(cmd, f)
		if err != nil {
			return err
		}
		if err := printInferred(cmd.OutOrStdout(), rows, format.value); err != nil {
			return err
		}
		if i := slices.IndexFunc(rows, func(r inferred) bool { return !r.Pass }); i >= 0 {
			return fmt.Errorf("%s: output/%s: error %s is past --tol %g", f.tensors, rows[i].Output, rows[i].error(), f.tol)
		}
		return nil
	}
	return cmd
}

func (f inferFlags) validate() error {
	switch {
	case f.model == "":
		return usagef("infer: --model is required")
	case f.tensors == "":
		return usagef("infer: --tensors is required")
	case f.variant != "" && f.variant != "corrected" && f.variant != "release":
		return usagef("infer: --variant: %q is not one of corrected, release", f.variant)
	case !(f.tol >= 0):
		return usagef("infer: --tol: %v is not at least 0", f.tol)
	}
	return nil
}

// infer runs the pass, writes the outputs if asked to and compares them.
func infer(cmd *cobra.Command, f inferFlags) ([]inferred, error) {
	cfg, warnings, err := models.Resolve(f.model)
	if err != nil {
		return nil, err
	}
	warn(cmd, warnings...)
	arrays, err := npz.Read(f.tensors)
	if err != nil {
		return nil, err
	}
	m, batch, err := models.FromTensors(cfg, f.variant, arrays)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.tensors, err)
	}
	defer m.Close()
	outputs, err := m.NewEngine(batch.Size).Run(batch, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.tensors, err)
	}
	if f.out != "" {
		if err := writeOutputs(f.out, outputs); err != nil {
			return nil, err
		}
	}
	var rows []inferred
	for _, o := range outputs {
		row, err := compareOutput(f, o, arrays)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func shapeOf(o models.Output) []int { return []int{len(o.Data) / o.Cols, o.Cols} }

func writeOutputs(path string, outputs []models.Output) error {
	arrays := map[string]npz.Array{}
	for _, o := range outputs {
		arrays["output/"+o.Name] = npz.Array{Shape: shapeOf(o), F32: o.Data}
	}
	return atomicfile.Write(path, func(w io.Writer) error { return npz.Write(w, arrays) })
}

// compareOutput sets an output beside the one that the file expects.
func compareOutput(f inferFlags, o models.Output, arrays map[string]npz.Array) (inferred, error) {
	row := inferred{Output: o.Name, Shape: shapeOf(o), Pass: true}
	a, ok := arrays["output/"+o.Name]
	if !ok {
		return row, nil
	}
	want, err := a.Floats()
	if err != nil {
		return row, fmt.Errorf("%s: output/%s: %w", f.tensors, o.Name, err)
	}
	if len(want) != len(o.Data) {
		return row, fmt.Errorf("%s: output/%s: holds %d values, the model gives %d", f.tensors, o.Name, len(want), len(o.Data))
	}
	e := models.RelativeError(o.Data, want)
	row.Pass = e <= f.tol // a NaN does not pass
	if !math.IsNaN(e) && !math.IsInf(e, 0) {
		row.Error = &e
	}
	return row, nil
}

// error writes the error of an output that was compared.
func (r inferred) error() string {
	switch {
	case r.Error != nil:
		return fmt.Sprintf("%.3g", *r.Error)
	case r.Pass:
		return "-"
	}
	return "NaN"
}

func printInferred(w io.Writer, rows []inferred, format string) error {
	if format == "json" {
		return writeJSON(w, rows)
	}
	g := &grid{header: []string{"output", "shape", "max|got-want|/max|want|", "within --tol"}}
	for _, r := range rows {
		pass := fmt.Sprint(r.Pass)
		if r.error() == "-" {
			pass = "-"
		}
		g.add(r.Output, fmt.Sprintf("%dx%d", r.Shape[0], r.Shape[1]), r.error(), pass)
	}
	return g.write(w)
}
