package artifact

import (
	"fmt"
	"math"
	"strconv"
)

// Cond keeps the rows whose Column equals Value: a number, true or false, or
// text, read according to the column's type. In a column that may be null,
// "null" is null.
type Cond struct{ Column, Value string }

// keep returns the condition as a function of a value of column c.
func (w Cond) keep(c Column) (func(v any) bool, error) {
	if c.Nullable && w.Value == "null" {
		return func(v any) bool { return v == nil }, nil
	}
	want, err := w.parse(c.Type)
	if err != nil {
		return nil, fmt.Errorf("condition %s=%s: the column is %s", w.Column, w.Value, c.Type)
	}
	if f, ok := want.(float64); ok && math.IsNaN(f) {
		return func(v any) bool { g, ok := v.(float64); return ok && math.IsNaN(g) }, nil
	}
	return func(v any) bool { return v == want }, nil
}

// parse reads the value as one of the types of Rows.
func (w Cond) parse(typ string) (any, error) {
	switch typ {
	case "bool":
		return strconv.ParseBool(w.Value)
	case "int32", "int64":
		return strconv.ParseInt(w.Value, 10, 64)
	case "uint32", "uint64":
		return strconv.ParseUint(w.Value, 10, 64)
	case "float32": // compared as the column stores it
		return strconv.ParseFloat(w.Value, 32)
	case "float64":
		return strconv.ParseFloat(w.Value, 64)
	}
	return w.Value, nil
}
