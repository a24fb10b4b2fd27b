package main

import (
	"fmt"
	"slices"
	"strings"

	"runexp/internal/words"
	"runexp/pipeline"
)

// knownStages reports a stage that the experiment does not have.
func knownStages(g *pipeline.Graph, names []string) error {
	var known []string
	for _, s := range g.Stages() {
		known = append(known, s.Name)
	}
	for _, n := range names {
		if err := knownWord("stage", n, known); err != nil {
			return fmt.Errorf("%s: %w", g.Name(), err)
		}
	}
	return nil
}

// knownWord reports a word that is none of those known, with the closest.
func knownWord(kind, word string, known []string) error {
	if slices.Contains(known, word) {
		return nil
	}
	if hint := words.DidYouMean(word, known); hint != "" {
		return fmt.Errorf("unknown %s %q%s", kind, word, hint)
	}
	return fmt.Errorf("unknown %s %q; known: %s", kind, word, strings.Join(known, ", "))
}
