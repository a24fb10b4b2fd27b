package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.allowed, "|") }
func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("%q is not one of %s", s, strings.Join(c.allowed, ", "))
	}
	c.value = s
	return nil
}

// formatFlag adds --format; the first word is the default.
func formatFlag(cmd *cobra.Command, words ...string) *choice {
	c := &choice{value: words[0], allowed: words}
	cmd.Flags().Var(c, "format", "form of the output")
	return c
}

// writeJSON writes v indented, with a newline at the end.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// grid is a table of text: a header and rows of as many cells. Columns whose
// cells all start like a number are set flush right.
type grid struct {
	header []string
	rows   [][]string
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// write sets the table with two spaces between columns.
func (g *grid) write(w io.Writer) error {
	ink := inkOn(w)
	widths, right := g.measure()
	var b strings.Builder
	for k, row := range append([][]string{g.header}, g.rows...) {
		line := ""
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if k == 0 {
				cell = ink.paint(bold, cell)
			} else if g.header[i] == "status" {
				cell = ink.paint(statusColour[cell], cell)
			}
			if right[i] {
				line += pad + cell + "  "
			} else {
				line += cell + pad + "  "
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (g *grid) measure() (widths []int, right []bool) {
	widths, right = make([]int, len(g.header)), make([]bool, len(g.header))
	for i, h := range g.header {
		widths[i], right[i] = utf8.RuneCountInString(h), len(g.rows) > 0
	}
	for _, row := range g.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			right[i] = right[i] && numeric(cell)
		}
	}
	return widths, right
}

// numeric reports a cell that reads as a quantity, or that is empty.
func numeric(cell string) bool {
	return cell == "" || cell == "-" || strings.IndexAny(strings.TrimLeft(cell, "+-."), "0123456789") == 0
}

// warn prints one line per warning to stderr.
func warn(cmd *cobra.Command, warnings ...string) {
	for _, text := range warnings {
		fmt.Fprintln(cmd.ErrOrStderr(), inkOn(cmd.ErrOrStderr()).paint(yellow, "runexp: warning:"), text)
	}
}
