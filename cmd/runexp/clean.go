package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"runexp/pipeline"
)

// cleaned is the answer of runexp clean.
type cleaned struct {
	Dry             bool  `json:"dry_run"`
	Runs            int   `json:"runs"`    // records of runs that no manifest refers to
	Outputs         int   `json:"outputs"` // their files
	Parts           int   `json:"parts"`   // of stages that were stopped
	Unfinished      int   `json:"unfinished"`
	FreedBytes      int64 `json:"freed_bytes"`
	LeftFiles       int   `json:"left_files"`
	LeftBytes       int64 `json:"left_bytes"`
	ReferencedBytes int64 `json:"referenced_bytes"`
}

func newClean() *cobra.Command {
	var results, older, most string
	var dry bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "drop cache entries that no manifest refers to, and unfinished files",
		Long: `clean drops from RESULTS/.cache what no experiment's manifest refers to: outputs of
earlier configurations and of removed experiments, and the finished parts of stages
that were stopped, which start over after that. It also removes the unfinished files
of runs that were killed. What a manifest refers to always stays. While a run uses
the folder nothing is removed.`,
		Example: `  runexp clean --dry-run
  runexp clean
  runexp clean --older-than 30d
  runexp clean --max-size 2GB        # the oldest first, until the cache is that small`,
		Args: between(0, 0),
	}
	cmd.Flags().StringVar(&results, "results", "results", "folder that results are kept in")
	cmd.Flags().StringVar(&older, "older-than", "", "only entries stored longer ago than this `age`: 30d, 12h, 90m")
	cmd.Flags().StringVar(&most, "max-size", "", "only until the cache has this `size` or less: 500MB, 2GB")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "remove nothing, say what would be removed")
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o := pipeline.CleanOptions{MaxBytes: -1, Dry: dry}
		var err error
		if o.OlderThan, err = parseAge(older); err != nil {
			return usagef("clean: --older-than: %v", err)
		}
		if most != "" {
			if o.MaxBytes, err = parseSize(most); err != nil {
				return usagef("clean: --max-size: %v", err)
			}
		}
		c, err := pipeline.Clean(results, o)
		if err != nil {
			return err
		}
		out := cleaned{dry, c.Actions, c.Objects, c.Parts, c.Temps, c.Bytes, c.Left, c.LeftBytes, c.Referenced}
		if format.value == "json" {
			return writeJSON(cmd.OutOrStdout(), out)
		}
		return out.print(cmd.OutOrStdout())
	}
	return cmd
}

func (c cleaned) print(w io.Writer) error {
	verb := "removed"
	if c.Dry {
		verb = "would remove"
	}
	_, err := fmt.Fprintf(w, "%s %sB: %d records of runs, %d outputs, %d parts, %d unfinished files\nleft in the cache: %sB in %d files, of which manifests refer to %sB\n",
		verb, si(float64(c.FreedBytes)), c.Runs, c.Outputs, c.Parts, c.Unfinished,
		si(float64(c.LeftBytes)), c.LeftFiles, si(float64(c.ReferencedBytes)))
	return err
}

// parseAge reads a duration, with days too; "" is none.
func parseAge(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	scale, number := time.Duration(1), text
	if days, ok := strings.CutSuffix(text, "d"); ok {
		scale, number = 24, days+"h"
	}
	age, err := time.ParseDuration(number)
	if err != nil || age < 0 || age > math.MaxInt64/scale {
		return 0, fmt.Errorf("%q is not an age such as 30d or 12h", text)
	}
	return age * scale, nil
}

// parseSize reads a number of bytes with a decimal prefix.
func parseSize(text string) (int64, error) {
	number := strings.TrimSuffix(strings.ToUpper(text), "B")
	scale := 1.0
	for i, prefix := range []string{"K", "M", "G", "T"} {
		if n, ok := strings.CutSuffix(number, prefix); ok {
			number, scale = n, math.Pow(1000, float64(i+1))
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0) || n*scale >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is not a size such as 500MB", text)
	}
	return int64(n * scale), nil
}
