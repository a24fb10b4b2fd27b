package cache

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Hash names an action by printable lines.
type Hash struct{ lines []string }

// Line adds a line. A line break in it is quoted, so that no two lists of lines
// print alike.
func (h *Hash) Line(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if strings.ContainsFunc(line, unicode.IsControl) || strings.HasPrefix(line, `"`) {
		line = strconv.Quote(line)
	}
	h.lines = append(h.lines, line)
}

// Lines returns what was added.
func (h *Hash) Lines() []string { return h.lines }

// ID returns the name of the action.
func (h *Hash) ID() string { return ID(h.lines) }

// ID returns the name of the action with these lines.
func ID(lines []string) string { return Sum([]byte(strings.Join(lines, "\n") + "\n")) }
