package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"runexp/internal/atomicfile"
	"runexp/internal/npz"
	"runexp/internal/stream"
	"runexp/models/locality"
)

func newTrace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace profile FILE | trace generate",
		Short: "stack-distance profile of an index trace, and synthetic traces from it",
		Long: `trace is about which rows of an embedding table are looked up, in order. The
profile of a recorded trace is the distribution of its stack distances (how many
different rows since the last access to the same one); a synthetic trace has the
same, so that caches serve it as well, and says nothing else about the recorded
one. profile.index_dist: synthetic:FILE of an experiment measures models on it.`,
		Example: `  runexp trace profile clicks.txt -o clicks.json
  runexp trace generate --profile clicks.json --rows 4000000 --length 100000 -o like_clicks.txt`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return usagef("trace: profile FILE or generate is wanted; see runexp trace -h")
		},
	}
	cmd.AddCommand(newTraceProfile(), newTraceGenerate())
	return cmd
}

func newTraceProfile() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "profile FILE",
		Short:   "the stack-distance profile of an index trace, as JSON",
		Long:    "profile reads the rows that were accessed, one index per line or an .npz archive\nwith one array of integers, and writes how often each stack distance occurs.",
		Example: `  runexp trace profile clicks.txt -o clicks.json`,
		Args:    between(1, 1),
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write the profile to this `file`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		trace, err := locality.ReadTrace(args[0])
		if err != nil {
			return err
		}
		return writeTo(cmd, out, locality.Measure(trace).Write)
	}
	return cmd
}

// generateFlags are the flags of runexp trace generate.
type generateFlags struct {
	profile, out       string
	rows, length, seed int64
}

func newTraceGenerate() *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use:     "generate --profile FILE [--rows N] [--length N]",
		Short:   "a synthetic index trace with the locality of a profile",
		Long:    "generate draws accesses to a table of so many rows whose stack distances follow\na profile, and writes one row per line, or an .npz archive where the file is called\nthat.",
		Example: `  runexp trace generate --profile clicks.json --rows 4000000 --length 100000 --seed 2`,
		Args:    between(0, 0),
	}
	cmd.Flags().StringVar(&f.profile, "profile", "", "a `file` that trace profile wrote (required)")
	cmd.Flags().Int64Var(&f.rows, "rows", 0, "rows of the table (default: as many as the profile's trace used)")
	cmd.Flags().Int64Var(&f.length, "length", 0, "accesses (default: as many as the profile's trace had)")
	cmd.Flags().Int64Var(&f.seed, "seed", 1, "of the random numbers")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "write the trace to this `file`")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.profile == "" {
			return usagef("trace generate: --profile is required")
		}
		trace, err := f.generate()
		if err != nil {
			return err
		}
		if strings.HasSuffix(f.out, ".npz") {
			arrays := map[string]npz.Array{"indices": {Shape: []int{len(trace)}, I32: trace}}
			return writeTo(cmd, f.out, func(w io.Writer) error { return npz.Write(w, arrays) })
		}
		return writeTo(cmd, f.out, func(w io.Writer) error { return locality.WriteTrace(w, trace) })
	}
	return cmd
}

func (f generateFlags) generate() ([]int32, error) {
	p, err := locality.ReadProfile(f.profile)
	if err != nil {
		return nil, err
	}
	if f.rows == 0 {
		f.rows = p.Rows
	}
	if f.length == 0 {
		f.length = p.Accesses
	}
	const longest = 1 << 30
	switch {
	case f.rows < 1 || f.rows > math.MaxInt32:
		return nil, usagef("trace generate: --rows: %d is not in 1..%d", f.rows, math.MaxInt32)
	case f.length < 1 || f.length > longest:
		return nil, usagef("trace generate: --length: %d is not in 1..%d", f.length, longest)
	case f.seed < 0:
		return nil, usagef("trace generate: --seed: %d is negative", f.seed)
	}
	s := locality.NewSynthetic(p, int(f.rows))
	rng := stream.New(uint64(f.seed), "trace/generate")
	trace := make([]int32, f.length)
	for i := range trace {
		trace[i] = s.Next(rng)
	}
	return trace, nil
}

// writeTo writes to a file, and says so, or to standard output.
func writeTo(cmd *cobra.Command, path string, write func(io.Writer) error) error {
	if path == "" {
		return write(cmd.OutOrStdout())
	}
	if err := atomicfile.Write(path, write); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", path)
	return err
}
