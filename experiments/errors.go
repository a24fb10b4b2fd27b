package experiments

import "fmt"

// Error is one fault of a configuration: where it was written, which key it
// is about, and what is wrong.
type Error struct {
	Where   string // "my.yaml:7", "RUNEXP_SEED", "--set", or an experiment's name
	Key     string // dotted path, or "" for the file as a whole
	Problem string
}

func (e *Error) Error() string {
	if e.Key == "" {
		return e.Where + ": " + e.Problem
	}
	return e.Where + ": " + e.Key + ": " + e.Problem
}

// faultf makes an Error.
func faultf(where, key, format string, args ...any) *Error {
	return &Error{Where: where, Key: key, Problem: fmt.Sprintf(format, args...)}
}
