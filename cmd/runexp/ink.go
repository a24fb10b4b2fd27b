package main

import (
	"io"
	"os"

	"runexp/pipeline"
)

// Colours of a terminal.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// ink colours what is to be seen first. It is false where text goes to a file
// or a pipe, and where NO_COLOR is set (no-color.org).
type ink bool

func inkOn(w io.Writer) ink { return ink(os.Getenv("NO_COLOR") == "" && isTerminal(w)) }

func (i ink) paint(colour, text string) string {
	if !i || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// statusColour is that of a word in a column of statuses.
var statusColour = map[string]string{
	pipeline.PlanHit: green, pipeline.PlanRun: yellow, pipeline.PlanMaybe: yellow,
	pipeline.Restored: green, pipeline.Same: green, pipeline.Differs: red,
}
