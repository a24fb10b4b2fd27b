package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"runexp/stages/record"
)

// scope says which warnings concern a figure: those of the stages behind it
// that name no platform, or one that it shows.
type scope struct {
	stages    []string
	platforms []string
}

// A figure carries so many warnings, each so long; the page has them in full.
const (
	mostNotes   = 3
	longestNote = 180
)

// footnotes are the warnings within a scope.
func (in input) footnotes(s scope) []string {
	known := in.platforms()
	notes := where(in.Warnings, func(w string) bool {
		stage, text, _ := strings.Cut(w, ": ")
		named := where(words(text), func(word string) bool { return slices.Contains(known, word) })
		shown := slices.ContainsFunc(named, func(word string) bool { return slices.Contains(s.platforms, word) })
		return slices.Contains(s.stages, stage) && (len(named) == 0 || shown)
	})
	more := len(notes) - mostNotes
	if more > 0 {
		notes = notes[:mostNotes]
	}
	for i, n := range notes {
		if runes := []rune(n); len(runes) > longestNote {
			notes[i] = strings.TrimRight(string(runes[:longestNote]), " ,;") + " …"
		}
	}
	if more > 0 {
		notes = append(notes, fmt.Sprintf("%d more, listed in report.html", more))
	}
	return notes
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
}

// platforms are the names of all machines in the tables.
func (in input) platforms() []string {
	names := distinct(in.Curve, func(r record.LatencyCurve) string { return r.Platform })
	for _, n := range in.machines() {
		names = append(names, n.CPU, n.Accel)
	}
	return where(names, func(n string) bool { return n != record.None })
}
