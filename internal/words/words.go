// Package words finds what a user meant by a misspelt word.
package words

import (
	"fmt"
	"strings"
)

// longest is the length up to which words are compared: no key is longer, and
// the table of edits grows with the square of it.
const longest = 64

// Closest returns the candidate that a user most likely meant by word, or ""
// when none is near: at most one letter in three may differ, and one always;
// else the first that begins or ends with the word. Capitals do not matter.
func Closest(word string, candidates []string) string {
	if len(word) > longest {
		return ""
	}
	word = strings.ToLower(word)
	best, distance := "", max(2, len(word)/3+1)
	for _, c := range candidates {
		if d := edits(word, strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	if best != "" || len(word) < 3 {
		return best
	}
	for _, c := range candidates {
		if lower := strings.ToLower(c); strings.HasPrefix(lower, word) || strings.HasSuffix(lower, word) {
			return c
		}
	}
	return ""
}

// DidYouMean is the end of a message about an unknown word, or "".
func DidYouMean(word string, candidates []string) string {
	if c := Closest(word, candidates); c != "" {
		return fmt.Sprintf(" (did you mean %s?)", c)
	}
	return ""
}

// edits is the number of insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func edits(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replace := d[i-1][j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
